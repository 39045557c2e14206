"""The doctor on sites with broken responses: each fault is found by its own check alone."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import pytest

from detector.core.html.headers import Headers, first
from detector.core.served_names import ServedNames
from tests.conftest import SECRET
from tests.support.deployed import PAGE, Spoil, detected, news, served, spoiled
from tests.support.doctoring import Doctor, levels, text
from tests.support.tags import LINE, rocket_loader

FOLDER = f"/{ServedNames(SECRET).prefix}/"
TOKEN = "data-" + ServedNames(SECRET).word("attribute", 3)
REPORT = FOLDER + ServedNames(SECRET).report


def replace(old: str, new: str) -> Spoil:
    """Change only the pages; TAG stands for the whole tag."""

    def spoil(environ: Any, status: str, headers: Headers, body: bytes) -> Any:
        if (first(headers, "content-type") or "").startswith("text/html"):
            page = body.decode()
            start = page.find(LINE)
            if start >= 0:
                tag = page[start : page.find("</script>", page.find(" async ")) + 9]
                page = page.replace(old.replace("TAG", tag), new.replace("TAG", tag))
            body = page.encode()
        return status, headers, body

    return spoil


def header(name: str, value: str, ending: str = "") -> Spoil:
    """Set a header, on the detector's URLs with this extension or on all pages."""

    def spoil(environ: Any, was: str, headers: Headers, body: bytes) -> Any:
        path = environ["PATH_INFO"]
        if (path.startswith(FOLDER) if ending else path == "/") and path.endswith(ending):
            headers = [(k, v) for k, v in headers if k.lower() != name.lower()]
            return was, [*headers, (name, value)], body
        return was, headers, body

    return spoil


def content(ending: str, change: Callable[[bytes], bytes]) -> Spoil:
    """Change the responses of the detector's URLs with this extension, uncompressed."""

    def spoil(environ: Any, status: str, headers: Headers, body: bytes) -> Any:
        path = environ["PATH_INFO"]
        if path.startswith(FOLDER) and path.endswith(ending):
            packed = first(headers, "content-encoding") == "gzip"
            changed = change(gzip.decompress(body) if packed else body)
            return status, headers, gzip.compress(changed) if packed else changed
        return status, headers, body

    return spoil


def answer(method: str, path: str, status: str) -> Spoil:
    """Answer requests with this method to paths with this ending by a status alone."""

    def spoil(environ: Any, was: str, headers: Headers, body: bytes) -> Any:
        if environ["REQUEST_METHOD"] == method and environ["PATH_INFO"].endswith(path):
            return status, [("Content-Type", "text/plain")], b"no"
        return was, headers, body

    return spoil


def uncompressed(environ: Any, status: str, headers: Headers, body: bytes) -> Any:
    """Remove the compression, as a proxy does that strips Accept-Encoding."""
    if first(headers, "content-encoding") != "gzip":
        return status, headers, body
    return status, [(k, v) for k, v in headers if k != "Content-Encoding"], gzip.decompress(body)


def twice(environ: Any, status: str, headers: Headers, body: bytes) -> Any:
    """Compress a second time, without declaring it."""
    packed = first(headers, "content-encoding") == "gzip"
    return status, headers, gzip.compress(body) if packed else body


def login_page(environ: Any, status: str, headers: Headers, body: bytes) -> Any:
    """Answer each of the detector's URLs with an HTML page, as single-page fallbacks do."""
    if environ["PATH_INFO"].startswith(FOLDER):
        return "200 OK", [("Content-Type", "text/html")], PAGE.encode()
    return status, headers, body


def challenge(environ: Any, status: str, headers: Headers, body: bytes) -> Any:
    """Answer each report with an HTML page, as firewalls do that challenge the browser."""
    if environ["REQUEST_METHOD"] == "POST":
        return "200 OK", [("Content-Type", "text/html")], PAGE.encode()
    return status, headers, body


def rocket(environ: Any, status: str, headers: Headers, body: bytes) -> Any:
    """Delay the scripts of pages as Cloudflare's Rocket Loader does."""
    if (first(headers, "content-type") or "").startswith("text/html"):
        body = rocket_loader(body.decode()).encode()
    return status, headers, body


def held_back(environ: Any, status: str, headers: Headers, body: bytes) -> Any:
    """Delay a tag whose protecting attribute was removed before."""
    return rocket(environ, status, headers, body.replace(b' data-cfasync="false"', b""))


