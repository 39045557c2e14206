"""README's Python code passes mypy with strict settings."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.root import ROOT

BLOCKS = re.findall(r"^```python\n(.+?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
FLASK = "from flask import Flask\nfrom detector.flask import Detector\napp = Flask(__name__)\n"
# The code around a block in its app: a part of the block, and the lines that it needs.
AROUND = {
    "flask": ("from detector.flask import", ""),
    "wsgi": (
        "from detector.wsgi import",
        "from wsgiref.simple_server import demo_app\n"
        "from wsgiref.types import WSGIApplication\n"
        "application: WSGIApplication = demo_app\n",
    ),
    "starlette": (
        "app.add_middleware(",
        "from starlette.applications import Starlette\napp = Starlette()\n",
    ),
    "fastapi": ("app.add_middleware(", "from fastapi import FastAPI\napp = FastAPI()\n"),
    "quart": ("app.asgi_app =", "from quart import Quart\napp = Quart(__name__)\n"),
    "django": ("INSTALLED_APPS", ""),
    "notice": ("notice_rules=[", FLASK),
    "texts": ("texts={", FLASK),
    "qa": ("test_article_asks_politely", ""),
}


def mypy(folder: Path, *files: str) -> str:
    """Return mypy's messages for files in strict mode, without those for the detector itself."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"),
            # A separate cache: with other options mypy would rebuild the project's each time.
            *("--follow-imports=silent", f"--cache-dir={ROOT}/.mypy_cache/readme"),
            *files,
        ],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout


def test_blocks_pass_in_strict_mode(tmp_path: Path) -> None:
    """Every block of README passes, in each kind of app for which it is meant."""
    used = set()
    for name, (mark, around) in AROUND.items():
        (block,) = (block for block in BLOCKS if mark in block)
        used.add(block)
        (tmp_path / f"in_{name}.py").write_text(around + block)
    assert used == set(BLOCKS)
    assert mypy(tmp_path, *(f"in_{name}.py" for name in AROUND)) == ""


def test_what_is_no_app_is_told(tmp_path: Path) -> None:
    """The middleware is typed: an app that cannot be called is refused, and options need names."""
    (tmp_path / "wrong.py").write_text(
        "from detector import asgi, wsgi\n"
        "asgi.DetectorMiddleware('app', secret='x')\n"
        "asgi.DetectorMiddleware(lambda environ, start_response: [b''])\n"
        "wsgi.DetectorMiddleware(None)\n"
    )
    found = re.findall(r"wrong\.py:(\d+): error: .+ \[(.+)\]", mypy(tmp_path, "wrong.py"))
    assert {line for line, _ in found} == {"2", "3", "4"}
