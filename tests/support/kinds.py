"""The kinds of responses that the contract test sends through every adapter."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.conftest import GOOGLEBOT

PAGE = b"<!doctype html><html><head><title>x</title></head><body>text</body></html>"
TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Kind:
    """A response; several chunks make a stream. `tagged` is whether it should get the tag."""

    chunks: tuple[bytes, ...] = (PAGE,)
    type: str = TYPE
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    method: str = "GET"
    request: dict[str, str] = field(default_factory=dict)
    query: str = ""
    tagged: bool = False


def page(*chunks: bytes, kind: str = TYPE, **headers: str) -> Kind:
    """Build a page that should get the tag."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Kind(chunks or (PAGE,), kind, named, tagged=True)


def other(*chunks: bytes, kind: str = TYPE, **headers: str) -> Kind:
    """Build a response that must not change."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Kind(chunks or (PAGE,), kind, named)


def private(request: dict[str, str]) -> Kind:
    """Build a page that shared caches must not store, and that must not change for this request."""
    return Kind(headers={"Cache-Control": "private"}, request=request)


KINDS = {
    "page": page(),
    "page with an entity tag": page(ETag='"abc"', Vary="Cookie", Set_Cookie="a=b; Path=/"),
    "page with a weak entity tag": page(ETag='W/"abc"'),
    "private page": page(Cache_Control="private"),
    "large page": page(PAGE + b"x" * 300_000),
    "page without a head": page(b"<!doctype html><p>text"),
    "upper case": page(PAGE.upper()),
    "byte order mark": page(b"\xef\xbb\xbf" + PAGE),
    "comment first": page(b"<!-- <head> -->" + PAGE),
    "latin-1": page(PAGE.replace(b"text", b"\xe9"), kind="text/html; charset=iso-8859-1"),
    "import map": page(PAGE.replace(b"<title>", b'<script type="importmap">{}</script><title>')),
    "</head> in a script": page(PAGE.replace(b"text", b"<script>'</head><head>'</script>")),
    "inline download": page(Content_Disposition="inline; filename=a.html"),
    "created": Kind(status=201, tagged=True),
    "boosted link": Kind(request={"HX-Request": "true", "HX-Boosted": "true"}, tagged=True),
    "stream": page(PAGE[:40], PAGE[40:], b"more"),
    "stream with its head split": page(PAGE[:24], PAGE[24:29], PAGE[29:]),
    "stream of single bytes": page(*(bytes([byte]) for byte in PAGE)),
    "stream with empty chunks": page(b"", PAGE[:30], b"", b"", PAGE[30:], b""),
    "stream that says its length": page(PAGE[:30], PAGE[30:], Content_Length=str(len(PAGE))),
    "large head in a stream": page(
        b"<!doctype html><!--" + b"x" * 20_000, b"y" * 20_000, b"-->" + PAGE[15:]
    ),
    "nonce": page(Content_Security_Policy="script-src 'nonce-abc' 'strict-dynamic'"),
    "policy of one's own host": page(Content_Security_Policy="default-src 'self'"),
    "policy without scripts": other(Content_Security_Policy="default-src 'none'"),
    "fragment": other(b"<p>part of a page</p>"),
    "fragment in a stream": other(b"<p>part", b" of a page</p>", ETag='"abc"'),
    "page asked for as a fragment": Kind(request={"HX-Request": "true"}, tagged=True),
    "page asked for by a script": Kind(request={"X-Requested-With": "XMLHttpRequest"}, tagged=True),
    "private page for htmx": private({"HX-Request": "true"}),
    "private page for Turbo": private({"Turbo-Frame": "main"}),
    "private page for a robot": private({"User-Agent": GOOGLEBOT}),
    "AMP": other(PAGE.replace(b"<html", "<html ⚡".encode())),
    "nothing": other(b""),
    "head beyond the window": other(b"<!doctype html><!--" + b"x" * 70_000, b"-->" + PAGE[15:]),
    "JSON": other(b'{"html": "<!doctype html><html><head>"}', kind="application/json"),
    "plain text": other(kind="text/plain; charset=utf-8"),
    "XHTML": other(kind="application/xhtml+xml"),
    "picture": other(b"\x89PNG\r\n\x1a\n", kind="image/png", Cache_Control="max-age=60"),
    "events": other(b"data: 1\n\n", b"data: 2\n\n", kind="text/event-stream"),
    "compressed": other(b"\x1f\x8b not really", Content_Encoding="gzip"),
    "download": other(Content_Disposition="attachment; filename=a.html"),
    "not to be changed": other(Cache_Control="public, no-transform"),
    "digest": other(Repr_Digest="sha-256=:x:"),
    "shift_jis": other(kind="text/html; charset=shift_jis"),
    "utf-16": other(PAGE.decode().encode("utf-16"), kind="text/html; charset=utf-16"),
    "utf-16 that says utf-8": other(PAGE.decode().encode("utf-16")),
    "part": Kind(headers={"Content-Range": f"bytes 0-{len(PAGE) - 1}/9999"}, status=206),
    "error page": Kind(status=404),
    "failure page": Kind(status=500),
    "redirect": Kind(headers={"Location": "/elsewhere"}, status=302),
    "POST": Kind(method="POST"),
    "no content": Kind((b"",), status=204),
    "not modified": Kind((b"",), headers={"ETag": '"abc"'}, status=304),
    "HEAD of a picture": Kind((b"",), "image/png", {"Content-Length": "8"}, method="HEAD"),
}