CSP = "Content-Security-Policy"
META = '<meta http-equiv="{}" content="{}">'
FAULTS: dict[str, tuple[Spoil, set[tuple[str, str]], str]] = {
    "tag twice": (replace("TAG", "TAGTAG"), {("tag", "warning")}, "2 times"),
    "script before": (
        replace("TAG", "<script src=/first.js></script>TAG"),
        {("tag", "warning")},
        "after other scripts",
    ),
    "base before": (
        replace("TAG", '<base href="https://cdn.example/">TAG'),
        {("tag", "error")},
        'after <base href="https://cdn.example/">',
    ),
    "deferred": (
        replace(" async ", ' async type="8ac-text/javascript" '),
        {("tag", "error")},
        "Exclude the folder of the tag's script",
    ),
    "held back by Rocket Loader": (
        held_back,
        {("tag", "error"), ("inline line", "warning")},
        'its data-cfasync="false" keeps Cloudflare\'s Rocket Loader off',
    ),
    "only the token lost": (
        replace(f" {TOKEN}=", " name="),
        {("tag", "error")},
        "lost its data attribute",
    ),
    "attribute lost": (replace(" data-", " name-"), {("tag", "error")}, "lost its data attribute"),
    "line lost": (
        replace(LINE, ""),
        {("inline line", "warning")},
        "is missing: failed ad requests",
    ),
    "line changed": (
        replace('"error","load"', '"error"'),
        {("inline line", "warning")},
        "is not this version's",
    ),
    "nonce of another": (
        header(CSP, "script-src 'nonce-fresh'"),
        {("nonce", "error"), ("inline line", "warning"), ("policy", "error")},
        "nonce is 'fresh' and the tag has none",
    ),
    "self alone, set outside": (
        header(CSP, "default-src 'self'"),
        {("inline line", "warning")},
        "refuses the inline line (default-src 'self')",
    ),
    "connect-src": (
        header(CSP, "connect-src https://api.example"),
        {("policy", "error")},
        "refuses the bootstrap, fetched baits and the report (connect-src https://api.example)",
    ),
    "img-src": (
        header(CSP, "img-src data:"),
        {("policy", "warning")},
        "refuses image baits (img-src data:)",
    ),
    "sandbox": (header(CSP, "sandbox allow-forms"), {("policy", "error")}, "sandbox"),
    "trusted types": (
        replace(
            "<title>",
            META.format(CSP, "require-trusted-types-for 'script'; trusted-types app") + "<title>",
        ),
        {("policy", "error")},
        "Trusted Types",
    ),
    "policy in the page": (
        replace("<title>", META.format(CSP, "script-src https://cdn.example") + "<title>"),
        {("policy", "error")},
        "<meta> refuses our baits",
    ),
    "service worker": (
        replace("text</body>", "<script>navigator.serviceWorker.register('/w.js')</script>"),
        {("service worker", "warning")},
        "The page registers a service worker",
    ),
    "service worker in a script": (
        lambda environ, status, headers, body: (
            status,
            headers,
            b"navigator.serviceWorker\n .register('/w')" if body == b"own = 1" else body,
        ),
        {("service worker", "warning")},
        "/own.js registers",
    ),
    "no nosniff match": (
        header("Content-Type", "text/plain", ".js"),
        {("script", "error"), ("baits", "error")},
        "is sent as text/plain, which browsers refuse",
    ),
    "script rewritten": (
        content(".js", lambda body: body.replace(b"}", b" }")),
        {("script", "error")},
        "was changed on the way",
    ),
    "script cached anew": (
        header("Cache-Control", "no-cache", ".js"),
        {("script", "warning")},
        "Cache-Control: no-cache",
    ),
    "script uncompressed": (uncompressed, {("script", "warning")}, "sent uncompressed"),
    "script compressed twice": (twice, {("script", "error")}, "is compressed twice"),
    "all are pages": (
        login_page,
        {("script", "error"), ("bootstrap", "error")},
        "returns an HTML page",
    ),
    "bootstrap from a cache": (
        header("Age", "30", ".json"),
        {("bootstrap", "error")},
        "says that it comes from a cache",
    ),
    "bootstrap may be stored": (
        header("Cache-Control", "max-age=60", ".json"),
        {("bootstrap", "warning")},
        "rather than no-store",
    ),
    "cookie": (
        header("Set-Cookie", "lb=7; Path=/", ".png"),
        {("cookies", "warning")},
        "sets cookies on our URLs (lb)",
    ),
    "reports refused": (
        answer("POST", REPORT, "403 Forbidden"),
        {("report", "error")},
        "answers 403 rather than 204: a firewall in front of the app refuses it",
    ),
    "reports of a wrong type": (
        answer("POST", REPORT, "415 Unsupported Media Type"),
        {("report", "error")},
        "Allow POST of application/json to this path.",
    ),
    "reports answered by a challenge": (
        challenge,
        {("report", "error")},
        "answers an HTML page rather than 204: a firewall in front of the app refuses it",
    ),
    "reports that fail": (
        answer("POST", REPORT, "500 Internal Server Error"),
        {("report", "error")},
        "answers 500 rather than 204: nothing is counted",
    ),
    "reports go elsewhere": (
        answer("GET", REPORT, "404 Not Found"),
        {("report", "error")},
        "answers 404 to GET rather than 405",
    ),
    "images shrunk": (
        content(".png", lambda body: body[:16] + b"\0\0\0\x01" + body[20:]),
        {("baits", "error")},
        "arrives with different content",
    ),
    "types rewritten": (
        header("Content-Type", "image/png", ".png"),
        {("baits", "warning")},
        "without the parameter v of their Content-Type",
    ),
    "images converted": (
        content(".png", lambda body: b"RIFF\0\0\0\0WEBP"),
        {("baits", "warning")},
        "converted to another format",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_and_named(doctor: Doctor, name: str) -> None:
    """Each fault in front of the app is found by its own check, and by no other."""
    spoil, expected, said = FAULTS[name]
    with served(spoiled(detected(news()), spoil)) as url:
        status, found = doctor(url)
    assert levels(found) == expected, found
    assert status == int("error" in {level for _, level in expected})
    assert said in text(found)
    assert all(one["fix"] for one in found)


def test_rocket_loader_leaves_a_site_well(doctor: Doctor) -> None:
    """Cloudflare's Rocket Loader delays the scripts of a site, but not the tag."""
    with served(spoiled(detected(news()), rocket)) as url:
        with urlopen(url) as page:
            assert b'<script type="8ac0e1d2-text/javascript" src="/own.js">' in page.read()
        assert doctor(url) == (0, [])
