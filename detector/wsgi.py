"""WSGI middleware: answers our URLs before the app and inserts the tag into its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from detector.core.environ_headers import EnvironHeaders
from detector.core.html.headers import Headers
from detector.core.middleware import HERE, BaseMiddleware, Html, Origin, placed
from detector.core.request import Request
from detector.core.request_body import read_short
from detector.core.response import SKIP, TAGGED, ResponseRewriter, mounted
from detector.core.site import Site
from detector.core.state_cookie import ENVIRON_KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["SKIP", "TAGGED", "DetectorMiddleware", "detector_tag"]


class DetectorMiddleware(BaseMiddleware):
    """Wraps a WSGI app; `options` are those of `detector.Config`, with `secret` required.

    `group(environ)` returns a page's route, `nonce(environ)` the nonce of its policy, and
    `notice_for(environ)` the mode for this page, "" for the configured one; each is called while
    the app responds. `environ["detector.ad_free"] = True` marks a member's page, where nobody is
    looked at or asked. `site` is an existing Site to use instead of options. Raises ConfigError.
    """

    ad_free_key = "detector.ad_free"

    if TYPE_CHECKING:

        def __init__(self, app: WSGIApplication, **options: Any) -> None: ...

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle one request."""
        method, headers = environ["REQUEST_METHOD"], EnvironHeaders(environ)
        # Bytes decoded as latin-1 (PEP 3333); our own paths are ASCII in any case.
        path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
        if self.endpoints.owns(path):
            remote, read = environ.get("REMOTE_ADDR") or "", partial(read_short, environ)
            ours = self.answer(Request(method, path, query, headers, remote, read))
            if ours is not None:
                start_response(f"{ours.status} {HTTPStatus(ours.status).phrase}", ours.headers)
                return [ours.body]
        environ[ENVIRON_KEY] = self.site.state_cookie.read(headers)
        origin = environ.get("SCRIPT_NAME", ""), path
        environ[HERE] = self, origin

        def rewriter() -> ResponseRewriter:
            request = Request(method, path, query, headers)
            return self.rewriter(environ, environ, request, origin)

        page = _Page(self.site, rewriter, start_response)
        parts: Iterable[bytes] = self.app(environ, page.start_response)
        return page.body(parts)

    def mount(self, source: WSGIEnvironment, origin: Origin) -> str:
        """Return the app's mount point, even if the environ was changed on the way in.

        A proxy middleware makes the whole path longer, by a prefix that we need too; passing part
        of it on to a sub-app does not.
        """
        script, path = origin
        whole = source.get("SCRIPT_NAME", "") + source.get("PATH_INFO", "")
        if path and whole.endswith(path):
            script = whole.removesuffix(path)
        return mounted(script.encode("latin-1", "replace"))

    def path(self, origin: Origin) -> str:
        """Return a page's path below the mount, which WSGI decodes as latin-1 (PEP 3333)."""
        return origin[1].encode("latin-1", "replace").decode("utf-8", "replace")


def detector_tag(
    environ: WSGIEnvironment, nonce: str = "", inline: bool = True, notice: str = ""
) -> Html:
    """Return the tag for a template to place at the start of its head; the page gets no other.

    `inline=False` omits the inline line, for a policy that refuses it; `notice` is the mode for
    this page.
    """
    return placed(environ, environ, nonce, inline, notice)


class _Page:
    """One response in progress: `start_response` is for the app, `body` for the server."""

    def __init__(
        self, site: Site, make: Callable[[], ResponseRewriter], start: StartResponse
    ) -> None:
        self._site = site
        self._make = make
        self._start = start
        self._rewriter: ResponseRewriter | None = None
        self._held: tuple[str, Any] | None = None
        self._write: Callable[[bytes], object] | None = None

    def start_response(
        self, status: str, headers: Headers, exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        """Receive the app's status and headers; hold them while the insertion point is unknown."""
        if self._write is not None:
            return self._start(status, headers, exc_info)
        if self._rewriter is None and self._may_be_page(status, headers):
            self._rewriter = self._make()
        if self._rewriter is None:
            more = (exc_info,) if exc_info else ()
            self._write = self._start(status, headers, *more)
            return self._write
        self._held = (status, exc_info)
        self._rewriter.start(int(status[:3]) if status[:3].isdigit() else 0, headers)
        self._send_start()
        return self._receive_written

    def _may_be_page(self, status: str, headers: Headers) -> bool:
        """Whether a response needs a closer look: a cheap check that excludes most others."""
        try:
            for name, value in headers:
                if name.lower() == "content-type" and "html" in value.lower():
                    return True
        except Exception:
            self._site.circuit_breaker.caught("examining a response")
        return status.startswith("304")

    def _send_start(self) -> None:
        if self._held is None or self._rewriter is None or self._rewriter.holds:
            return
        (status, exc_info), self._held = self._held, None
        more = (exc_info,) if exc_info else ()
        self._write = self._start(status, self._rewriter.headers, *more)

    def _receive_written(self, data: bytes) -> None:
        out = self.pass_on(data)
        if out and self._write:
            self._write(out)

    def pass_on(self, chunk: bytes) -> bytes:
        """Process a chunk and return what may be sent; starts the response once it is decided."""
        if self._rewriter is None:
            return chunk
        out = self._rewriter.feed(chunk)
        if self._held:
            self._send_start()
        return out

    def rest(self) -> bytes:
        """Return what is still held back after the app's last chunk."""
        if self._rewriter is None:
            return b""
        out = self._rewriter.finish()
        if self._held:
            self._send_start()
        return out

    def body(self, parts: Iterable[bytes]) -> Iterable[bytes]:
        """Return the response's body: the app's own iterable if it is left alone."""
        if self._write is not None and not (self._rewriter and self._rewriter.changes):
            return parts
        if type(parts) is list and len(parts) == 1:
            # Servers add Content-Length only to a list of one part.
            return [self.pass_on(parts[0]) + self.rest()]
        return _Body(self, parts)


class _Body:
    """The app's chunks with the tag inserted; closes the app's iterable."""

    def __init__(self, page: _Page, parts: Iterable[bytes]) -> None:
        self._parts = parts
        self._chunks = self._run(page, iter(parts))

    @staticmethod
    def _run(page: _Page, parts: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in parts:
            if out := page.pass_on(chunk):
                yield out
        if out := page.rest():
            yield out

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        """Close the app's iterable, as WSGI requires."""
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()
