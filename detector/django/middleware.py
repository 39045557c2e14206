"""Django middleware, sync and async: answers our URLs before the site, and tags its pages.

It must come first in MIDDLEWARE, after compressing middleware only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing
from functools import partial
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase

from detector.core.environ_headers import EnvironHeaders
from detector.core.html.headers import Headers, by_name, first, headless, is_of_storing
from detector.core.middleware import BaseMiddleware, Origin
from detector.core.request import Request
from detector.core.response import SKIP, TAGGED, ResponseRewriter
from detector.django import nonce, options
from detector.django.request import (
    group_of,
    marks_of,
    mount_of,
    read_body,
    wanted_by,
)


class DetectorMiddleware(BaseMiddleware):
    """The class for settings.MIDDLEWARE; raises ImproperlyConfigured for wrong settings."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response, site=options.site())
        self.get_response = get_response
        self._async = iscoroutinefunction(get_response)
        if self._async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Handle one request."""
        if self._async:
            return self._respond_async(request)
        ours = self._ours(request)
        return self._page(request, self.get_response(request)) if ours is None else ours

    def route(self, source: HttpRequest) -> str:
        """Return the route template of the view."""
        return group_of(source)

    def wanted(self, source: HttpRequest) -> str:
        """Return what the view asks for its page."""
        return wanted_by(source)

    def mount(self, source: HttpRequest, origin: Origin) -> str:
        """Return the path that the site is mounted under."""
        return mount_of(source)

    async def _respond_async(self, request: HttpRequest) -> HttpResponseBase:
        ours = self._ours(request)
        return self._page(request, await self.get_response(request)) if ours is None else ours

    def _ours(self, request: HttpRequest) -> HttpResponse | None:
        headers = EnvironHeaders(request.META)
        request.ad_state = self.site.state_cookie.read(headers)
        answer = self.answer(
            Request(
                request.method or "",
                "/" + request.path_info.removeprefix("/"),
                request.META.get("QUERY_STRING", ""),
                headers,
                request.META.get("REMOTE_ADDR") or "",
                partial(read_body, request),
            )
        )
        if answer is None:
            return None
        response = HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))
        if first(answer.headers, "content-type") is None:
            del response.headers["Content-Type"]
        return response

    def _page(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        try:
            self._rewrite(request, response)
        except Exception:
            self.site.circuit_breaker.caught("examining a response")
        return response

    def _rewrite(self, request: HttpRequest, response: HttpResponseBase) -> None:
        marks = marks_of(request)
        if isinstance(response, FileResponse):
            marks[SKIP] = True  # the owner's file, not a page; also tells an outer detector
        if marks.get(TAGGED) or marks.get(SKIP):
            return
        # Cheap early exit; the site's own rules check this again.
        html = "html" in response.headers.get("Content-Type", "").lower()
        if not html and response.status_code != 304:
            return
        method = request.method or ""
        if method == "HEAD" and not response.streaming and response.content:
            method = "GET"  # the view has rendered the body, which the server drops: all is known
        origin = ("", request.path_info)
        query = request.META.get("QUERY_STRING", "")
        asked = Request(method, request.path_info, query, EnvironHeaders(request.META))
        rewriter = self.rewriter(request, marks, asked, origin)
        headers, change = self._policies(request, response, rewriter)
        rewriter.start(response.status_code, headers)
        tagged = rewriter.changes and _put(rewriter, response)
        if response.status_code == 304 or method == "HEAD":
            _set(response, rewriter.headers)
            tagged = bool(marks.get(TAGGED))
        if not tagged:
            return
        for name, value in change:
            response.headers[name] = value
        if nonce.permissions_of(headers).nonce:
            # A 304 would combine the next nonce with a cached page that has this one.
            del response.headers["ETag"], response.headers["Last-Modified"]

    def _policies(
        self, request: HttpRequest, response: HttpResponseBase, rewriter: ResponseRewriter
    ) -> tuple[Headers, Headers]:
        """Return the headers that the page will have, and those of them to be set."""
        headers = list(response.items())
        if not nonce.may_be_had(request):
            return headers, []
        # Reading the nonce creates it, so it is read only for pages that get the tag.
        free = [(key, value) for key, value in headers if key.lower() not in nonce.NAMES]
        status, seen = response.status_code, by_name(free)
        if not self.site.tagger.injector(rewriter.request, status, seen):
            return headers, []
        policies, change = nonce.settle(request, response)
        return free + policies, change


def _put(rewriter: ResponseRewriter, response: HttpResponseBase) -> bool:
    """Insert the tag into a body; return whether it was, presumably so for a streamed body."""
    if response.streaming:
        # The body is unknown when the headers are sent, so the length is removed.
        _set(response, headless(rewriter.headers))
        parts = response.streaming_content
        stream = _async_stream if response.is_async else _stream
        response.streaming_content = stream(rewriter, parts)
        return True
    page = response.content
    made = rewriter.feed(page) + rewriter.finish()
    if len(made) == len(page):
        return False
    response.content = made
    _set(response, rewriter.headers)
    return True


def _set(response: HttpResponseBase, headers: Headers) -> None:
    storing = [name for name in response.headers if is_of_storing(name.lower())]
    for name in {"Content-Length", "Accept-Ranges", "Cache-Control", *storing}:
        value = first(headers, name.lower())
        if value is None:
            del response.headers[name]
        else:
            response.headers[name] = value


def _stream(rewriter: ResponseRewriter, parts: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in parts:
        if out := rewriter.feed(chunk):
            yield out
    if out := rewriter.finish():
        yield out


async def _async_stream(rewriter: ResponseRewriter, parts: Any) -> AsyncIterator[bytes]:
    async with aclosing(parts):
        async for chunk in parts:
            if out := rewriter.feed(chunk):
                yield out
    if out := rewriter.finish():
        yield out
