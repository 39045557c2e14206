"""The audit finds exactly what blockers break, and survives broken pages and browsers."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

from detector.audit.model import PageVisit, Report
from detector.audit.page_visit import visitor_for
from detector.audit.runner import audit
from detector.demo.app import create_app
from detector.filter_lists.fetch import read_all
from detector.testing.blockers import BrowserMissing, Options, Running, ready, start
from detector.testing.internet import Internet
from detector.testing.machine import missing
from e2e.support import planted
from e2e.support.hard_pages import hard_pages
from tests.support.lists import debian

Audit = Callable[..., Report]
Found = dict[str, list[tuple[str, str]]]


@pytest.fixture
def seed() -> int:
    """Return a seed for the names, printed so that a run can be repeated."""
    seed = random.randrange(1_000_000)
    print(f"names from seed {seed}")
    return seed


@pytest.fixture
def run(playwright: Playwright, tmp_path: Path, request: pytest.FixtureRequest) -> Audit:
    """Return an audit of pages under blockers; a missing one skips the test, or fails it in CI."""

    def run(pages: list[str], names: list[str], options: Options, **more: Any) -> Report:
        for need in ready(Options(net=options.net)):
            if need.blocker.name in names and need.missing:
                missing(BrowserMissing(need.missing))
        options = replace(options, headless_shell=True)
        report = audit(pages[0], pages, names, options, tmp_path, playwright=playwright, **more)
        for one in report.blockers:
            if not one.missing:
                request.node.user_properties.append(("profile", one.label))
        return report

    return run


def problems(report: Report, blocker: str) -> Found:
    """Return kinds and targets of the problems of each page under a blocker."""
    found = {visit.url: visit for visit in report.visits if visit.blocker == blocker}
    paths = {url.rpartition("/")[2]: visit for url, visit in found.items()}
    return {
        path: [(one.kind, one.target) for one in visit.problems] for path, visit in paths.items()
    }


def pages(*names: str) -> list[str]:
    """Return the addresses of pages of the shop."""
    return [f"{planted.URL}/{name}" for name in names]


def open_shop(net: Internet, names: planted.Names) -> None:
    """Open the shop, with its host of ads."""
    net.site(planted.HOST, planted.shop(names))
    net.answer(names.ads, planted.ads)


@pytest.mark.timeout(300)
def test_planted_bugs_are_found_and_named(
    net: Internet, run: Audit, seed: int, tmp_path: Path
) -> None:
    """Each bug that a list causes is found by its name; a page that only loses ads has none."""
    names = planted.made_up(seed)
    open_shop(net, names)
    path = tmp_path / "mine.txt"
    path.write_text(names.filters, "utf-8")
    options = Options(filter_lists=(str(path),), net=net, cache=tmp_path)
    report = run(pages("", planted.SELDOM, *planted.BUGS), ["easylist"], options)
    word = names.word
    lacks = f"TypeError: {word} is not a function"
    assert problems(report, "easylist") == {
        "": [],
        planted.SELDOM: [],
        "hidden": [("hidden", f"#{word}")],
        "script": [("request", f"{planted.URL}/{names.script}"), ("console", lacks)],
        "covered": [("covered", f"div.{word}")],
        "shift": [("shift", "html > body > main")],
    }
    assert all(not found for found in problems(report, "none").values())
    assert report.status == 1
    for visit in report.visits:
        assert (tmp_path / visit.picture).stat().st_size > 1000
        assert visit.status == 200
        assert f"{planted.URL}/hidden" in visit.links
    under = [visit for visit in report.visits if visit.blocker == "easylist"]
    assert all(any(names.ads in one.url for one in visit.blocked) for visit in under)
    lines = names.filters.split("\n")
    wanted = {"hidden": f"##.{names.button}", "request": f"/{names.script}$script"}
    found = {one.kind: one for visit in under for one in visit.problems if one.kind in wanted}
    for kind, rule in wanted.items():
        (cause,) = found[kind].causes
        assert (cause.list, cause.line, cause.rule) == ("mine", lines.index(rule) + 1, rule)
        assert not cause.likely
        assert found[kind].suggestion
    assert all(one.causes for visit in under for one in visit.blocked if names.ads in one.url)


@pytest.mark.timeout(300)
def test_the_real_one_brings_one_out_too(
    net: Internet, run: Audit, seed: int, tmp_path: Path
) -> None:
    """The real uBlock Origin with its own lists breaks such pages, and no others."""
    names = planted.listed(seed)
    open_shop(net, names)
    options = Options(net=net, cache=tmp_path)
    report = run(pages("", "hidden", "shift"), ["ublock-origin"], options)
    assert [one.missing for one in report.blockers] == ["", ""]
    found = problems(report, "ublock-origin")
    assert found[""] == []
    assert found["hidden"] == [("hidden", f"#{names.word}")]
    assert found["shift"] == [("shift", "html > body > main")]
    assert {visit.shift_measure for visit in report.visits} == {"own"}
    (hidden,) = next(visit.problems for visit in report.visits if visit.problems)
    assert f"##.{names.button}" in {cause.rule for cause in hidden.causes}
    sources = {one.label: one.lines for one in read_all(map(str, debian()))}
    for cause in hidden.causes:
        assert sources[cause.list][cause.line - 1].strip() == cause.rule
        assert cause.likely
        assert cause.date


@pytest.mark.timeout(300)
def test_firefox_own_engine_stops_third_parties_alone(
    net: Internet, run: Audit, seed: int, tmp_path: Path
) -> None:
    """Firefox's own engine leaves the site's own names alone; what it stops has its line."""
    names = planted.made_up(seed)
    open_shop(net, names)
    path = tmp_path / "mine.txt"
    path.write_text(names.filters, "utf-8")
    options = Options(filter_lists=(str(path),), net=net, cache=tmp_path)
    report = run(pages("hidden", "script"), ["firefox-native"], options)
    assert [one.missing for one in report.blockers] == ["", ""]
    assert problems(report, "firefox-native") == {"hidden": [], "script": []}
    stopped = [
        one
        for visit in report.visits
        for one in visit.blocked
        if visit.blocker == "firefox-native" and names.ads in one.url
    ]
    rule = f"||{names.ads}^"
    line = names.filters.split("\n").index(rule) + 1
    assert {one.type for one in stopped} >= {"script"}
    for one in stopped:
        (cause,) = one.causes
        assert (cause.list, cause.line, cause.rule, cause.likely) == ("mine", line, rule, True)


@pytest.mark.timeout(300)
def test_a_shift_is_seen_where_no_browser_measures(
    net: Internet, run: Audit, seed: int, tmp_path: Path
) -> None:
    """Firefox's tracking protection and WebKitGTK's rules shift one page: only that is found."""
    names = planted.made_up(seed)
    open_shop(net, names)
    path = tmp_path / "mine.txt"
    # Rules for WebKit are converted from a list's generic lines alone.
    path.write_text(f"{names.filters}/ad.js$script\n", "utf-8")
    options = Options(filter_lists=(str(path),), net=net, cache=tmp_path)
    blockers = ["tracking-protection", "content-blocker"]
    report = run(pages("", "shift"), blockers, options)
    expected = {"": [], "shift": [("shift", "html > body > main")]}
    assert {name: problems(report, name) for name in blockers} == dict.fromkeys(blockers, expected)
    measures = {one.blocker: one.shift_measure for one in report.visits}
    assert measures["tracking-protection"] == "own"
    assert measures["content-blocker"] == "own, from the load event on"


def test_what_the_detector_says_is_heard(net: Internet, run: Audit, tmp_path: Path) -> None:
    """On the demo only visitors with a blocker see the notice, and nothing is broken."""
    host = "demo.example"
    net.site(host, create_app(secret="s" * 32, db=str(tmp_path / "a.sqlite"), from_view=1))
    visits: list[str] = []
    report = run(
        [f"https://{host}/"],
        ["easylist"],
        Options(net=net),
        on_page=lambda url, name: visits.append(name),
    )
    # Each visit is announced before it is made, so that a site's delay precedes all of them.
    assert visits == ["none", "none", "easylist"]
    assert {one.name: one.missing for one in report.blockers} == {"none": "", "easylist": ""}
    clean, under = report.visits
    assert clean.verdict is not None and clean.verdict["state"] == "clear"
    assert clean.notice is None
    assert under.verdict is not None and under.verdict["state"] == "blocked"
    assert under.due and under.notice is not None
    assert any(one.bait for one in under.blocked)
    assert clean.problems + under.problems == []
    assert report.status == 0


HARD = {
    "/": "",
    "/guarded": "",
    "/idle": "",
    "/half": "",
    "/alert": "",
    "/away": "",
    "/loop": "redirects endlessly",
    "/file.zip": "is a download",
    "/empty": "returned no page",
    "/spin": "keeps the browser so busy",
}
# Waits that time out.
ENDLESS = ("/half", "/spin")


@contextmanager
def _started(playwright: Playwright) -> Iterator[Running]:
    with ExitStack() as stack:
        try:
            running = stack.enter_context(start("none", playwright, Options(headless_shell=True)))
        except BrowserMissing as error:
            missing(error)
        yield running


@pytest.mark.timeout(300)
def test_hard_pages_are_a_row_each(playwright: Playwright, tmp_path: Path) -> None:
    """No page, a restless page and no response are distinguished; the next page is visited."""
    with hard_pages() as url, hard_pages(secure=True) as secure, _started(playwright) as running:
        looker = visitor_for(running, tmp_path, patience=30)
        short = visitor_for(running, tmp_path, patience=3)
        visits = {path: (short if path in ENDLESS else looker).visit(url + path) for path in HARD}
        for path, words in HARD.items():
            assert words in visits[path].error, path
            assert bool(words) is bool(visits[path].error), visits[path].error
        # Loaded, partly loaded or aborted: this depends on the machine.
        huge = short.visit(f"{url}/huge")
        assert huge.title == "Hard" or "busy" in huge.error
        assert visits["/alert"].dialogs == ["alert: Stop", "confirm: Sure?", "prompt: Who?"]
        assert visits["/away"].final_url == f"{url}/"
        assert "never quiet" in visits["/idle"].notes[0]
        assert "not fully loaded" in visits["/half"].notes[0]
        assert visits["/half"].controls[0].state == "usable"
        assert "--ignore-certificate-errors" in looker.visit(f"{secure}/").error
        brave = visitor_for(running, tmp_path, ignore_certificate_errors=True)
        assert brave.visit(f"{secure}/").title == "Hard"
        assert "cannot be reached" in looker.visit("http://127.0.0.1:1/").error


def browsers() -> set[int]:
    """Return the Chromium processes that this process has started, without their helpers."""
    parents: dict[int, int] = {}
    found: set[int] = set()
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            number = int(one.name)
            parents[number] = int((one / "stat").read_text().rpartition(")")[2].split()[1])
            line = (one / "cmdline").read_bytes()
            if b"chrom" in line.partition(b"\0")[0] and b"--type=" not in line:
                found.add(number)

    def is_ours(one: int) -> bool:
        while one > 1 and one != os.getpid():
            one = parents.get(one, 0)
        return one == os.getpid()

    return {one for one in found if is_ours(one)}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are looked up in /proc")
def test_an_audit_goes_on_past_what_fails(run: Audit, tmp_path: Path) -> None:
    """A crashed browser, an unknown blocker and a broken list get rows; the rest is visited."""
    before = browsers()

    def kill(url: str, blocker: str) -> None:
        if url.endswith("/idle"):
            for one in browsers() - before:
                os.kill(one, signal.SIGKILL)

    with hard_pages() as url:
        options = Options(filter_lists=(str(tmp_path / "none.txt"),))
        names = ["easylst", "easylist", "brave-standard"]
        report = run([f"{url}/", f"{url}/idle", f"{url}/guarded"], names, options, on_page=kill)
    by_name = {one.name: one for one in report.blockers}
    assert "did you mean 'easylist'" in by_name["easylst"].missing
    assert "the browser ended" in by_name["none"].missing
    assert all("none.txt" in by_name[name].missing for name in names[1:])
    assert [(visit.url, bool(visit.error)) for visit in report.visits] == [
        (f"{url}/", False),
        (f"{url}/idle", True),
    ]
    assert report.status == 2


def test_an_interrupt_keeps_what_there_is(run: Audit, tmp_path: Path) -> None:
    """An interrupted audit returns the visits so far."""

    def stop(visit: PageVisit) -> None:
        raise KeyboardInterrupt

    def more(visit: PageVisit) -> list[str]:
        return [*visit.links, f"{url}/more"]

    with hard_pages() as url:
        report = run([f"{url}/"], ["none"], Options(), on_visit=stop, crawl=more)
    assert report.stopped and report.status == 2
    assert [visit.title for visit in report.visits] == ["Hard"]
