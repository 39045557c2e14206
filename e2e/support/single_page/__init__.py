"""Three single-page apps, built with their own tools and served as the files that these write."""

from __future__ import annotations

import subprocess
from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response

from detector.testing.machine import missing
from tests.support.root import ROOT

APPS = ("react", "vue", "astro")
_BUILT = ROOT / ".cache/single_page"
_FALLBACKS = {"react": "__spa-fallback.html", "vue": "index.html", "astro": ""}


def built(name: str) -> Path:
    """Return the folder of an app's files, built anew where they are older than their sources."""
    if not (ROOT / "node_modules/astro").exists():
        missing("Astro, React Router and Vue are missing: run scripts/npm-packages")
    done = subprocess.run([Path(__file__).parent / "build"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return _BUILT / name / "client" if name == "react" else _BUILT / name


def serve(app: Flask, name: str) -> None:
    """Serve an app's files as a static host does: folders by their index, others by a fallback."""
    folder = built(name)

    @app.get("/<path:path>")
    def file(path: str) -> Response:
        return _answer(folder, path, _FALLBACKS[name])

    app.view_functions["home"] = lambda: _answer(folder, "", "")


def _answer(folder: Path, path: str, fallback: str) -> Response:
    for wanted in (path, f"{path}/index.html".lstrip("/"), fallback):
        if wanted and (folder / wanted).is_file():
            kind, _ = guess_type(wanted)
            return Response((folder / wanted).read_bytes(), mimetype=kind)
    return Response("no such page", 404)
