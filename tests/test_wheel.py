"""The built wheel contains the files that it serves, and works from another folder."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from detector.core.served_names import SCRIPTS
from detector.core.texts.locales import LOCALES
from tests.support.root import ROOT

USE = """
import sys
sys.path.insert(0, sys.argv[1])
import detector, detector.demo.app
from detector.core.assets import folder, script
assert detector.__file__.startswith(sys.argv[1]), detector.__file__
assert str(folder()).startswith(sys.argv[1]), folder()
app = detector.demo.app.create_app(secret="a secret for the wheel", db=sys.argv[2])
page = app.test_client().get("/", headers={"User-Agent": "Firefox"}).text
print(page.count("<script async data-"))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel once."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_wheel_holds_what_it_serves(wheel: Path) -> None:
    """All files used at run time are included; tests and sources are not."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"detector/static/{name}.min.js" for name in SCRIPTS} <= names
    assert "detector/static/ads-events.d.ts" in names
    assert {"detector/py.typed", "detector/core/baits/pool.json"} <= names
    assert {f"detector/core/texts/locale/{tag}.mo" for tag in LOCALES if tag != "en"} <= names
    assert not [name for name in names if name.endswith(".po")]
    assert "detector/demo/templates/base.html" in names
    assert {"detector/dashboard/templates/base.html", "detector/dashboard/style.css"} <= names
    assert {"detector/audit/page.js", "detector/audit/report.css"} <= names
    assert not [name for name in names if name.startswith(("tests/", "e2e/", "static/", "bench/"))]


def test_wheel_works_elsewhere(wheel: Path, tmp_path: Path) -> None:
    """Unpacked in another folder, it serves the demo with its tag."""
    place = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(place)
    command = [sys.executable, "-c", USE, str(place), str(tmp_path / "counters.sqlite")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("1", "")
