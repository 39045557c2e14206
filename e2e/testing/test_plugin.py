"""The pytest plugin: each fixture, marker and option, in separate runs with real browsers."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from werkzeug.serving import make_server

from bench.matrix.dnr import dnr_rules
from bench.matrix.extension import write_extension
from detector.core.baits import pool
from detector.flask import Detector
from e2e.support.newspaper import EMPTY
from tests.support.root import ROOT

pytest_plugins = ["pytester"]
Run = Callable[..., pytest.RunResult]
HEAD = """
import pytest
from detector.testing import nobody_is_accused
URL = "{url}"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a page with the detector as visitors get it: the notice at once, none for robots."""
    folder = tmp_path_factory.mktemp("site")
    app = Flask("one", instance_path=str(folder))
    page = EMPTY.replace(
        "</h1>", '</h1><p id="gone" hidden>x</p><script src="/x/site-728x90.png"></script>'
    )
    app.add_url_rule("/", "home", lambda: page)
    # Such a page is passed on unchanged: without a tag there is no event.
    untouched = {"Cache-Control": "no-transform"}
    app.add_url_rule("/plain", "plain", lambda: Response("<h1>Plain</h1>", headers=untouched))
    Detector(app, secret="s" * 32, store=str(folder / "a.sqlite"), from_view=1)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()


@pytest.fixture
def run(pytester: pytest.Pytester, site: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return `run(test_code, *arguments)`, which runs pytest in a separate process."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("CI", raising=False)

    def run(code: str, *args: str) -> pytest.RunResult:
        pytester.makepyfile(HEAD.format(url=site) + code)
        plugin = ("-p", "detector.testing.plugin")
        return pytester.run(sys.executable, "-m", "pytest", *plugin, "-v", *args)

    return run


def test_the_example_of_the_readme(run: Run, pytester: pytest.Pytester) -> None:
    """State, notice and requests are as expected under each blocker; the clean page is clear."""
    found = run(
        """
def test_article_asks_politely(ad_blocker, page):
    page.goto(URL)
    ad_blocker.expect_state(page, "blocked")
    ad_blocker.expect_notice(page, closable=True)
    ad_blocker.expect_blocked(page, "*/site-728x90.png")
    ad_blocker.expect_visible(page, "h1")

@pytest.mark.ad_blockers("easylist", "dns")
def test_marked(page, ad_blocker):
    page.goto(URL)
    assert ad_blocker.name in ("easylist", "dns")

def test_both(blocked_page, clean_page, ad_blocker):
    for page, state in ((blocked_page, "blocked"), (clean_page, "clear")):
        page.goto(URL)
        ad_blocker.expect_state(page, state)

def test_nobody_is_accused(clean_page):
    clean_page.goto(URL)
    nobody_is_accused(clean_page)
""",
        "--ad-blockers=ublock-origin,easylist",
        "--junitxml=all.xml",
    )
    found.assert_outcomes(passed=6)
    found.stdout.fnmatch_lines(
        ["*::test_article_asks_politely[[]ublock-origin[]] PASSED*", "*::test_marked[[]easylist]*"]
    )
    written = (pytester.path / "all.xml").read_text("utf-8")
    assert "uBlock Origin 1." in written and "(real, lists of " in written


def test_failures_say_what_was_missing(run: Run, pytester: pytest.Pytester) -> None:
    """Each failing expectation names its signal; screenshot and trace are saved."""
    found = run(
        """
@pytest.fixture(autouse=True)
def quick(ad_blocker):
    ad_blocker.patience = 1

def test_state(ad_blocker, page):
    page.goto(URL)
    ad_blocker.patience = 3  # the verdict has to come
    ad_blocker.expect_state(page, "clear")

def test_silent(ad_blocker, page):
    page.goto(URL + "plain")
    ad_blocker.expect_state(page)

def test_request(ad_blocker, page):
    page.goto(URL)
    ad_blocker.expect_blocked(page, "*/no-such.js")

def test_hidden(ad_blocker, page):
    page.goto(URL)
    ad_blocker.expect_visible(page, "#gone")

def test_notice(ad_blocker, page):
    page.goto(URL + "plain")
    ad_blocker.expect_notice(page)
""",
        "--ad-blockers=easylist",
        "--screenshot=only-on-failure",
        "--tracing=retain-on-failure",
    )
    found.assert_outcomes(failed=5)
    text = found.stdout.str()
    for words in (
        "the state should be 'clear'; the verdict is 'blocked'",
        "missing is 'clear' from: requests",
        "the page sent no verdict",
        "no request like '*/no-such.js' was blocked",
        "'#gone' is there but hidden",
        "no notice is shown",
        "(emulation, Brave's engine over Playwright, lists of ",
    ):
        assert words in text, words
    kept = [path.name for path in (pytester.path / "test-results").rglob("*.*")]
    assert kept.count("trace.zip") == 5
    assert kept.count("test-failed-1.png") == 5


def test_a_failure_names_the_rule(run: Run, tmp_path: Path) -> None:
    """An element that a list hides is named with the list, its line and the rule."""
    (tmp_path / "mine.txt").write_text("! a list\n##.planted\n")
    found = run(
        """
def test_hidden(ad_blocker, page):
    # Lists hide nothing on an address of this machine.
    text = "<!doctype html><p class=planted>a<b id=in>b</b>"
    answer = {"body": text, "content_type": "text/html"}
    page.route("https://shop.example/", lambda one: one.fulfill(**answer))
    page.goto("https://shop.example/")
    page.wait_for_selector("#in", state="hidden")
    ad_blocker.patience = 1
    ad_blocker.expect_visible(page, "#in")
