"""WSGI middleware: answers our URLs before the app and puts the tag into its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from detector.page.headers import Headers, first, grown, headless, weak
from detector.page.inject import Injector
from detector.responder import Responder
from detector.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Set in the environ by the innermost detector: every version of this module keeps to it.
TAGGED = "detector.tagged"
SKIP = "detector.skip"


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
            self.site.guard.caught("answering one of our URLs", in_page=False)
            ours = None
        if ours is not None:
            status, headers, body = ours
            start_response(status, headers)
            return [body]
        page = _Page(self, environ, start_response)
        try:
            body_parts = self.app(environ, page.start_response)
        except BaseException:
            page.abandon()
            raise
        return page.body(body_parts)

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

    def __init__(
        self, outer: DetectorMiddleware, environ: WSGIEnvironment, start: StartResponse
    ) -> None:
        self._outer = outer
        self._environ = environ
        self._start = start
        self._injector: Injector | None = None
        self._held: tuple[str, Headers, Any] | None = None
        self._write: Callable[[bytes], object] | None = None
        self._started = False

    def start_response(
        self, status: str, headers: Headers, exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        """Take the app's status and headers, and hold them while the tag's place is unknown."""
        if self._started and self._write is not None:
            return self._start(status, headers, exc_info)
        self._held = (status, headers, exc_info)
        try:
            self._injector = self._prepare(status, headers)
        except Exception:
            self._injector = None
            self._outer.site.guard.caught("looking at a response")
        if self._injector is None:
            self._send_start(0)
        return self._take_written

    def _prepare(self, status: str, headers: Headers) -> Injector | None:
        environ = self._environ
        if environ.get(TAGGED) or environ.get(SKIP):
            return None
        code = int(status[:3])
        request = _Headers(environ)
        if code == 304:
            self._held = (status, _revalidated(headers, request.get("if-none-match")), None)
            return None
        method = environ["REQUEST_METHOD"]
        injector = self._outer.site.injector(
            method,
            code,
            headers,
            request,
            mount=_quoted(environ.get("SCRIPT_NAME", "")),
            group=self._outer.group(environ),
        )
        if injector is None:
            return None
        environ[TAGGED] = True
        if method == "HEAD":
            self._held = (status, headless(headers), None)
            return None
        return injector

    def _send_start(self, grow: int) -> None:
        if self._held is None:
            return
        status, headers, exc_info = self._held
        self._held = None
        self._started = True
        if grow:
            headers = grown(headers, grow)
        if exc_info:
            self._write = self._start(status, headers, exc_info)
        else:
            self._write = self._start(status, headers)

    def _take_written(self, data: bytes) -> None:
        out = self.pass_on(data)
        if out and self._write:
            self._write(out)

    def pass_on(self, chunk: bytes) -> bytes:
        """Give what may leave for a chunk of the app; starts the response when it is decided."""
        injector = self._injector
        if injector is None or injector.decided:
            return chunk
        try:
            out = injector.feed(chunk)
        except Exception:
            self._outer.site.guard.caught("adding the tag")
            out = injector.give_up()
        if injector.decided:
            self._send_start(len(injector.tag))
        return out

    def rest(self) -> bytes:
        """Give what is still held back when the app has ended."""
        injector = self._injector
        if injector is None or injector.decided:
            return b""
        try:
            out = injector.finish()
        except Exception:
            self._outer.site.guard.caught("adding the tag")
            out = injector.give_up()
        self._send_start(len(injector.tag))
        return out

    def abandon(self) -> None:
        """Forget what is held: the app failed, and its server answers."""
        self._held = None

    def body(self, parts: Iterable[bytes]) -> Iterable[bytes]:
        """Give the response's body; the app's own iterable where it is left alone."""
        if self._started and self._injector is None:
            return parts
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


def _revalidated(headers: Headers, if_none_match: str | None) -> Headers:
    """Give a 304 the weak entity tag under which the visitor knows the page."""
    etag = first(headers, "etag")
    if etag and not etag.startswith("W/") and weak(etag) in (if_none_match or ""):
        return [(k, weak(v) if k.lower() == "etag" else v) for k, v in headers]
    return headers


def _quoted(script_name: str) -> str:
    return quote(script_name.encode("latin-1", "replace"), safe="/~!$&'()*+,;=:@")
