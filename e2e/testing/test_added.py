"""Extensions that the user adds, in real browsers: started, waited for, audited, in pytest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from bench.matrix.dnr import dnr_rules
from bench.matrix.extension import write_extension
from detector.testing.blockers import BlockerError, Options, readiness_probe, start
from detector.testing.blockers.added import add
from detector.testing.blockers.loopback import serve
from detector.testing.machine import missing
from detector.testing.ublock import Package
from tests.support.root import ROOT

ASK = "(url) => fetch(url, { mode: 'no-cors' }).then(() => true, () => false)"
BACKGROUND = """browser.webRequest.onBeforeRequest.addListener(() => ({ cancel: true }),
  { urls: ["*://*.adnxs.com/*"] }, ["blocking"]);"""


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    """Return options with a cache of this test, which commands use too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Options()


def chromium_folder(folder: Path, rules: list[str], css: str = "") -> str:
    """Write a Manifest V3 extension with these rules."""
    folder.mkdir()
    write_extension(folder, dnr_rules(rules), css)
    return str(folder)


def firefox_folder(folder: Path) -> str:
    """Write an extension for Firefox that blocks one ad host and nothing else."""
    folder.mkdir()
    manifest = {
        **{"manifest_version": 2, "name": "Hosts", "version": "3"},
        "browser_specific_settings": {"gecko": {"id": "hosts@maker.example"}},
        "permissions": ["webRequest", "webRequestBlocking", "<all_urls>"],
        "background": {"scripts": ["background.js"]},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (folder / "background.js").write_text(BACKGROUND, "utf-8")
    return str(folder)


@pytest.mark.parametrize(
    ("rules", "css"),
    [
        (["/site-728x90."], ""),
        (["||adnxs.com^"], ""),
        ([], ".adSlot { display: none !important }"),
    ],
    ids=["bait", "host", "element"],
)
def test_any_blocker_becomes_ready(
    tmp_path: Path, options: Options, playwright: Playwright, rules: list[str], css: str
) -> None:
    """One way of blocking is enough to be ready, for each visitor with other options too."""
    add("mine", chromium_folder(tmp_path / "source", rules, css), options)
    with start("mine", playwright, options) as running:
        assert running.blocker.label.startswith("Chromium 1")
        assert "+ Rules 1 (real, added 20" in running.blocker.label
        for language in ("de-DE", "fr-FR"):
            page = running.new_page(locale=language)
            assert page.evaluate("() => navigator.language") == language
            page.context.close()


@pytest.mark.parametrize("engine", ["chromium", "firefox"])
def test_what_blocks_nothing_is_no_blocker(
    tmp_path: Path,
    options: Options,
    playwright: Playwright,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
) -> None:
    """An extension that does nothing within the time is an error, not a row in which all works."""
    monkeypatch.setattr(readiness_probe, "SECONDS", 2)
    if engine == "chromium":
        source = chromium_folder(tmp_path / "source", ["||nowhere.example^"])
    else:
        source = firefox_folder(tmp_path / "source")
        (tmp_path / "source" / "background.js").write_text("", "utf-8")
    add("mine", source, options)
    with (
        pytest.raises(BlockerError, match="blocked no bait and no ad host, and hid no element"),
        start("mine", playwright, options),
    ):
        pass


def test_an_extension_for_firefox(tmp_path: Path, options: Options, playwright: Playwright) -> None:
    """An unsigned extension of Manifest V2 runs in Firefox, for each visitor."""
    add("hosts", firefox_folder(tmp_path / "source"), options)
    with start("hosts", playwright, options) as running:
        assert "Firefox" in running.blocker.label and "+ Hosts 3 (real, added" in (
            running.blocker.label
        )
        for _ in range(2):
            page = running.new_page()
            page.route("**/*", lambda route: route.fulfill(body="<p>a", content_type="text/html"))
            page.goto("https://news.example/")
            assert page.evaluate(ASK, "https://ib.adnxs.com/a") is False
            assert page.evaluate(ASK, "https://cdn.example/a") is True
            page.context.close()


def test_the_real_ublock_origin(options: Options, playwright: Playwright) -> None:
    """Debian's uBlock Origin, added as a folder, blocks as the kit's own."""
    package = Package.found()
    if package is None:
        missing("uBlock Origin is missing: apt-get install webext-ublock-origin-firefox")
    add("mine", str(package.folder), options)
    with start("mine", playwright, options) as running:
        assert f"uBlock Origin {package.version} (real, added" in running.blocker.label
        page = running.new_page()
        page.route("**/*", lambda route: route.fulfill(body="<p>a", content_type="text/html"))
        page.goto("https://news.example/")
        assert page.evaluate(ASK, "/x/site-728x90.png") is False
        assert page.evaluate(ASK, "/x/site-731x93.png") is True


SHOP = """<!doctype html><title>a</title><link rel="icon" href="data:,">
<script src="/shop.js"></script>"""
TEST = """
def test_shop(ad_blocker, page):
    assert "Rules 1 (real, added 20" in ad_blocker.label
    page.goto("{url}")
    ad_blocker.expect_blocked(page, "*/shop.js")
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments: a second Playwright cannot run in here."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    env.pop("CI", None)
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


@pytest.fixture
def shop(tmp_path: Path, options: Options) -> Iterator[str]:
    """Yield the address of a shop whose script an added blocker blocks."""
    add("mine", chromium_folder(tmp_path / "source", ["/site-728x90.", "/shop.js"]), options)
    files = {"/": ("text/html", SHOP.encode()), "/shop.js": ("text/javascript", b"1")}
    with serve(files) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.mark.timeout(300)
def test_the_audit_takes_it(tmp_path: Path, shop: str) -> None:
    """`audit --blockers NAME` runs under an added blocker, and names it with its date."""
    out = tmp_path / "report"
    given = ["audit", shop, "--blockers=mine", f"--out={out}", "--max-pages=1"]
    done = run("-c", "import sys; from detector.cli.main import main; sys.exit(main())", *given)
    assert done.returncode == 1, done.stderr + done.stdout
    assert "/shop.js" in done.stdout
    labels = [one["label"] for one in json.loads((out / "report.json").read_text())["blockers"]]
    assert any("Rules 1 (real, added 20" in one for one in labels)


@pytest.mark.timeout(300)
def test_the_plugin_takes_it(tmp_path: Path, shop: str) -> None:
    """Pytest's `--ad-blockers NAME` runs tests under an added blocker."""
    (tmp_path / "test_shop.py").write_text(TEST.format(url=shop), "utf-8")
    given = [f"--rootdir={tmp_path}", "-pno:cacheprovider", "--ad-blockers=mine", "-q"]
    done = run("-m", "pytest", *given, str(tmp_path / "test_shop.py"))
    assert "1 passed" in done.stdout, done.stdout + done.stderr
