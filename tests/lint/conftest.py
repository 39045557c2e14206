"""A small filter list, and the judge of names that it makes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from detector.filter_lists.explain import Explainer
from detector.filter_lists.fetch import read_all
from detector.lint.findings import Judge

RULES = """! Title: planted
##.adslot-x
##.adslot-x.wide
###top-promo
-728x90.
/ads/leader-$~xmlhttprequest
||ads.example^
/gone/spot-
@@/gone/spot-ok.
##.kept
#@#.kept
other.example##.elsewhere
"""


@pytest.fixture
def filter_list(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a filter list."""
    file = tmp_path_factory.mktemp("lists") / "planted.txt"
    file.write_text(RULES)
    return file


@pytest.fixture
def judge(filter_list: Path) -> Judge:
    """Return what knows the list."""
    return Judge(Explainer(read_all([str(filter_list)])))


@pytest.fixture
def served() -> Iterator[str]:
    """Yield the address of a server with a page and a picture."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = ("text/html", b'<p class="adslot-x"><img src="/picture">')
            if self.path == "/picture":
                kind, body = "image/png", b"\x89PNG"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
