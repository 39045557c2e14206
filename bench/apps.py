"""The WSGI apps that a bench's server runs; each also tells the CPU time of its process."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from detector.demo.app import create_app
from detector.flask import Detector

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECRET = "a secret for benches, long enough"
CPU = "/-/cpu"


def paper(db: str = "") -> WSGIApplication:
    """Make the demo newspaper, with the detector where `db` names its store's file."""
    if not db:
        return _telling(create_app(secret=SECRET, detector=False))
    return _telling(create_app(secret=SECRET, db=db))


def empty(db: str = "") -> WSGIApplication:
    """Make the smallest Flask app, with a detector as above."""
    return _telling(smallest(db))


def smallest(db: str = "") -> Flask:
    """Make an app whose only view, POST /, gives an empty 204; with a detector as above."""
    app = Flask("bench")

    @app.post("/")
    def nothing() -> tuple[str, int]:
        return "", 204

    if db:
        Detector(app, secret=SECRET, store=db)
    return app


def _telling(app: WSGIApplication) -> WSGIApplication:
    def tell(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != CPU:
            return app(environ, start_response)
        body = str(time.process_time()).encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return tell
