"""A tiny Django project in one file, for tests in this process and for real servers.

Real servers start it as `tests.support.django_site:wsgi` and `…:asgi`; the folder of the counts is
set by SITE_FOLDER, the seconds between two writes by SITE_FLUSH.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import include, path, re_path

from tests.conftest import SECRET

PAGE = "<!doctype html><html><head><title>x</title></head><body>text</body></html>"
PARTS = ["<!doctype html><ht", "ml><he", "ad>", "<title>x</title>", "more"]
OURS = "detector.django.DetectorMiddleware"
COMMON = "django.middleware.common.CommonMiddleware"
BY_HAND = (
    "{% load detector %}<!doctype html><html><head><meta charset=utf-8>{% detector_tag %}"
    "<title>x</title></head><body>{% detector_tag %}</body></html>"
)

if not settings.configured:
    settings.configure(
        SECRET_KEY="a key for tests",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.support.django_site",
        MIDDLEWARE=[OURS, COMMON],
        INSTALLED_APPS=["detector.django"],
        DETECTOR={"secret": SECRET, "flush_seconds": float(os.environ.get("SITE_FLUSH", 0.2))},
        BASE_DIR=Path(os.environ["SITE_FOLDER"]) if "SITE_FOLDER" in os.environ else None,
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "context_processors": ["django.template.context_processors.request"],
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"by_hand.html": BY_HAND})
                    ],
                },
            }
        ],
    )
    django.setup()


def home(request: HttpRequest) -> HttpResponse:
    """Return a page whose headers are the fields of the query."""
    response = HttpResponse(PAGE, headers=dict(request.GET.items()))
    response.set_cookie("theme", "dark")
    return response


def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Return a page with a route."""
    return HttpResponse(PAGE)


def data(request: HttpRequest) -> HttpResponse:
    """Return a response that is not a page."""
    return JsonResponse({"a": 1})


def stream(request: HttpRequest) -> HttpResponseBase:
    """Yield a page part by part; fail midway when the query asks for it."""
    closed: list[bool] = []
    request.META["closed"] = closed

    def parts() -> Iterator[str]:
        try:
            yield from PARTS
            if "fail" in request.GET:
                raise RuntimeError("midway")
        finally:
            closed.append(True)

    length = {"Content-Length": str(len("".join(PARTS)))} if "length" in request.GET else None
    return StreamingHttpResponse(parts(), headers=length)


async def later(request: HttpRequest) -> HttpResponseBase:
    """Yield a page part by part, in an async view."""

    async def parts() -> AsyncIterator[str]:
        for part in PARTS:
            yield part

    return StreamingHttpResponse(parts())


def file(request: HttpRequest) -> HttpResponseBase:
    """Send the owner's own file."""
    own = Path(settings.BASE_DIR) / "own.html"
    own.write_text(PAGE)
    return FileResponse(own.open("rb"))


def by_hand(request: HttpRequest) -> HttpResponse:
    """Return a page whose template places the tag."""
    return render(request, "by_hand.html")


def broken(request: HttpRequest) -> HttpResponse:
    """Fail."""
    raise RuntimeError("the site's own error")


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the site's own page for errors."""
    return HttpResponse(PAGE, status=500)


urlpatterns: list[Any] = [
    path("", home),
    path("article/<slug:slug>/", article),
    re_path(r"^old/(?P<slug>[a-z]+)/$", article),
    path("section/", include([path("one/", article, {"slug": "one"})])),
    path("data", data),
    path("stream", stream),
    path("later", later),
    path("file", file),
    path("by-hand", by_hand),
    path("broken", broken),
]
handler500 = server_error

wsgi = get_wsgi_application()
asgi = get_asgi_application()
