"""The cost of injection by two well-known packages, with their own code."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from bench.timing import Way

RELOAD = "django-browser-reload"
TOOLBAR = "flask-debugtoolbar"

# This module is Django's URL configuration.
urlpatterns: list[Any] = []


def ways(page: bytes) -> Mapping[str, Way]:
    """Return each package's way of answering with `page`, and the same response without it.

    "… without" is to be subtracted. The toolbar also renders panels; it has none here, and
    the time for its empty frame is "… frame".
    """
    return {**_reload(page), **_toolbar(page)}


def _reload(page: bytes) -> dict[str, Way]:
    import django
    from django.conf import settings
    from django.http import HttpRequest, HttpResponse
    from django.urls import include, path

    urlpatterns[:] = [path("__reload__/", include("django_browser_reload.urls"))]
    settings.configure(DEBUG=True, ROOT_URLCONF=__name__, STATIC_URL="/static/")
    django.setup()
    from django_browser_reload.middleware import BrowserReloadMiddleware

    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(page)

    middleware = BrowserReloadMiddleware(answer)
    request = HttpRequest()
    if b"reload-listener.js" not in middleware(request).content:  # type: ignore[union-attr]
        raise SystemExit(f"bench: {RELOAD} left the page alone")
    return {
        RELOAD: lambda: middleware(request),
        f"{RELOAD} without": lambda: answer(request),
    }


def _toolbar(page: bytes) -> dict[str, Way]:
    import flask
    from flask_debugtoolbar import DebugToolbarExtension

    app = flask.Flask("bench")
    app.config.update(SECRET_KEY="x", DEBUG_TB_PANELS=(), DEBUG_TB_ENABLED=True)
    with warnings.catch_warnings(action="ignore"):
        extension = DebugToolbarExtension(app)
    # For the rest of this process: the toolbar belongs to an active request.
    context = app.test_request_context("/")
    context.push()
    extension.process_request()
    (toolbar,) = extension.debug_toolbars_var.get().values()

    def answer() -> flask.Response:
        return flask.Response(page, mimetype="text/html")

    if len(extension.process_response(answer()).get_data()) <= len(page):
        raise SystemExit(f"bench: {TOOLBAR} left the page alone")
    return {
        TOOLBAR: lambda: extension.process_response(answer()),
        f"{TOOLBAR} without": answer,
        f"{TOOLBAR} frame": toolbar.render_toolbar,
    }
