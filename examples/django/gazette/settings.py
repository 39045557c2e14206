"""Settings of The Tram Gazette."""

from __future__ import annotations

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ["SECRET_KEY"]  # start generates one and saves it in instance/
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "gazette.urls"

INSTALLED_APPS = ["detector.django", "django.contrib.staticfiles", "gazette"]
MIDDLEWARE = [
    "detector.django.DetectorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
DETECTOR = {"notice": "modal"}  # its secret is derived from SECRET_KEY

TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
STATIC_URL = "static/"
