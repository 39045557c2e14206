"""One random response sent through each middleware in this process, and the output.

Each middleware is created once, around an app that answers with the response in its request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory, override_settings

import tests.support.django_site  # configures Django
from bench.attack.calling import AppError, Out, call_asgi, call_wsgi, watch_errors
from bench.attack.made import Made
from detector.asgi import DetectorMiddleware as Asgi
from detector.core.config.loading import make_config
from detector.core.site import Site
from detector.django import DetectorMiddleware as Django
from detector.wsgi import DetectorMiddleware as Wsgi
from tests.conftest import SECRET
from tests.support.calls import scope_of

assert tests.support.django_site.OURS


class Adapters:
    """The three middleware, each around an app; `caught` are the detector's own errors."""

    def __init__(self, **options: Any) -> None:
        options = {"secret": SECRET, **options}
        self.caught: list[str] = []
        self._stack = ExitStack()
        self._stack.enter_context(override_settings(BASE_DIR=None, DETECTOR=options))
        self._requests = RequestFactory()
        wsgi, asgi = (Site(make_config(**options)) for _ in range(2))
        self.wsgi, self.asgi = Wsgi(_wsgi, site=wsgi), Asgi(_asgi, site=asgi)
        self.django = Django(_django)
        self.sites = (wsgi, asgi, self.django.site)
        for site in self.sites:
            watch_errors(site, self.caught)
        self.all: dict[str, Callable[[Made], Out]] = {
            "WSGI": self.through_wsgi,
            "ASGI": self.through_asgi,
            "Django": self.through_django,
        }

    def close(self) -> None:
        """Close the sites and restore Django's settings."""
        for site in self.sites:
            site.close()
        self._stack.close()

    def fitting(self, made: Made) -> dict[str, Callable[[Made], Out]]:
        """Return the adapters that support a response: Django's headers are a mapping."""
        names = [name.lower() for name, _ in made.headers]
        simple = len(set(names)) == len(names) and all(value.isascii() for _, value in made.headers)
        return {name: send for name, send in self.all.items() if simple or name != "Django"}

    def through_wsgi(self, made: Made) -> Out:
        """Send a response through the WSGI middleware."""
        environ = {"PATH_INFO": "/", "QUERY_STRING": made.query, "REQUEST_METHOD": made.method}
        environ |= _meta(made)
        return call_wsgi(self.wsgi, {**environ, "made": made})

    def through_asgi(self, made: Made) -> Out:
        """Send a response through the ASGI middleware."""
        more = {"headers": made.request, "query_string": made.query.encode(), "made": made}
        return call_asgi(self.asgi, scope_of("/", made.method, **more))

    def through_django(self, made: Made) -> Out:
        """Send a response through Django's middleware, as its handler does."""
        request = self._requests.generic(made.method, "/", QUERY_STRING=made.query, **_meta(made))
        parts: list[bytes] = []
        response = self.django(_with(request, made))
        assert isinstance(response, HttpResponseBase)
        error = ""
        try:
            source = response.streaming_content if response.streaming else [response.content]
            parts.extend(source)
        except AppError:
            error = "AppError"
        except Exception as ours:
            error = repr(ours)
        headers = [(name.lower(), value) for name, value in response.items()]
        return Out(response.status_code, headers, b"".join(parts), error)


def _meta(made: Made) -> dict[str, str]:
    return {"HTTP_" + k.upper().replace("-", "_"): v for k, v in made.request.items()}


def _with(request: Any, made: Made) -> Any:
    request.made = made
    return request


def _parts(made: Made) -> Iterator[bytes]:
    for number, chunk in enumerate(made.chunks):
        if number == made.fails:
            raise AppError
        yield chunk
    if made.fails == len(made.chunks):
        raise AppError


def _wsgi(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    made: Made = environ["made"]
    write = start(f"{made.status} Said", list(made.headers))
    if made.shape == "write":
        for chunk in _parts(made):
            write(chunk)
        return []
    if made.shape == "generator":
        return _parts(made)
    return (tuple if made.shape == "tuple" else list)(_parts(made))


async def _asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    made: Made = scope["made"]
    headers = [(k.lower().encode(), v.encode("latin-1")) for k, v in made.headers]
    await send({"type": "http.response.start", "status": made.status, "headers": headers})
    body = partial(dict[str, Any], type="http.response.body")
    for chunk in _parts(made):
        await send(body(body=chunk, more_body=True))
    await send(body(body=b"", more_body=False))


def _django(request: Any) -> HttpResponseBase:
    made: Made = request.made
    several = len(made.chunks) > 1 or made.fails >= 0
    kind = StreamingHttpResponse if several else HttpResponse
    response = kind(_parts(made) if several else made.body, status=made.status)
    del response.headers["Content-Type"]
    for name, value in made.headers:
        response.headers[name] = value
    return response
