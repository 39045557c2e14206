"""Serves The Tram Gazette with waitress; the port is the only argument."""

from __future__ import annotations

import os
import signal
import sys

import waitress
from django.core.wsgi import get_wsgi_application

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gazette.settings")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # as Ctrl+C does: counts are written
    waitress.serve(get_wsgi_application(), host="127.0.0.1", port=int(sys.argv[1]))