""",
        "--ad-blockers=easylist",
        f"--filter-list={tmp_path / 'mine.txt'}",
    )
    found.assert_outcomes(failed=1)
    assert "; hidden by mine line 2 ##.planted" in found.stdout.str()


def test_extensions(run: Run, tmp_path: Path) -> None:
    """A Manifest V3 extension, as a folder or a zip, blocks and hides for each visitor."""
    folder = tmp_path / "mine"
    folder.mkdir()
    write_extension(folder, dnr_rules(["/site-728x90."]), "h1 { display: none !important }")
    zipped = shutil.make_archive(str(tmp_path / "zipped"), "zip", folder)
    found = run(
        """
@pytest.mark.ad_blockers("mine", "zipped")
@pytest.mark.parametrize("again", [1, 2])
def test_extension(ad_blocker, page, again):
    assert "Rules 1 (real, extension)" in ad_blocker.label
    page.goto(URL)
    assert page.evaluate("() => localStorage.length") == 0
    page.evaluate("() => localStorage.setItem('a', 'b')")
    ad_blocker.expect_blocked(page, "*/site-728x90.png")
    page.locator("h1").wait_for(state="hidden")
""",
        f"--blocker-extension=mine={folder}",
        f"--blocker-extension=zipped={zipped}",
    )
    found.assert_outcomes(passed=4)


def test_a_list(run: Run, tmp_path: Path) -> None:
    """A given list is the only one used; Brave blocks only a few of a site's own URLs."""
    (tmp_path / "mine.txt").write_text("/site-728x90.png\n", "utf-8")
    few = next(one.path for one in pool.load().requests if one.everywhere and "?" not in one.path)
    found = run(
        f'OWN = "/x/{few.replace("{w}", "a")}"'
        """
FETCH = "(path) => fetch(path).then((r) => r.status, () => 0)"

@pytest.mark.ad_blockers("easylist", "brave-standard", "brave-aggressive")
def test_list(ad_blocker, page):
    standard = ad_blocker.name == "brave-standard"
    page.goto(URL)
    if not standard:
        ad_blocker.expect_blocked(page, "*/site-728x90.png")
    told = [page.evaluate(FETCH, path) for path in ("/x/site-728x90.png", "/ads?client=x", OWN)]
    assert told == [404 if standard else 0, 404, 404 if ad_blocker.name == "easylist" else 0]
""",
        f"--filter-list={tmp_path / 'mine.txt'}",
        "-n1",
        "-pxdist",
    )
    found.assert_outcomes(passed=3)


def test_a_browser_that_dies(run: Run, tmp_path: Path) -> None:
    """The test in which the browser crashes fails and says so; the next one gets a new browser."""
    folder = tmp_path / "mine"
    folder.mkdir()
    write_extension(folder, dnr_rules(["/site-728x90."]), "")
    found = run(
        """
import os, signal

def test_dies(ad_blocker, page):
    page.goto(URL)
    session = page.context.browser.new_browser_cdp_session()
    for one in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        if one["type"] == "browser":
            os.kill(one["id"], signal.SIGKILL)
    page.evaluate("() => 1")

def test_goes_on(ad_blocker, page):
    page.goto(URL)
    ad_blocker.expect_blocked(page, "*/site-728x90.png")
""",
        "--ad-blockers=easylist,mine",
        f"--blocker-extension=mine={folder}",
    )
    # The errors are pytest-playwright's, which requests a trace of the dead browser.
    found.assert_outcomes(passed=2, failed=2, errors=2)
    for name in ("easylist", "mine"):
        found.stdout.fnmatch_lines([f"*::test_goes_on[[]{name}[]] PASSED*"])
    assert "its browser has ended during this test; the next test gets another" in str(found.stdout)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--ad-blockers=ublok-origin"], "no blocker 'ublok-origin'; did you mean 'ublock-origin'"),
        (["--blocker-extension=x"], "pass a name and a path, as NAME=PATH"),
        (["--ad-blockers=content-blocker"], "it is driven by Selenium"),
    ],
)
def test_bad_options_are_refused(run: Run, args: list[str], words: str) -> None:
    """A wrong option ends the run before any browser starts, with the fix."""
    found = run("def test_x(ad_blocker, page): ...", *args)
    assert found.ret != 0
    assert words in found.stdout.str() + found.stderr.str()


def test_what_does_not_work_fails_by_name(run: Run, tmp_path: Path) -> None:
    """A broken list, an old extension and one that Chromium refuses fail each test, with why."""
    (tmp_path / "a.txt").write_text("<!doctype html>\n", "utf-8")
    bad = {"declarative_net_request": {"rule_resources": [{"id": "a", "path": "no.json"}]}}
    extensions: dict[str, dict[str, object]] = {
        "old": {"manifest_version": 2},
        "bad": {"manifest_version": 3, **bad},
    }
    for name, more in extensions.items():
        (tmp_path / name).mkdir()
        manifest = {"name": name.title(), "version": "1", **more}
        (tmp_path / name / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    found = run(
        "def test_x(ad_blocker, page): ...",
        "--ad-blockers=easylist,old,bad",
        f"--filter-list={tmp_path / 'a.txt'}",
        *(f"--blocker-extension={name}={tmp_path / name}" for name in ("old", "bad")),
    )
    found.assert_outcomes(errors=3)
    text = found.stdout.str()
    assert "a.txt: line 1 begins an HTML page" in text
    assert "is of Manifest V2, which Chromium no longer runs" in text
    assert f"bad={tmp_path / 'bad'}: Chromium 1" in text
    assert "does not run Bad 1: " in text


def test_asleep_until_used(run: Run) -> None:
    """Loading the plugin imports neither Playwright nor any blocker."""
    code = (
        "import sys, detector.testing.plugin; "
        "bad = {'playwright', 'detector.testing.blockers'} & set(sys.modules); "
        "sys.exit(', '.join(bad) or 0)"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
