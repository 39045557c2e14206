"""Django: `"detector.django.DetectorMiddleware"` in MIDDLEWARE, options in settings.DETECTOR.

`"detector.django"` in INSTALLED_APPS adds the system checks and `{% load detector %}`.
"""

from detector.django.middleware import DetectorMiddleware
from detector.django.options import site

__all__ = ["DetectorMiddleware", "site"]
