"""`detector serve` behind real nginx and Caddy servers, as the example configures them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from detector.core.limits.rate_limiter import BURST, PER_SECOND
from tests.support.root import ROOT
from tests.support.serving import ask, stats
from tests.support.static_site import PROXIES, StaticSite

VIEWS = (f"{n:020}" for n in count(1))


@pytest.mark.parametrize("mount", ["", "/blog"])
@pytest.mark.parametrize("proxy", PROXIES)
def test_visit_through_the_proxy(proxy: str, mount: str, tmp_path: Path) -> None:
    """Page, script, bootstrap, baits and report are on one host, and the view is counted."""
    with StaticSite(proxy, tmp_path, "127.0.0.1", mount) as site:
        host = f"127.0.0.1:{site.port}"
        status, page = ask(site.port, "/", host)
        assert status == 200 and f"<head>\n{site.tag.line}\n<meta" in page
        assert site.tag.src.startswith(mount + "/")
        site.tag.visit(site.port, host, next(VIEWS))
        assert ask(site.port, site.tag.folder + "/nothing.js", host)[0] == 404
        site.stop()
    found = stats(site.store)
    assert (found["views"], found["verdicts"]["clear"], found["refused"]) == (1, 1, {})


@pytest.mark.parametrize("proxy", PROXIES)
def test_limit_through_the_proxy(proxy: str, tmp_path: Path) -> None:
    """Reports are limited for each visitor, by the address in the proxy's header."""
    sent = 200
    with StaticSite(proxy, tmp_path, "127.0.0.1") as site:
        host = f"127.0.0.1:{site.port}"

        def report(source: str, forged: str) -> None:
            path, body = site.tag.report(site.tag.control(site.port, host, next(VIEWS)))
            found = ask(site.port, path, host, body, source, X_Forwarded_For=forged)
            assert found == (204, "")

        began = time.monotonic()
        for number in range(sent):
            report("127.0.0.2", f"9.8.7.{number}")
        took = time.monotonic() - began
        for _ in range(5):
            report("127.0.0.3", "9.8.7.6")
        site.stop()
    found = stats(site.store)
    counted, refused = found["verdicts"]["clear"] - 5, found["refused"]["rate"]
    assert counted + refused == sent
    assert BURST <= counted <= BURST + PER_SECOND * took + 1


def test_first_start_makes_a_secret(tmp_path: Path) -> None:
    """The example contains no secret: its command generates one, readable by the owner alone."""
    command = [str(ROOT / "examples" / "static-site-nginx" / "start")]
    # An invalid port ends the command before any server is started.
    env = {**os.environ, "OUT": str(tmp_path), "PYTHONPATH": str(ROOT), "SERVE_PORT": "65536"}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    made = []
    for _ in range(2):
        done = subprocess.run([*command, "true"], env=env, capture_output=True, timeout=60)
        assert done.returncode == 2
        made.append((tmp_path / "sites.toml").read_text())
    assert "MADE-BY-START" not in made[0] and made[0] == made[1]
    assert (tmp_path / "sites.toml").stat().st_mode & 0o077 == 0
