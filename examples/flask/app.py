"""The Lamp Room: a small paper for people who like lighthouses, with the detector."""

from __future__ import annotations

import signal
import sys
import tomllib
from pathlib import Path

import waitress
from flask import Flask, abort, render_template

from detector.flask import Detector

ARTICLES = tomllib.loads((Path(__file__).parent / "articles.toml").read_text("utf-8"))

app = Flask(__name__)
Detector(app)  # its secret comes from DETECTOR_SECRET, which start sets


@app.get("/")
def home() -> str:
    """Show the front page."""
    return render_template("home.html", articles=ARTICLES)


@app.get("/stories/<slug>")
def story(slug: str) -> str:
    """Show one story."""
    if slug not in ARTICLES:
        abort(404)
    return render_template("story.html", article=ARTICLES[slug])


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # as Ctrl+C does: counts are written
    waitress.serve(app, host="127.0.0.1", port=int(sys.argv[1]))
