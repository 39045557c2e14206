"""Registers the system checks and the template tags with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks

from detector.django.checks import check_middleware, check_options


class DetectorConfig(AppConfig):  # type: ignore[misc]  # Django ships no types
    """The app that `"detector.django"` in INSTALLED_APPS refers to."""

    name = "detector.django"
    # Django would derive "django" from the name.
    label = "detector"
    verbose_name = "Detector"

    def ready(self) -> None:
        """Register the checks."""
        checks.register(check_options, "detector")
        checks.register(check_middleware, "detector")
