"""Rewrites one response, for every adapter: takes start and chunks, returns what may be sent.

None of our errors leaves this object: the response is then sent as the app made it.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from detector.core.html.headers import Headers, by_name, grown, headless, revalidated, unstored
from detector.core.html.injector import Injector
from detector.core.html.page_info import NO_PAGE_INFO, PageInfo
from detector.core.request import Request
from detector.core.site import Site

# Keys of the marks that a request carries through all detectors around its app, of whatever
# version: the innermost one tags the page, and a page may opt out.
TAGGED = "detector.tagged"
SKIP = "detector.skip"


class ResponseRewriter:
    """Created at the request; then call `start`, `feed` for each chunk, and `finish`, in order.

    While `holds` is true, status and headers must wait; then `headers` are those to send. `marks`
    belongs to the request.
    """

    def __init__(
        self,
        site: Site,
        marks: MutableMapping[str, Any],
        request: Request,
        page: PageInfo = NO_PAGE_INFO,
    ) -> None:
        self.site, self.marks, self.request = site, marks, request
        self.headers: Headers = []
        self._page = page
        self._injector: Injector | None = None
        self._tagged = False
        self._declared: int | None = None
        self._seen = 0

    @property
    def holds(self) -> bool:
        """Whether the insertion point is still unknown, so that nothing may be sent yet."""
        return self._injector is not None and not self._injector.decided

    @property
    def changes(self) -> bool:
        """Whether the body must pass through `feed`; if not, it may be sent by any means."""
        return self._injector is not None

    def start(self, status: int, headers: Headers) -> None:
        """Process status and headers; again if the app replaces them before they are sent."""
        self.headers = headers
        self._injector = None
        try:
            self._injector = self._choose_injector(status, headers)
        except Exception:
            self.site.circuit_breaker.caught("examining a response")

    def feed(self, chunk: bytes) -> bytes:
        """Process a chunk and return the bytes that may be sent now, possibly none."""
        if self._injector is None or self._injector.decided:
            return chunk
        # A server may accept other buffers too; the walk needs bytes.
        chunk = chunk if isinstance(chunk, bytes) else bytes(chunk)
        self._seen += len(chunk)
        if self._declared is not None and self._seen > self._declared:
            return self.give_up() + chunk
        return self._step(Injector.feed, chunk)

    def finish(self) -> bytes:
        """End the body and return what was held back."""
        if not self.holds:
            return b""
        if self._declared not in (None, self._seen):
            return self.give_up()
        return self._step(Injector.finish)

    def give_up(self) -> bytes:
        """Return what was held back, unchanged: the rest of the body will not pass through here."""
        return self._step(Injector.give_up) if self.holds else b""

    def _choose_injector(self, status: int, headers: Headers) -> Injector | None:
        if (self.marks.get(TAGGED) and not self._tagged) or self.marks.get(SKIP):
            return None
        if status == 304:
            self.headers = revalidated(headers, self.request.headers.get("if-none-match"))
            return None
        seen = by_name(headers)
        injector = self.site.tagger.injector(self.request, status, seen, self._page)
        if injector is None:
            return None
        self.marks[TAGGED] = self._tagged = True
        if injector.private:
            # Even if there turns out to be no insertion point: headers may have to be sent before.
            self.headers = headers = unstored(headers)
        if self.request.method == "HEAD":
            self.headers = _unvalidated(headless(headers), injector.tag)
            return None
        # A body that does not have its declared length is left unchanged.
        declared = seen.get("content-length")
        self._declared, self._seen = (int(declared[0]) if declared else None), 0
        return injector

    def _step(self, step: Callable[..., bytes], *chunk: bytes) -> bytes:
        injector = self._injector
        assert injector is not None
        try:
            out = step(injector, *chunk)
        except Exception:
            self.site.circuit_breaker.caught("adding the tag")
            out = injector.give_up()
        if injector.decided and injector.tag:
            self.site.placed(injector)
            self.headers = _unvalidated(grown(self.headers, len(injector.tag)), injector.tag)
        return out


def _unvalidated(headers: Headers, tag: bytes) -> Headers:
    """Return headers without validators if the tag has a nonce.

    A 304 would combine the next nonce with a cached page that has this one.
    """
    if b' nonce="' not in tag:
        return headers
    return [(k, v) for k, v in headers if k.lower() not in ("etag", "last-modified")]


@lru_cache(maxsize=64)
def mounted(path: str | bytes) -> str:
    """Return the path that an app is mounted under, URL-quoted; "" for a whole host.

    It starts with exactly one slash: with two, a browser would read a host, and a proxy may get the
    path from a header that anyone can send.
    """
    inside = quote(path, safe="/~!$&'()*+,;=:@").strip("/")
    return inside and "/" + inside
