"""A Python with this package and its dependencies but no extras, set up without network access."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.support.root import ROOT

_RUN = "import sys; sys.path[:0] = sys.argv.pop(1).split(':'); from detector.cli.main import main; "
_RUN += "sys.exit(main())"


def make(folder: Path) -> Path:
    """Link the package and its dependencies, as pyproject.toml names them, into a folder."""
    (folder / "detector").symlink_to(ROOT / "detector")
    (folder / "static").symlink_to(ROOT / "static")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for path in sorted(set(_tops(map(Requirement, project["dependencies"])))):
        (folder / path.name).symlink_to(path)
    return folder


def _tops(wanted: Iterator[Requirement]) -> Iterator[Path]:
    """Yield the files and folders in site-packages of distributions and what they need."""
    waiting = list(wanted)
    while waiting:
        one = waiting.pop()
        found = distribution(one.name)
        for file in found.files or ():
            if file.parts[0] not in ("..", "__pycache__"):
                yield Path(str(found.locate_file(file.parts[0])))
        for text in found.requires or ():
            further = Requirement(text)
            extras = ["", *one.extras]
            if not further.marker or any(further.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(further)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command `detector` in that environment."""
    # Isolated and without site-packages: other installed packages cannot be imported.
    command = [sys.executable, "-I", "-S", "-c", _RUN, str(folder), *arguments]
    env = {k: v for k, v in os.environ.items() if not k.startswith("DETECTOR_")}
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=60)
