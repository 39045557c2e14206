"""Requests and answers of the dashboard: WSGI's plain values, and the headers of each answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from detector.dashboard.texts import _, supported

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LONGEST_BODY = 8 * 1024
_LONGEST_QUERY = 2 * 1024


class Refusal(Exception):
    """A request that is not answered; the message is shown."""

    def __init__(self, status: int, text: str, headers: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(text)
        self.status, self.headers = status, tuple(headers)


class Request:
    """One request, parsed once; its Host is not used for links."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        self.environ = environ
        self.method = str(environ.get("REQUEST_METHOD", "GET"))
        self.root = str(environ.get("SCRIPT_NAME", "")).rstrip("/")
        self.path = str(environ.get("PATH_INFO", ""))
        self.client = str(environ.get("REMOTE_ADDR", ""))
        self.language = _language(str(environ.get("QUERY_STRING", "")))
        self.lang = f"?lang={self.language}" if self.language else ""
        self.secure = environ.get("wsgi.url_scheme") == "https"

    def header(self, name: str) -> str:
        """Return a header by its WSGI name, such as HTTP_COOKIE."""
        return str(self.environ.get(name, ""))

    def query(self) -> dict[str, str]:
        """Return the fields of the query; raise Refusal when it is too long."""
        text = self.header("QUERY_STRING")
        if len(text) > _LONGEST_QUERY:
            raise Refusal(414, _("The address is too long."))
        return _fields(text)

    def form(self) -> dict[str, str]:
        """Parse the body of a form; raise Refusal when it is not one."""
        kind = self.header("CONTENT_TYPE").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise Refusal(415, _("Use the form on this page."))
        try:
            length = int(self.header("CONTENT_LENGTH") or "0")
        except ValueError:
            length = -1
        if not 0 <= length <= _LONGEST_BODY:
            raise Refusal(413, _("The form is too long."))
        body: bytes = self.environ["wsgi.input"].read(length)
        return _fields(body.decode("utf-8", "replace"))


def _language(query: str) -> str:
    """Return the language that an address asks for, or ""; a bad query is refused later."""
    found = re.search(r"(?:^|&)lang=([A-Za-z-]{2,20})(?:&|$)", query[:_LONGEST_QUERY])
    return supported(found[1]) if found else ""


def _fields(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=40, errors="replace"))
    except ValueError:
        raise Refusal(400, _("There are too many fields.")) from None


@dataclass(slots=True)
class Answer:
    """One answer; `nonce` is that of its style, if it has one."""

    body: str = ""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    nonce: str = ""
    referrer: str = "same-origin"
    headers: list[tuple[str, str]] = field(default_factory=list)

    def send(self, method: str, start: StartResponse) -> list[bytes]:
        """Send the answer to the server."""
        body = self.body.encode("utf-8")
        style = f"style-src 'nonce-{self.nonce}'; " if self.nonce else ""
        policy = (
            f"default-src 'none'; {style}form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )
        headers = [
            ("Content-Type", self.kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", policy),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", self.referrer),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("X-Robots-Tag", "noindex"),
            ("Vary", "Cookie, Accept-Language"),
            *self.headers,
        ]
        start(f"{self.status} {HTTPStatus(self.status).phrase}", headers)
        return [] if method == "HEAD" else [body]


def redirect(where: str, **more: Any) -> Answer:
    """Return a redirect to another page of ours, by a relative address."""
    return Answer(status=303, headers=[("Location", where)], **more)
