"""The newspaper on real WordPress, by its one command, in real browsers and under blockers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.servers.test_demo_command import as_a_person
from e2e.support.axe import violations
from e2e.support.newspaper import HOST, URL, verdict_of, watch_console
from e2e.support.pictures import SCHEMES, SIZE, keep
from tests.support.root import ROOT
from tests.support.serving import detector, groups, stats
from tests.support.wordpress import ARTICLE, WordPress

SENTENCE = (
    "Adblock Detected. Please support us by disabling your AdBlocker extension from your browsers "
    "for our website."
)
STORY = URL.rstrip("/") + ARTICLE
PERSON = {
    "none": {
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/156.0.0.0 Safari/537.36"
    }
}
"""A headless Chromium names itself a robot, and robots are not looked at."""
QUICK = "<?php add_filter( 'comment_flood_filter', '__return_false', 20 );"
"""Comments come faster than people type."""


@pytest.fixture(scope="module")
def paper() -> Iterator[WordPress]:
    """Start the newspaper once."""
    with WordPress(URL.rstrip("/")) as started:
        started.write("wp-content/mu-plugins/quick.php", QUICK)
        yield started


@pytest.fixture(autouse=True)
def known(paper: WordPress, net: Internet) -> None:
    """Serve it under its host name."""
    net.forward(HOST, "127.0.0.1", paper.port)


def notice(page: Page) -> Locator:
    """Return the notice."""
    return page.get_by_role("region", name="Adblock Detected")


def comment(page: Page, text: str) -> None:
    """Write a comment on the article, and see it there."""
    page.get_by_label("Your comment").fill(text)
    page.get_by_label("Your name").fill("A reader")
    page.get_by_label("Your email address").fill(f"{len(text)}@reader.example")
    page.get_by_role("button", name="Post the comment").click()
    expect(page.locator(".comment", has_text=text)).to_be_in_viewport()


def test_the_sentence_under_ublock_origin(paper: WordPress, open_page: OpenPage) -> None:
    """The second blocked view has the newspaper's sentence, the first nothing; comments work."""
    page = as_a_person(open_page("ublock-origin"))
    page.goto(URL)
    assert verdict_of(page)["state"] == "blocked"
    page.goto(STORY)
    assert verdict_of(page)["state"] == "blocked"
    expect(notice(page)).to_be_in_viewport(ratio=1)
    expect(notice(page)).to_contain_text(SENTENCE)
    notice(page).get_by_role("button", name="Not now").click()
    expect(notice(page)).to_have_count(0)
    comment(page, "The goats are mine, and they are sorry.")


@pytest.mark.parametrize("browser", ["none", "none-firefox"])
def test_clean_browsers_see_nothing(
    paper: WordPress, open_page: OpenPage, net: Internet, browser: str
) -> None:
    """Without a blocker every page is clear, with an empty console and no notice, cached or not."""
    paper.get(ARTICLE, host=HOST)
    assert paper.get(ARTICLE, host=HOST).headers["x-cache"] == "HIT"
    page = as_a_person(open_page(browser, **PERSON.get(browser, {})))
    messages = watch_console(page)
    for address in (URL, STORY, f"{URL}section/town/"):
        page.goto(address)
        assert verdict_of(page)["state"] == "clear", address
        expect(notice(page)).to_have_count(0)
    assert messages == []
    page.goto("about:blank")
    # A report of the test before may come late.
    net.wait_for(lambda _: sum(r.status == 204 for r in net.seen(host=HOST, method="POST")) >= 3)


@pytest.mark.parametrize("blocker", ["easylist", "brave-aggressive"])
def test_comments_under_blockers(open_page: OpenPage, blocker: str) -> None:
    """A comment can be posted, and is seen by its writer, although the page is cached."""
    page = as_a_person(open_page(blocker))
    page.goto(STORY)
    comment(page, f"I read this with {blocker} switched on.")


def test_a_subscriber_is_not_looked_at(
    paper: WordPress, open_page: OpenPage, net: Internet
) -> None:
    """A logged-in subscriber gets no tag and no notice, and sends nothing to the detector."""
    page = as_a_person(open_page("easylist"))
    page.goto(f"{URL}wp-login.php")
    # Not by the form, which is WordPress' own and nothing that is tested here.
    form: dict[str, str | float | bool] = {
        **{"log": "reader", "pwd": paper.password("reader"), "testcookie": "1"}
    }
    page.context.request.post(f"{URL}wp-login.php", form=form, max_redirects=0)
    before = len(net.requests)
    for address in (URL, STORY):
        page.goto(address, wait_until="networkidle")
        expect(page.locator(".masthead").get_by_role("link", name="Log out")).to_be_visible()
        expect(notice(page)).to_have_count(0)
    folder = paper.folder_name()
    asked = [one.path for one in net.requests[before:] if one.host == HOST]
    assert ARTICLE in asked and not [path for path in asked if folder in path]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_picture(open_page: OpenPage, scheme: str) -> None:
    """The article with the notice, as the documentation shows it, in light and dark."""
    page = as_a_person(open_page("easylist", viewport=SIZE, color_scheme=scheme, **PERSON["none"]))
    for address in (URL, STORY):
        page.goto(address)
        assert verdict_of(page)["state"] == "blocked"
    expect(notice(page)).to_be_in_viewport(ratio=1)
    page.wait_for_load_state("networkidle")
    keep(page, f"wordpress-{scheme}")


def test_readable_by_everybody(open_page: OpenPage) -> None:
    """The front page and an article have no problem of accessibility that axe finds."""
    page = open_page("easylist")  # the ad networks' frames have no title
    for address in (URL, STORY):
        page.goto(address)
        assert violations(page) == [], address


def test_audit_finds_nothing_broken(paper: WordPress, tmp_path: Path) -> None:
    """`detector audit` finds nothing broken on an article."""
    paths = tmp_path / "paths"
    paths.write_text(ARTICLE)
    options = ["--blockers", "easylist", "--paths", str(paths)]
    done = subprocess.run(
        detector("audit", f"http://{paper.host}/", *options, "--out", str(tmp_path / "report")),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing broke under any blocker." in done.stdout


def test_counts_at_the_end(paper: WordPress, open_page: OpenPage, net: Internet) -> None:
    """Views and the shown notice are counted by kind of page; PHP has logged nothing."""
    page = as_a_person(open_page("easylist", **PERSON["none"]))
    for address in (URL, STORY):
        page.goto(address)
        assert verdict_of(page)["state"] == "blocked"
    expect(notice(page)).to_be_in_viewport(ratio=1)
    page.goto("about:blank")
    # Two verdicts, and that the notice was shown.
    net.wait_for(lambda _: sum(r.status == 204 for r in net.seen(host=HOST, method="POST")) >= 3)
    assert paper.errors() == ""
    paper.stop()
    counted = stats(paper.store)
    # Other tests' Chromium and the audit say that they are robots.
    assert set(counted["refused"]) <= {"bot"}
    assert counted["verdicts"]["blocked"] >= 2 and counted["actions"]["shown"] >= 1
    assert groups(paper.store) >= {"home", "article"}
