"""Names and ids in user content neither redirect the detector's scripts nor change a verdict."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route

from detector.core.assets import folder
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from detector.testing.messages import Answer
from e2e.support.clobbered import FEW, FOREIGN, NAMES, PICTURE, SHAPES, Heard, around, image, site
from e2e.support.newspaper import URL, one_page

BROWSERS = ["none", "none-firefox"]
STRICT = "script-src 'nonce-abc' 'strict-dynamic'; object-src 'none'; base-uri 'none'"
SITES: dict[str, dict[str, Any]] = {
    "plain": {},
    "strict": {"headers": {"Content-Security-Policy": STRICT}},
    "preload": {"single_page": True, "reuse_minutes": 5},
    "strict preload": {
        **{"headers": {"Content-Security-Policy": STRICT}},
        **{"single_page": True, "reuse_minutes": 5},
    },
    "tcf": {"consent": "tcf"},
}
IMPORTANT = [
    *("currentScript", "head", "documentElement", "body", "createElement", "addEventListener"),
    *("dispatchEvent", "hidden", "readyState", "forms", "Document", "trustedTypes"),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("options", SITES.values(), ids=SITES)
@pytest.mark.parametrize("browser", BROWSERS)
def test_all_names_at_once(
    open_page: OpenPage,
    net: Internet,
    tmp_path: Path,
    browser: str,
    options: dict[str, Any],
    shape: str,
) -> None:
    """Content with every name that the scripts mention changes no verdict and loads nothing."""
    site(net, tmp_path, "".join(map(SHAPES[shape], NAMES)), **options)
    heard = Heard(open_page(browser), net)
    assert heard.open() == "clear"


@pytest.mark.parametrize("name", IMPORTANT)
@pytest.mark.parametrize("browser", BROWSERS)
def test_one_name(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str, name: str
) -> None:
    """Each property that probes read is safe, whatever element has its name."""
    page = open_page(browser)
    for shape, make in FEW.items():
        (tmp_path / shape).mkdir()
        site(net, tmp_path / shape, make(name))
        heard = Heard(page, net)
        assert heard.open() == "clear", shape


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("browser", BROWSERS)
def test_notice(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str, shape: str
) -> None:
    """If baits are blocked the second script and the notice run as on any other page."""
    paper = site(net, tmp_path, "".join(map(SHAPES[shape], NAMES)), blur="h1", notice="soft-wall")
    paper.cut_baits()
    heard = Heard(open_page(browser), net)
    assert heard.open(said="heard notice ") == "shown"


@pytest.mark.parametrize("browser", BROWSERS)
def test_notice_in_a_form(open_page: OpenPage, net: Internet, tmp_path: Path, browser: str) -> None:
    """An ad slot in a form is found, whatever the names of the form's inputs."""
    place = around('<ins class="adsbygoogle"></ins>')
    site(net, tmp_path, place, notice="slot").cut_baits()
    heard = Heard(open_page(browser), net)
    assert heard.open(said="heard notice ") == "shown"
    assert heard.page.evaluate("() => !!document.querySelector('form > div')?.shadowRoot")


@pytest.mark.parametrize("browser", BROWSERS)
def test_focus_goes_back_to_a_form(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str
) -> None:
    """A modal notice returns the focus to a form, whatever the names of the form's inputs."""
    focus = '<script>HTMLElement.prototype.focus.call(document.querySelector("form"))</script>'
    site(net, tmp_path, around("") + focus, notice="modal").cut_baits()
    heard = Heard(open_page(browser), net)
    assert heard.open(said="heard notice ") == "shown"
    heard.page.keyboard.press("Escape")
    heard.page.wait_for_function("() => document.activeElement instanceof HTMLFormElement")
    heard.check()


@pytest.mark.parametrize(("mode", "said"), [("corner", "preview"), ("explain", "clear")])
@pytest.mark.parametrize("browser", BROWSERS)
def test_simulation(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str, mode: str, said: str
) -> None:
    """A signed link works."""
    paper = site(net, tmp_path, "".join(map(image, NAMES)))
    heard = Heard(open_page(browser), net)
    if mode == "explain":
        assert heard.open(paper.site.simulate_link(URL, mode)) == said
    else:
        heard.page.goto(paper.site.simulate_link(URL, mode))
        net.wait_for(lambda one: paper.names.texts in one.path)
        heard.check()


@pytest.mark.parametrize("key", ["b", "q", "a", "r"])
@pytest.mark.parametrize("url", [f"//{FOREIGN}/s.js", "../s.js", "/s.js", "\\\\foreign.example/s"])
def test_answer_that_leaves_our_folder(
    open_page: OpenPage, net: Internet, tmp_path: Path, key: str, url: str
) -> None:
    """An address on another host in the bootstrap is never requested."""
    paper = site(net, tmp_path, "")
    paper.cut_baits()
    page = open_page("none")
    answers = []

    def changed(route: Route) -> None:
        reply = route.fetch()
        control = reply.json()
        control[key] = [[0, n, f"{url}?", f"{url}?"] for n in (1, 2)] if key == "b" else url
        answers.append(control)
        route.fulfill(response=reply, body=json.dumps(control))

    page.route(re.compile(r"\.json\?v="), changed)
    heard = Heard(page, net)
    assert heard.open() in ("unknown", "blocked")
    if key == "r":
        net.wait_for(lambda one: one.method == "POST" and "google" not in one.host)
    assert answers
    assert net.seen(FOREIGN) == net.seen(path_contains="/s.js") == []


def test_other_scripts_elements(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """The script requests nothing as a script of SVG, or from another host."""
    paper = one_page(net, tmp_path, enabled=False)
    text = (folder() / "detect.min.js").read_text("utf-8")
    net.answer(FOREIGN, lambda request: Answer(text, "text/javascript"))
    page = open_page("none")
    heard = Heard(page, net)
    page.goto(URL)
    ours = f"/{paper.names.prefix}/{paper.names.word('script:detect', 6)}bcfghjkm.js"
    page.evaluate(
        """([own, foreign]) => Promise.all([
          new Promise((done) => {
            const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
            const script = document.createElementNS(svg.namespaceURI, "script");
            script.setAttribute("href", own);
            script.onload = script.onerror = done;
            svg.append(script);
            document.body.append(svg);
          }),
          new Promise((done) => {
            const script = document.createElement("script");
            script.src = foreign;
            script.onload = done;
            document.body.append(script);
          }),
        ]).then(() => fetch("/favicon.ico"))""",
        [ours, f"https://{FOREIGN}{PICTURE}"],
    )
    assert [one.path for one in paper.asked()] == [ours]
    assert not net.seen(path_contains="on?v=")
    assert heard.wrong == []


def test_every_name_is_escaped() -> None:
    """The names tried are those of the bundles, and are valid in an attribute unescaped."""
    assert {"currentScript", "head", "documentElement", "createElement"} <= set(NAMES)
    assert [escape(name) for name in NAMES] == NAMES
