"""Random responses of apps, valid and invalid, and the requests that they answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from detector.core.html.headers import Headers
from tests.conftest import FIREFOX, GOOGLEBOT

PIECES = (
    *(b"<!doctype html>", b"<!DOCTYPE HTML PUBLIC '-//x'>", b"<html>", b"<html lang='>'>"),
    *(b"<html a=b/>", b"<head>", b"<HEAD >", b"</head>", b"<header>", b"<body>", b"<frameset>"),
    *(b"<!--", b"-->", b"<!-->", b"--!>", b">", b"<", b"=", b'"', b"'", b"\xef\xbb\xbf", b" "),
    *(b"\n", b"\x00", b"\xff", b"\xc3\xa9", b"<title>x</title>", b"<script>'<head>'</script>"),
    *(b"<base href=//foreign.example/>", b"<meta charset=utf-8>", b"text"),
)
ORDINARY = b"<!doctype html><html lang=en><head><title>x</title></head><body>"
TYPES = (
    *["text/html", "text/html; charset=utf-8", "TEXT/HTML;charset=UTF-8"] * 3,
    *("text/html; charset=shift_jis", "text/html; charset=utf-16", "text/html;;charset", ""),
    *("application/xhtml+xml", "application/json", "text/plain", "image/png", "text/htmlx"),
    *("text/html, text/plain", "text/html; charset='utf-8'; x=\"", "html"),
)
OTHERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ETag", ('"abc"', 'W/"abc"', "abc", '"', "")),
    ("Cache-Control", ("private", "no-store", "public, max-age=60", "no-transform", "s-maxage=9,")),
    ("Cache-Control", ("Private, max-age=0", 'private="Set-Cookie"', 'private="a, no-store"')),
    ("CDN-Cache-Control", ("max-age=60", "no-store")),
    ("Surrogate-Control", ("max-age=60", "no-store")),
    ("X-Accel-Expires", ("60", "0")),
    ("Vary", ("Cookie", "*", "Accept-Encoding")),
    ("Set-Cookie", ("a=b; Path=/", "sid=1; HttpOnly")),
    ("Content-Encoding", ("gzip", "identity", "br", "")),
    ("Content-Disposition", ("attachment; filename=a.html", "inline", "ATTACHMENT")),
    ("Content-Range", ("bytes 0-1/2",)),
    ("Accept-Ranges", ("bytes", "none")),
    ("Last-Modified", ("Sat, 01 Nov 2025 00:00:00 GMT", "never")),
    ("Repr-Digest", ("sha-256=:x:",)),
    ("Trailer", ("Digest", "X-Time")),
    (
        "Content-Security-Policy",
        (
            "default-src 'self'",
            "default-src 'none'",
            "script-src 'nonce-abc'",
            "script-src 'nonce-\"><x' 'strict-dynamic'",
            "script-src;;, 'nonce-",
            "sandbox",
        ),
    ),
    ("Content-Security-Policy-Report-Only", ("script-src 'none'", "default-src 'nonce-x'")),
    ("X-Accel-Redirect", ("/x",)),
    ("Server", ("x" * 500, "\xe9", "a\tb")),
)
REQUEST: tuple[tuple[str, tuple[str, ...]], ...] = (
    *((name, ("true", "1", "", "x")) for name in ("hx-request", "hx-boosted", "x-pjax")),
    *((name, ("main", "\xff")) for name in ("turbo-frame", "x-up-target", "x-fragment")),
    ("x-requested-with", ("XMLHttpRequest", "com.example.app")),
    ("sec-fetch-dest", ("document", "empty", "iframe", "image")),
    ("sec-fetch-mode", ("navigate", "cors")),
    ("user-agent", (FIREFOX, GOOGLEBOT, "", "curl/8", "\xff" * 600)),
    ("if-none-match", ('W/"abc"', '"abc"', "*")),
    ("cookie", ("a=b", '{"a":1}', "=;=")),
    *((name, ("1", "0")) for name in ("sec-gpc", "dnt", "save-data")),
    ("accept", ("text/html", "application/json", "*/*")),
    ("range", ("bytes=0-1",)),
    ("x-forwarded-prefix", ("/evil", "//evil.example")),
    ("x-forwarded-host", ("evil.example",)),
    ("authorization", ("Basic eA==",)),
)


@dataclass(frozen=True, slots=True)
class Made:
    """One response and its request; `fails` is the chunk before which the app raises (-1: none).

    `shape` is how a WSGI app returns its body. An `ordinary` one is a page that gets the tag.
    """

    method: str = "GET"
    status: int = 200
    headers: Headers = field(default_factory=list)
    chunks: tuple[bytes, ...] = ()
    request: dict[str, str] = field(default_factory=dict)
    query: str = ""
    shape: str = "list"
    fails: int = -1
    ordinary: bool = False

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks)

    def of(self, name: str) -> list[str]:
        """Return all values of a header."""
        return [value for key, value in self.headers if key.lower() == name]


def body(rng: Random) -> bytes:
    """Build a body: usually the beginning of a document, sometimes a long one or any bytes."""
    if rng.random() < 0.1:
        return rng.randbytes(rng.randrange(300))
    out = b"".join(rng.choices(PIECES, k=rng.randrange(14)))
    if rng.random() < 0.6:
        out = b"<!doctype html>" + out
    if rng.random() < 0.05:
        # Around the parser's windows: 192 bytes, 2 KB, 64 KB.
        out += b"<!--" + b"x" * rng.choice((180, 2030, 65_500, 70_000)) + b"-->"
        out += b"".join(rng.choices(PIECES, k=5))
    return out


def cut(rng: Random, whole: bytes) -> tuple[bytes, ...]:
    """Cut a body into chunks, empty ones among them."""
    if not whole or rng.random() < 0.4:
        return (whole,)
    if len(whole) < 400 and rng.random() < 0.1:
        return tuple(bytes([byte]) for byte in whole)
    edges = sorted(rng.choices(range(len(whole) + 1), k=rng.randrange(1, 7)))
    return tuple(whole[a:b] for a, b in zip([0, *edges], [*edges, len(whole)], strict=True))


def request(rng: Random) -> dict[str, str]:
    """Build the headers of a request."""
    picked = {name: rng.choice(values) for name, values in rng.sample(REQUEST, rng.randrange(4))}
    return {"user-agent": FIREFOX, **picked}


def response(rng: Random) -> Made:
    """Build a response and its request."""
    shape = rng.choice(("list", "generator", "write", "tuple"))
    if rng.random() < 0.25:
        whole = ORDINARY + body(rng)
        headers = [("Content-Type", rng.choice(("text/html", "text/html; charset=utf-8")))]
        if rng.random() < 0.6:
            headers.append(("Content-Length", str(len(whole))))
        made = Made(headers=headers, chunks=cut(rng, whole), ordinary=True, shape=shape)
        return made
    method = rng.choice(["GET"] * 7 + ["HEAD", "POST", "OPTIONS"])
    status = rng.choice([200] * 8 + [201, 203, 204, 206, 301, 304, 404, 500, 503, 299])
    bodiless = method == "HEAD" or status in (204, 304)
    chunks = (b"",) if bodiless else cut(rng, body(rng))
    size = sum(map(len, chunks))
    headers = [("Content-Type", kind)] if (kind := rng.choice(TYPES)) else []
    lengths = [str(size)] * 6 + [str(size + 1), str(max(0, size - 1)), "-1", "x", f" {size}", "0"]
    if rng.random() < 0.5:
        headers.append(("Content-Length", "9" if bodiless else rng.choice(lengths)))
    for name, values in rng.choices(OTHERS, k=rng.choice((0, 0, 1, 1, 2, 4))):
        headers.append((rng.choice((name, name.lower(), name.upper())), rng.choice(values)))
    if rng.random() < 0.05:
        headers.append(rng.choice(headers or [("X", "y")]))
    fails = rng.randrange(len(chunks) + 1) if rng.random() < 0.05 else -1
    return Made(method, status, headers, chunks, request(rng), "", shape, fails)
