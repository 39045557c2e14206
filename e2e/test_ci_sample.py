"""The sample for continuous integration, run whole: a fresh virtual environment with the wheel and
its extra alone, the README's example as the owner's tests, then the audit."""

from __future__ import annotations

import json
import os
import re
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

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "examples" / "ci"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{0}</title>
<link rel="icon" href="data:,"></head><body><main><h1>{0}</h1>
<p>Six boats came in before noon, and the seventh had the mail.</p>
<button id="pay" type="button">Pay</button></main></body></html>"""


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Serve a little site with the detector on the loopback, as the owner's staging site."""
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


def readme_example(site: str) -> str:
    """Give the README's tests, with their host changed and nothing else."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    (found,) = [block for block in blocks if "def test_article_asks_politely" in block]
    assert found.count("https://staging.example") == 3
    return str(found).replace("https://staging.example", site)


@pytest.mark.timeout(500)
def test_sample_with_the_wheel_and_the_readme(site: str, wheel: Path, tmp_path: Path) -> None:
    """Nothing but the wheel's extra and the machine's browsers is needed, and all of it passes."""
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_staging.py").write_text(readme_example(site), "utf-8")
    out = tmp_path / "ad-blockers"
    environ = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    environ |= {name: text for name, text in os.environ.items() if name.startswith("PIP_")}
    environ |= {"SITE": f"{site}/", "OUT": str(out), "PACKAGE": f"{wheel}[qa]"}
    environ |= {"PIP_CONSTRAINT": str(ROOT / "constraints.txt"), "BLOCKERS": "easylist"}
    done = subprocess.run(
        [SAMPLE / "under-blockers"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    root = ElementTree.parse(out / "tests.xml").getroot()
    names = [case.get("name", "") for case in root.iter("testcase")]
    assert any(name.startswith("test_article_asks_politely[ublock-origin") for name in names)
    wrong = [one for one in root.iter() if one.tag in ("failure", "error", "skipped")]
    assert wrong == []
    report = json.loads((out / "report" / "report.json").read_text("utf-8"))
    assert (report["status"], len(report["looks"])) == (0, 2)


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_samples_keep_what_the_script_writes(name: str) -> None:
    """Each file is YAML, calls the script, names the site, and keeps the report and the tests."""
    text = (SAMPLE / name).read_text("utf-8")
    told = json.dumps(yaml.safe_load(text), default=str)
    for said in (
        "bash ci/under-blockers",
        "https://staging.example/",
        "ad-blockers/report/",
        "ad-blockers/tests.xml",
        "debian:12",
    ):
        assert said in told
