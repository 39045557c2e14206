"""The Bridge Log: a small paper from a swing bridge, in plain WSGI, with the detector."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template
from wsgiref.types import StartResponse, WSGIEnvironment

import waitress

from detector.wsgi import DetectorMiddleware

HERE = Path(__file__).parent
FRAME = Template((HERE / "pages" / "frame.html").read_text("utf-8"))
PAGES = {"/": ("The Bridge Log", "log.html"), "/crossing": ("How to cross", "crossing.html")}


def site(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with a page, the style sheet, or neither."""
    path = environ["PATH_INFO"]
    if path == "/paper.css":
        start_response("200 OK", [("Content-Type", "text/css; charset=utf-8")])
        return [(HERE / "static" / "paper.css").read_bytes()]
    if path not in PAGES:
        start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"No such page. The bridge is this way: /\n"]
    environ["bridge.page"] = path
    title, file = PAGES[path]
    text = (HERE / "pages" / file).read_text("utf-8")
    body = FRAME.substitute(title=escape(title), text=text).encode()
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]


# The secret comes from DETECTOR_SECRET, which start sets.
app = DetectorMiddleware(site, group=lambda environ: environ.get("bridge.page", ""))

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # as Ctrl+C does: counts are written
    waitress.serve(app, host="127.0.0.1", port=int(sys.argv[1]))
