"""The Python of README and docs/ passes mypy as somebody with strict settings would paste it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.docs.blocks import Block, blocks
from tests.support.root import ROOT

CONTEXTS = {
    "flask": (
        "from flask import Flask\nfrom detector.flask import Detector\napp = Flask(__name__)\n"
    ),
    "wsgi": (
        "from wsgiref.simple_server import demo_app\n"
        "from wsgiref.types import WSGIApplication\n"
        "application: WSGIApplication = demo_app\n"
    ),
    "starlette": "from starlette.applications import Starlette\napp = Starlette()\n",
    "fastapi": "from fastapi import FastAPI\napp = FastAPI()\n",
    "quart": "from quart import Quart\napp = Quart(__name__)\n",
    "dashboard": "hashed = 'scrypt$…'\nsecret = 'sixteen letters or more'\n",
    "url": "URL = 'counts.sqlite'\n",
}
"""What stands around a block in the app that it goes into, by the name that the page gives it."""

TOGETHER = {"dashboard"}
"""Contexts that are added to each other one, and are none by themselves."""

STUBLESS = "[mypy-{0}.*]\nignore_missing_imports = True\n"
WITHOUT_TYPES = ("werkzeug", "django")


def programs(block: Block) -> list[str]:
    """Return a block as a whole program, once for each kind of app that it is for."""
    extra = "".join(CONTEXTS[name] for name in block.context if name in TOGETHER)
    apps = [name for name in block.context if name not in TOGETHER]
    return [CONTEXTS[name] + extra + block.text for name in apps] or [extra + block.text]


def mypy(folder: Path, *files: str) -> str:
    """Return what strict mypy prints of files; of the detector's own it prints nothing."""
    (folder / "mypy.ini").write_text(
        "[mypy]\n" + "".join(STUBLESS.format(name) for name in WITHOUT_TYPES)
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file=mypy.ini"),
            "--no-error-summary",
            # A cache of its own: with other options the project's would be made anew each time.
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
    """Every Python block of README and docs/ passes, in each kind of app that it is for."""
    found = {}
    for block in blocks("python"):
        for number, program in enumerate(programs(block)):
            name = re.sub(r"\W", "_", f"{block}_{number}") + ".py"
            found[name] = program
    assert len(found) > 20
    found["tutorial.py"] = (ROOT / "docs/tutorial/app.py").read_text("utf-8")
    for name, program in found.items():
        (tmp_path / name).write_text(program, "utf-8")
    assert mypy(tmp_path, *found) == ""


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
