"""The other detectors, each bundled by esbuild, and a React page rendered on the server."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"
PEERS = (
    "adblock-detect",
    "adblock-detect-react",
    "adblock-detector",
    "adblockdetect",
    "blockadblock",
    "fuckadblock",
    "just-detect-adblock",
)


class NotInstalled(RuntimeError):
    """Raised if the npm packages are missing; the message names the command that installs them."""


@dataclass(frozen=True)
class Peer:
    """Another detector: its name on npm, its version and its bundle."""

    name: str
    version: str
    script: bytes


@cache
def peers() -> tuple[Peer, ...]:
    """Return every other detector."""
    pinned = json.loads((FOLDER / "package.json").read_text("utf-8"))["dependencies"]
    return tuple(Peer(name, pinned[name], bundle(f"{name}.js")) for name in PEERS)


@cache
def bundle(name: str, *options: str) -> bytes:
    """Return one of peers/*.js with all that it imports, as a classic script."""
    program = MODULES / ".bin" / "esbuild"
    if not program.exists():
        raise NotInstalled("the npm packages are missing: start with bench/matrix/run")
    production = '--define:process.env.NODE_ENV="production"'
    command = [str(program), f"peers/{name}", "--bundle", "--minify", production, *options]
    return subprocess.run(command, cwd=FOLDER, check=True, capture_output=True).stdout


@cache
def react_page() -> str:
    """Return the React page as rendered by a server."""
    code = bundle("render.js", "--platform=node", "--format=cjs")
    made = subprocess.run(["node", "-"], input=code, check=True, capture_output=True)
    return made.stdout.decode()
