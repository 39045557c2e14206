"""Ad hosts that answer as the real ones do: same globals, same events, slots that really fill.

Written from scratch; nothing of the real scripts is in it. They come with one third party that is
unrelated to ads, so that a page can tell "ads do not arrive" from "nothing arrives".
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from detector.testing.messages import Answer, Handler, Request

HARMLESS_HOST = "static.reader.example"

_FOLDER = Path(__file__).parent
_SCRIPT = "text/javascript; charset=utf-8"
_ANYONE = [("Access-Control-Allow-Origin", "*"), ("Timing-Allow-Origin", "*")]

FRAME = """<!doctype html><meta charset="utf-8"><title>Advertisement</title>
<style>html,body{{margin:0;height:100%}}img{{display:block;width:100%;height:100%}}</style>
<img src="https://tpc.googlesyndication.com/simgad/{width}x{height}" alt="Advertisement">
"""
PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"
 width="{width}" height="{height}"><rect width="100%" height="100%" fill="#e8eefc"/>
<rect x="1" y="1" width="99%" height="97%" fill="none" stroke="#5577cc"/>
<text x="50%" y="50%" fill="#223a78" font-family="sans-serif" font-size="18"
 text-anchor="middle" dominant-baseline="middle">Test ad {width} × {height}</text></svg>
"""


def _script(name: str) -> Handler:
    """Return a handler that answers every path with a script of this folder."""

    def handle(request: Request) -> Answer:
        headers = [*_ANYONE, ("Cache-Control", "no-store")]
        return Answer((_FOLDER / name).read_bytes(), _SCRIPT, headers=headers)

    return handle


def _size(words: str) -> tuple[int, int]:
    width, _, height = words.partition("x")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() else (300, 250)


def _frame(request: Request) -> Answer:
    query = parse_qs(urlsplit(request.path).query)
    width, height = _size(query.get("format", [""])[0])
    return Answer(FRAME.format(width=width, height=height), "text/html; charset=utf-8")


def _picture(request: Request) -> Answer:
    width, height = _size(request.path.rpartition("/")[2])
    return Answer(PICTURE.format(width=width, height=height), "image/svg+xml", headers=_ANYONE)


def _harmless(request: Request) -> Answer:
    if request.path.endswith(".css"):
        return Answer(":root{--example-cdn:1}\n", "text/css", headers=_ANYONE)
    if request.path.endswith(".js"):
        text = "document.documentElement.dataset.exampleCdn = 'loaded';\n"
        return Answer(text, _SCRIPT, headers=_ANYONE)
    return Answer("", status=404)


HOSTS: dict[str, Handler] = {
    "pagead2.googlesyndication.com": _script("adsbygoogle.js"),
    "securepubads.g.doubleclick.net": _script("gpt.js"),
    "www.googletagservices.com": _script("gpt.js"),
    "googleads.g.doubleclick.net": _frame,
    "*.safeframe.googlesyndication.com": _frame,
    "tpc.googlesyndication.com": _picture,
    HARMLESS_HOST: _harmless,
}
