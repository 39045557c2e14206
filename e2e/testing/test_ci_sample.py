"""The sample for continuous integration, run whole: a fresh virtual environment with the wheel and
its extra alone, the example of the docs as the owner's tests, then the audit."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml  # type: ignore[import-untyped]
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from detector.flask import Detector
from detector.testing.machine import missing
from tests.support.root import ROOT

SAMPLE = ROOT / "examples" / "ci"
SCRIPT = SAMPLE / "under-blockers"
PAGE_BLOCKERS = ("brave-aggressive", "brave-standard", "easylist", "ublock-origin")
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{0}</title>
<link rel="icon" href="data:,"></head><body><main><h1>{0}</h1>
<p>Six boats came in before noon, and the seventh had the mail.</p>
<button id="pay" type="button">Pay</button></main></body></html>"""


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Serve a small site with the detector on loopback, as the owner's staging site."""
    app = Flask("staging")
    for path in ("/", "/article/1", "/checkout"):
        app.add_url_rule(path, path, lambda path=path: PAGE.format(path))
    Detector(app, secret="a secret for staging sites", store=str(tmp_path / "db"), from_view=1)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        app.extensions["detector"].close()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """Build the wheel."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(tmp_path.glob("*.whl"))


def documented_example(site: str) -> str:
    """Return the tests of docs/how-to/testing.md, with their host changed and nothing else."""
    blocks = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/how-to/testing.md").read_text("utf-8"), re.S
    )
    (found,) = [block for block in blocks if "def test_article_asks_politely" in block]
    assert found.count("https://staging.example") == 3
    return str(found).replace("https://staging.example", site)


def packages() -> None:
    """Check that everything the script would install is present, since a test installs nothing."""
    names = re.findall(r"^for package in (.+); do$", SCRIPT.read_text("utf-8"), re.M)[0].split()
    assert "webext-ublock-origin-firefox" in names
    if shutil.which("dpkg-query") is None:
        missing("the sample is for Debian, and this is none")
    for name in names:
        ask = ["dpkg-query", "-W", "-f", "${db:Status-Status}", name]
        if subprocess.run(ask, capture_output=True).stdout != b"installed":
            missing(f"{name} is missing: apt-get install {name}")


def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a job's container, with another home for root."""
    home = tmp_path / "home"
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, 1001, 1001)
    kept = {key: text for key, text in os.environ.items() if key.startswith("PIP_")}
    kept.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
    return {**kept, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(home)}


def run(**env: str) -> subprocess.CompletedProcess[str]:
    """Run the script, without a network to install from."""
    done = subprocess.run(
        [SCRIPT], cwd=env["HOME"], env=env, capture_output=True, text=True, timeout=400
    )
    said = done.stdout + done.stderr
    if done.returncode and "No matching distribution found" in said:
        missing(f"pip finds no packages here:\n{said[-500:]}")
    return done


@pytest.mark.timeout(500)
def test_sample_with_the_wheel_and_the_docs(site: str, wheel: Path, tmp_path: Path) -> None:
    """Nothing but the wheel's extra and the machine's browsers is needed, and all of it passes."""
    packages()
    tests, out = tmp_path / "tests", tmp_path / "ad-blockers"
    tests.mkdir()
    (tests / "test_staging.py").write_text(documented_example(site), "utf-8")
    done = run(
        **environment(tmp_path),
        **{"SITE": f"{site}/", "TESTS": str(tests), "OUT": str(out), "BLOCKERS": "easylist"},
        **{"PACKAGE": f"{wheel}[qa]", "PIP_CONSTRAINT": str(ROOT / "constraints.txt")},
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    root = ElementTree.parse(out / "tests.xml").getroot()
    assert sorted(case.get("name", "") for case in root.iter("testcase")) == [
        *(f"test_article_asks_politely[{name}]" for name in PAGE_BLOCKERS),
        "test_checkout_works[dns]",
        "test_checkout_works[ublock-origin]",
        "test_nobody_is_accused",
    ]
    assert [one for one in root.iter() if one.tag in ("failure", "error", "skipped")] == []
    report = json.loads((out / "report" / "report.json").read_text("utf-8"))
    assert (report["status"], len(report["visits"])) == (0, 2)
    assert (out / "report" / "index.html").is_file() and (out / "report" / "junit.xml").is_file()


def test_the_script_wants_a_site(tmp_path: Path) -> None:
    """Without an address the script installs and runs nothing, and says what to set."""
    done = run(**environment(tmp_path))
    assert done.returncode == 1
    assert "set SITE to the address of your site" in done.stderr
    assert list(Path(tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_samples_keep_what_the_script_writes(name: str) -> None:
    """Each is YAML that calls the script, names only the site, and saves the results."""
    text = (SAMPLE / name).read_text("utf-8")
    told = json.dumps(yaml.safe_load(text), default=str)
    for said in (
        "bash ci/under-blockers",
        "https://staging.example/",
        "ad-blockers/report/",
        "ad-blockers/traces/",
        "ad-blockers/tests.xml",
        "debian:12",
    ):
        assert said in told
    assert set(re.findall(r"https?://([^/\s]+)", text)) == {"staging.example"}
    assert "secret" not in text.lower()
