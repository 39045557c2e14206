"""How two well-known packages inject, by their own code: what that adds to a page of theirs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from bench.timing import Way

RELOAD = "django-browser-reload"
TOOLBAR = "flask-debugtoolbar"

# Django takes a module for the site's URLs; this one.
urlpatterns: list[Any] = []


def ways(page: bytes) -> Mapping[str, Way]:
    """Return each package's way of answering with `page`, and the same answer without it.

    "… without" belongs off its other one. The toolbar also draws its panels; it has none here, and
    what its empty frame takes is "… frame".
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
    # For as long as this process lasts: the toolbar belongs to a request under way.
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
