"""A small site in this process, visited continuously: pages, bootstraps and reports."""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from wsgiref.util import setup_testing_defaults

from detector.core.assets import script
from detector.core.config.loading import make_config
from detector.core.site import Site
from detector.wsgi import DetectorMiddleware

SECRET = "a secret for benches, long enough"
PAGE = b"<!doctype html><html><head><title>x</title></head><body>" + b"<p>text" * 2000
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Load:
    """Visits a site whose counters are in `store`; a page over `LIMIT` counts as slow."""

    LIMIT = 0.05
    """Seconds: a page itself takes under one millisecond, and no store's wait is shorter."""
    PAUSE = 0.001

    def __init__(self, store: str, shared: bool = False) -> None:
        config = make_config(secret=SECRET, store=store, flush_seconds=0.1, shared_limits=shared)
        self.site = Site(config)
        self.app = DetectorMiddleware(_page, site=self.site)
        self.served = self.slowed = self.sent = self.failed = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Start visiting."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and write the counts."""
        self._done.set()
        self._thread.join()
        self.site.close()

    def reopen(self) -> None:
        """Reopen the writer's store, as happens every minute: it notices a fault only then."""
        store = self.site.flusher and self.site.flusher._store
        if store:
            store.close()

    def left(self) -> int:
        """Return the number of views still in memory."""
        rows = self.site.counters.snapshot()
        counted = sum(n for key, n in rows.items() if key[2] == "all" and key[5] == "verdict")
        return counted + (self.site.deduplication.size if self.site.deduplication else 0)

    def _run(self) -> None:
        site = self.site
        prefix = f"/{site.names.prefix}/"
        control = prefix + site.names.script("detect", script("detect").content_hash)[:-2] + "json"
        page = site.tokens.page("")
        while not self._done.wait(self.PAUSE):
            began = time.perf_counter()
            answer = self._ask("/")
            self.slowed += time.perf_counter() - began > self.LIMIT
            self.served += answer.endswith(PAGE[-100:])
            view = f"{self.served:020}"
            token = json.loads(self._ask(control, f"v={view}&p={page}"))["t"]
            self._ask(prefix + site.names.report, body={"t": token, "p": page, "s": "clear"})
            self.sent += 1

    def _ask(self, path: str, query: str = "", body: dict[str, Any] | None = None) -> bytes:
        from io import BytesIO

        data = b"" if body is None else json.dumps(body).encode()
        environ: dict[str, Any] = {
            "PATH_INFO": path,
            "SCRIPT_NAME": "",
            "QUERY_STRING": query,
            "REQUEST_METHOD": "GET" if body is None else "POST",
            "HTTP_USER_AGENT": FIREFOX,
            "CONTENT_LENGTH": str(len(data)),
            "wsgi.input": BytesIO(data),
        }
        setup_testing_defaults(environ)
        return b"".join(self.app(environ, lambda *_: lambda data: None))


def _page(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/html"), ("Cache-Control", "private")])
    return [PAGE]
