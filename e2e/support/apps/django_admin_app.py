"""Django's admin with django-debug-toolbar, which inserts itself into every page as well."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.test.utils import override_settings

from e2e.support.apps.twice import serve_wsgi

MIDDLEWARE = [
    "debug_toolbar.middleware.DebugToolbarMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
APPS = ["admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"]
PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
urlpatterns: list[Any] = []


def configure(folder: Path) -> None:
    """Set up the one-file project."""
    settings.configure(
        DEBUG=True,
        SECRET_KEY="one key for both, plain and not",
        ALLOWED_HOSTS=["*"],
        BASE_DIR=folder,
        ROOT_URLCONF=__name__,
        MIDDLEWARE=MIDDLEWARE,
        INSTALLED_APPS=[f"django.contrib.{app}" for app in APPS]
        + ["debug_toolbar", "detector.django"],
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "admin.db"}
        },
        MIGRATION_MODULES=dict.fromkeys(
            [*APPS, "debug_toolbar"]
        ),  # all tables at once, without migrations
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        STATIC_URL="/static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": PROCESSORS},
            }
        ],
        DEBUG_TOOLBAR_CONFIG={"SHOW_TOOLBAR_CALLBACK": lambda request: True},
    )
    django.setup()


def main(folder: Path) -> None:
    """Create the data and serve the admin; print the cookie of a logged-in user."""
    configure(folder)
    from debug_toolbar.toolbar import debug_toolbar_urls
    from django.contrib import admin
    from django.contrib.auth.models import Group, User
    from django.test import Client
    from django.urls import path

    urlpatterns.extend([path("admin/", admin.site.urls), *debug_toolbar_urls()])
    call_command("migrate", run_syncdb=True, verbosity=0)
    editor = User.objects.create_superuser("editor")
    for number in range(1, 31):
        Group.objects.create(name=f"Group {number}")
    visitor = Client()
    visitor.force_login(editor)
    plain = StaticFilesHandler(WSGIHandler())
    with override_settings(MIDDLEWARE=["detector.django.DetectorMiddleware", *MIDDLEWARE]):
        ours = StaticFilesHandler(WSGIHandler())
    serve_wsgi(plain, ours, session=visitor.cookies["sessionid"].value)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
