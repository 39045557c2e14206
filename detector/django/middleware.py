"""Django middleware, sync and async: answers our URLs before the site, and tags its pages.

It stands first in MIDDLEWARE, behind only what compresses.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing
from functools import partial
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase

from detector.django import nonce, options
from detector.django.request import MetaHeaders, group_of, marks_of, mount_of, read_body
from detector.page.headers import Headers, first, grown, headless, weak
from detector.page.inject import Injector
from detector.responder import Responder
from detector.site import Guard
from detector.wsgi import SKIP, TAGGED


class DetectorMiddleware:
    """What settings.MIDDLEWARE names; raises ImproperlyConfigured for settings that are wrong."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.site = options.site()
        self.responder = Responder(self.site)
        self._async = iscoroutinefunction(get_response)
        if self._async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer one request."""
        if self._async:
            return self._later(request)
        ours = self._ours(request)
        return self._page(request, self.get_response(request)) if ours is None else ours

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        ours = self._ours(request)
        return self._page(request, await self.get_response(request)) if ours is None else ours

    def _ours(self, request: HttpRequest) -> HttpResponse | None:
        try:
            answer = self.responder.respond(
                request.method,
                "/" + request.path_info.removeprefix("/"),
                request.META.get("QUERY_STRING", ""),
                MetaHeaders(request.META),
                partial(read_body, request),
            )
            if answer is None:
                return None
            response = HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))
            if first(answer.headers, "content-type") is None:
                del response.headers["Content-Type"]
            return response
        except Exception:
            self.site.guard.caught("answering one of our URLs", in_page=False)
            return None

    def _page(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        try:
            self._look(request, response)
        except Exception:
            self.site.guard.caught("looking at a response")
        return response

    def _look(self, request: HttpRequest, response: HttpResponseBase) -> None:
        marks = marks_of(request)
        if isinstance(response, FileResponse):
            marks[SKIP] = True  # the owner's file, not a page; for a detector further out too
        if marks.get(TAGGED) or marks.get(SKIP):
            return
        if response.status_code == 304:
            _revalidate(request, response)
            return
        if "html" not in response.headers.get("Content-Type", "").lower():
            return  # said again by the site's own rules, but here it costs next to nothing
        method = request.method
        if method == "HEAD" and not response.streaming and response.content:
            method = "GET"  # the view answers as to GET, the server drops the body: all is known
        ask = partial(
            self.site.injector,
            method,
            response.status_code,
            request=MetaHeaders(request.META),
            mount=mount_of(request),
            group=group_of(request),
        )
        headers = list(response.items())
        change: Headers = []
        if nonce.may_be_had(request):  # made only when somebody asks, so ask for tagged pages only
            free = [(key, value) for key, value in headers if key.lower() not in nonce.NAMES]
            if ask(headers=free) is None:
                return
            policies, change = nonce.settle(request, response)
            headers = free + policies
        injector = ask(headers=headers)
        if injector is None:
            return
        marks[TAGGED] = True
        if _put(self.site.guard, injector, method, response):
            for name, value in change:
                response.headers[name] = value


def _put(guard: Guard, injector: Injector, method: str, response: HttpResponseBase) -> bool:
    """Put the tag into a response; say whether it was, as far as is known before the body."""
    headers = list(response.items())
    tag = injector.tag
    if method == "HEAD":
        headers = headless(headers)
    elif response.streaming:
        # Nothing of the body is known before the headers leave, so the length goes.
        headers = headless(headers)
        parts = response.streaming_content
        stream = _Stream(guard, injector)
        response.streaming_content = stream.later(parts) if response.is_async else stream.now(parts)
    else:
        page = response.content
        if response.headers.get("Content-Length", str(len(page))) != str(len(page)):
            return False  # a length that lies
        made = injector.feed(page) + injector.finish()
        if not injector.tag:
            return False
        headers = grown(headers, len(tag))
        response.content = made
    _set(response, headers)
    if b' nonce="' in tag:
        # A 304 would bring the next nonce to a page that has this one.
        del response.headers["ETag"], response.headers["Last-Modified"]
    return True


def _set(response: HttpResponseBase, headers: Headers) -> None:
    for name in ("Content-Length", "ETag"):
        value = first(headers, name.lower())
        if value is None:
            del response.headers[name]
        else:
            response.headers[name] = value


class _Stream:
    """The chunks of one streamed page, with the tag among them."""

    def __init__(self, guard: Guard, injector: Injector) -> None:
        self._guard = guard
        self._injector = injector

    def now(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in parts:
            if out := self._step(partial(self._injector.feed, chunk)):
                yield out
        if out := self._step(self._injector.finish):
            yield out

    async def later(self, parts: Any) -> AsyncIterator[bytes]:
        async with aclosing(parts):
            async for chunk in parts:
                if out := self._step(partial(self._injector.feed, chunk)):
                    yield out
        if out := self._step(self._injector.finish):
            yield out

    def _step(self, step: Callable[[], bytes]) -> bytes:
        try:
            return step()
        except Exception:
            self._guard.caught("adding the tag")
            return self._injector.give_up()


def _revalidate(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give a 304 the weak entity tag under which the visitor knows the page."""
    etag = response.headers.get("ETag", "")
    if etag.startswith('"') and weak(etag) in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response.headers["ETag"] = weak(etag)
