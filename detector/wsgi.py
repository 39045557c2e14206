"""WSGI middleware: answers our URLs before the app and puts the tag into its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from detector.page.headers import Headers
from detector.page.passage import SKIP, TAGGED, Passage, mounted
from detector.responder import Responder
from detector.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["SKIP", "TAGGED", "DetectorMiddleware"]


class DetectorMiddleware:
    """Wraps a WSGI app; `group(environ)` gives a page's route while the app answers.

    Read-only after it is made; all that belongs to one response lives in a `_Page`.
    """

    def __init__(
        self,
        app: WSGIApplication,
        site: Site,
        group: Callable[[WSGIEnvironment], str] | None = None,
    ) -> None:
        self.app = app
        self.site = site
        self.responder = Responder(site)
        self.group = group or (lambda environ: "")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            ours = self._ours(environ)
        except Exception:
            self.site.guard.caught("answering one of our URLs")
            ours = None
        if ours is not None:
            status, headers, body = ours
            start_response(status, headers)
            return [body]
        passage = Passage(
            self.site,
            environ,
            environ["REQUEST_METHOD"],
            _Headers(environ),
            # Now, because an app that shares its environ among sub-apps changes it.
            mount=mounted(environ.get("SCRIPT_NAME", "").encode("latin-1", "replace")),
            group=partial(self.group, environ),
        )
        page = _Page(passage, start_response)
        return page.body(self.app(environ, page.start_response))

    def _ours(self, environ: WSGIEnvironment) -> tuple[str, Headers, bytes] | None:
        # PATH_INFO is bytes read as latin-1 (PEP 3333); ours are ASCII either way.
        path = environ.get("PATH_INFO", "")
        if not path.startswith("/"):
            return None
        response = self.responder.respond(
            environ["REQUEST_METHOD"],
            path,
            environ.get("QUERY_STRING", ""),
            _Headers(environ),
            lambda size: _read(environ, size),
        )
        if response is None:
            return None
        status = f"{response.status} {HTTPStatus(response.status).phrase}"
        return status, response.headers, response.body


class _Page:
    """One response on its way through; `start_response` and `body` are its two ends."""

    def __init__(self, passage: Passage, start: StartResponse) -> None:
        self._passage = passage
        self._start = start
        self._held: tuple[str, Any] | None = None
        self._write: Callable[[bytes], object] | None = None

    def start_response(
        self, status: str, headers: Headers, exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        """Take the app's status and headers, and hold them while the tag's place is unknown."""
        if self._write is not None:
            return self._start(status, headers, exc_info)
        self._held = (status, exc_info)
        self._passage.start(int(status[:3]) if status[:3].isdigit() else 0, headers)
        self._send_start()
        return self._take_written

    def _send_start(self) -> None:
        if self._held is None or self._passage.holds:
            return
        (status, exc_info), self._held = self._held, None
        more = (exc_info,) if exc_info else ()
        self._write = self._start(status, self._passage.headers, *more)

    def _take_written(self, data: bytes) -> None:
        out = self.pass_on(data)
        if out and self._write:
            self._write(out)

    def pass_on(self, chunk: bytes) -> bytes:
        """Give what may leave for a chunk of the app; starts the response when it is decided."""
        out = self._passage.feed(chunk)
        self._send_start()
        return out

    def rest(self) -> bytes:
        """Give what is still held back when the app has ended."""
        out = self._passage.finish()
        self._send_start()
        return out

    def body(self, parts: Iterable[bytes]) -> Iterable[bytes]:
        """Give the response's body; the app's own iterable where it is left alone."""
        if self._write is not None and not self._passage.changes:
            return parts
        if type(parts) is list and len(parts) == 1:
            # A server adds the length by itself only to a list of one part.
            return [self.pass_on(parts[0]) + self.rest()]
        return _Body(self, parts)


class _Body:
    """The app's chunks with the tag among them; closes the app's iterable once."""

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
        """Close what the app gave, as WSGI asks."""
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()


class _Headers:
    """Request headers by lower-case name, read from a WSGI environ only when asked for."""

    __slots__ = ("_environ",)

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._environ = environ

    def get(self, name: str, /) -> str | None:
        """Give a header's value, or None."""
        return self._environ.get("HTTP_" + name.upper().replace("-", "_"))


def _read(environ: WSGIEnvironment, size: int) -> bytes:
    """Read at most `size` bytes of the body, never past a declared end."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isascii() and length.isdigit():
        size = min(size, int(length))
    elif not environ.get("wsgi.input_terminated"):
        return b""
    data: bytes = environ["wsgi.input"].read(size)
    return data
