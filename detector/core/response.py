"""One response on its way out, the same for every adapter: start and chunks in, what may leave out.

No error of ours leaves this object: the response then goes on as the app made it.
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

# Keys of the marks that one request carries through every detector around its app, whatever its
# version: the innermost one tags the page, and a page may ask for none.
TAGGED = "detector.tagged"
SKIP = "detector.skip"


class ResponseRewriter:
    """Made at the request; then `start`, `feed` for each chunk, and `finish`, in this order.

    While `holds`, status and headers must wait. After it, `headers` are those that may leave.
    `marks` belongs to the request.
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
        """Whether the tag's place is still unknown, so that nothing may leave yet."""
        return self._injector is not None and not self._injector.decided

    @property
    def changes(self) -> bool:
        """Whether the body must go through `feed`; else it may leave by any way."""
        return self._injector is not None

    def start(self, status: int, headers: Headers) -> None:
        """Take status and headers; once more where the app changes its mind before they left."""
        self.headers = headers
        self._injector = None
        try:
            self._injector = self._look(status, headers)
        except Exception:
            self.site.circuit_breaker.caught("looking at a response")

    def feed(self, chunk: bytes) -> bytes:
        """Take a chunk and give the bytes that may leave now, possibly none."""
        if self._injector is None or self._injector.decided:
            return chunk
        # A server may take other buffers too; the walk wants bytes.
        chunk = chunk if isinstance(chunk, bytes) else bytes(chunk)
        self._seen += len(chunk)
        if self._declared is not None and self._seen > self._declared:
            return self.give_up() + chunk
        return self._step(Injector.feed, chunk)

    def finish(self) -> bytes:
        """Say that no chunk follows and give what was held back."""
        if not self.holds:
            return b""
        if self._declared not in (None, self._seen):
            return self.give_up()
        return self._step(Injector.finish)

    def give_up(self) -> bytes:
        """Return what was held back, untouched: the body goes on by a way that cannot be read."""
        return self._step(Injector.give_up) if self.holds else b""

    def _look(self, status: int, headers: Headers) -> Injector | None:
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
            # Also where the tag finds no place in the end: headers may have to leave before.
            self.headers = headers = unstored(headers)
        if self.request.method == "HEAD":
            self.headers = _unvalidated(headless(headers), injector.tag)
            return None
        # A body that lies about its length is left as it is.
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
    """Return headers without validators where the tag has a nonce.

    A 304 would bring the next nonce to a page that has this one.
    """
    if b' nonce="' not in tag:
        return headers
    return [(k, v) for k, v in headers if k.lower() not in ("etag", "last-modified")]


@lru_cache(maxsize=64)
def mounted(path: str | bytes) -> str:
    """Return the path that an app is mounted under as a URL has it, "" for a whole host.

    One slash at its start: with two a browser takes it for a host, and a proxy may have the path
    from a header that anybody can send.
    """
    inside = quote(path, safe="/~!$&'()*+,;=:@").strip("/")
    return inside and "/" + inside
