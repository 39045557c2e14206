"""The dashboard in a Django site: `path("ads/", include(urls(store)))`."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from detector.core.secret import derived
from detector.dashboard.api import PREFIX
from detector.dashboard.site_options import OF_THE_SITE
from detector.dashboard.wsgi import app as dashboard

__all__ = ["staff", "urls"]


def staff(request: HttpRequest) -> bool:
    """Whether Django's own login knows this visitor as staff."""
    user = getattr(request, "user", None)
    return bool(user is not None and user.is_active and user.is_staff)


def urls(
    store: str,
    *,
    allowed: Callable[[HttpRequest], bool] | None = staff,
    password: str = "",
    **options: Any,
) -> list[Any]:
    """Return the URL patterns to include; by default the site's staff may see the page.

    `allowed` is called with the request; with `password` (a hash by detector dashboard --hash) the
    page has a login of its own instead. Other options as for `detector.dashboard.app`.
    """
    guard: dict[str, Any] = {"password": password} if password else {"allowed": lambda _: True}
    options.setdefault("secret", derived(settings.SECRET_KEY))
    detector = getattr(settings, "DETECTOR", {})
    for name in OF_THE_SITE & detector.keys():
        options.setdefault(name, detector[name])
    mounted = dashboard(store, **guard, **options)

    # The forms have tokens of their own, and the pages a policy that Django need not know about.
    def view(request: HttpRequest, path: str) -> HttpResponseBase:
        # The API has tokens of its own.
        by_token = bool(options.get("api_tokens")) and path.startswith(PREFIX.lstrip("/"))
        if not by_token and not password and (allowed is None or not allowed(request)):
            if getattr(getattr(request, "user", None), "is_authenticated", False):
                return HttpResponse("You may not see this page.", status=403)
            return redirect_to_login(request.get_full_path())
        return _answered(mounted, request, path)

    return [re_path(r"^(?P<path>.*)\Z", csrf_exempt(view), name="detector-dashboard")]


def _answered(mounted: Any, request: HttpRequest, path: str) -> HttpResponse:
    """Call the WSGI app; the environ is built here, since under ASGI a request has none."""
    body = request.body
    whole = request.path
    environ = {
        **{name: value for name, value in request.META.items() if isinstance(value, str)},
        "REQUEST_METHOD": request.method or "GET",
        "SCRIPT_NAME": whole.removesuffix(path).rstrip("/"),
        "PATH_INFO": f"/{path}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "https" if request.is_secure() else "http",
        "wsgi.input": BytesIO(body),
    }
    answer = HttpResponse()

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        answer.status_code = int(status.partition(" ")[0])
        for name, value in headers:
            if name == "Set-Cookie":
                answer.cookies.load(value)
            else:
                answer[name] = value

    answer.content = b"".join(mounted(environ, start))
    return answer
