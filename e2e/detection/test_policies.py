"""Strict policies, unusual documents, hostile scripts: right or unknown, and unchanged pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import URL, newspaper, one_page, state_on, verdict_of, watch_console

CLEAN = ["none", "none-firefox"]
ALL = [*CLEAN, "ublock-origin"]
STRICT = (
    "default-src 'none'; script-src 'nonce-abc123' 'strict-dynamic'; connect-src 'self'; "
    "img-src 'self'"
)


def document(head: str = "", body: str = "<p>text") -> str:
    """Build a page."""
    return f'<!doctype html><html lang="en"><head><title>x</title>{head}</head><body>{body}'


@pytest.mark.parametrize("profile", ALL)
def test_strict_policy(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """Under a strict policy with a nonce everything works, without a console message."""
    one_page(net, tmp_path, document(), {"Content-Security-Policy": STRICT})
    page = open_page(profile)
    messages = watch_console(page)
    page.goto(URL)
    blocked = profile == "ublock-origin"
    assert verdict_of(page)["state"] == ("blocked" if blocked else "clear")
    if blocked:
        expect(page.get_by_role("button", name="Not now")).to_be_visible()
    assert messages == []


@pytest.mark.parametrize("profile", CLEAN)
def test_policy_without_nonce(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """Under script-src 'self' the inline line is left out; there is a verdict and no message."""
    one_page(net, tmp_path, document(), {"Content-Security-Policy": "default-src 'self'"})
    page = open_page(profile)
    messages = watch_console(page)
    page.goto(URL)
    found = verdict_of(page)
    assert (found["state"], found["signals"]["ads"]) == ("clear", "unknown")
    assert messages == []


@pytest.mark.parametrize("profile", CLEAN)
def test_policy_that_refuses_us(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """If the policy refuses the detector's requests the verdict is unknown, never blocked."""
    policy = "script-src 'nonce-abc123'; connect-src 'none'"
    one_page(net, tmp_path, document(), {"Content-Security-Policy": policy})
    assert state_on(open_page(profile)) == "unknown"


@pytest.mark.parametrize("profile", CLEAN)
def test_import_map_after_the_tag(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """An import map after the tag still works."""
    body = """<script type="importmap">
    {"imports": {"greeting": "data:text/javascript,export default 'mapped'"}}</script>
    <script type="module">import text from "greeting"; document.title = text</script>"""
    one_page(net, tmp_path, document(body))
    page = open_page(profile)
    page.goto(URL)
    expect(page).to_have_title("mapped")
    assert verdict_of(page)["state"] == "clear"


@pytest.mark.parametrize("profile", CLEAN)
def test_foreign_base(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """A page with a foreign base still sends requests to its own host."""
    one_page(net, tmp_path, document('<base href="https://static.reader.example/deep/">'))
    assert state_on(open_page(profile)) == "clear"


# Playwright's switch does not work in a stock Firefox, and cannot drive one with scripts off.
def test_without_javascript(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Without JavaScript the page is unchanged, and the detector's URLs are not requested."""
    paper = newspaper(net, tmp_path)
    page = open_page("none", java_script_enabled=False)
    page.goto(URL)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert paper.asked() == []


HOSTILE = {
    "fetch gone": "delete window.fetch; window.fetch = undefined",
    "fetch throws": "window.fetch = () => { throw new Error('no') }",
    "fetch wrapped": "const real = fetch; window.fetch = (...all) => real(...all)",
    "performance gone": "Object.defineProperty(window, 'performance', {value: undefined})",
    "computed style throws": "window.getComputedStyle = () => { throw new Error('no') }",
    "prototypes frozen": "[Object, Array, Promise, Element, Node, HTMLElement, Function, String]"
    ".forEach((one) => Object.freeze(one.prototype))",
    "Promise replaced": "window.Promise = class { then() { return this } catch() { return this } }",
    "URL replaced": "window.URL = function () { throw new Error('no') }",
    "listeners throw": "['ads:verdict', 'ads:ask'].forEach((name) => "
    "document.addEventListener(name, () => { throw new Error('theirs') }))",
    "storage throws": "Object.defineProperty(window, 'localStorage', "
    "{get() { throw new Error('no') }})",
    "nodes removed": "new MutationObserver((all) => all.forEach((one) => "
    "one.addedNodes.forEach((node) => node.tagName === 'DIV' && node.remove())))"
    ".observe(document, {childList: true, subtree: true})",
    "beacons refused": "navigator.sendBeacon = () => false",
    "ids taken": "Element.prototype.append = () => { throw new Error('no') }",
}


# These change nothing that the verdict needs.
HARMLESS = {
    *("fetch wrapped", "computed style throws", "prototypes frozen"),
    *("listeners throw", "storage throws", "beacons refused"),
}


@pytest.mark.parametrize("profile", CLEAN)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_page(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str, name: str
) -> None:
    """On a page that changes built-ins the verdict is right or unknown, without a message."""
    # In the head, before the async script can run: the page's own scripts are first.
    one_page(net, tmp_path, f"<!doctype html><head><script>{HOSTILE[name]}</script><p id=p>text")
    page = open_page(profile)
    messages = watch_console(page)
    page.goto(URL)
    told = page.evaluate(
        """() => {
          let told = "unknown";
          document.addEventListener("ads:verdict", (event) => (told = event.detail.state));
          document.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true }));
          const ended = Date.now() + 1500;
          // Plain timers: the page may have replaced Promise.
          const root = document.documentElement;
          (function look() {
            if (told !== "unknown" || Date.now() > ended) root.dataset.told = told;
            else setTimeout(look, 50);
          })();
        }"""
    )
    assert told is None
    allowed = "clear" if name in HARMLESS else re.compile("^(clear|unknown)$")
    expect(page.locator("html")).to_have_attribute("data-told", allowed)
    expect(page.locator("#p")).to_have_text("text")
    assert [text for text in messages if "theirs" not in text] == []


@pytest.mark.parametrize("profile", CLEAN)
def test_loaded_twice(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """A page with two tags is one view with one verdict."""
    paper = one_page(net, tmp_path)
    page = open_page(profile)
    page.goto(URL)
    verdict_of(page)
    _load_again(page)
    paper.wait_until_quiet(page)
    assert len([r for r in paper.asked() if ".json?v=" in r.path]) == 1
    assert paper.counted("view") == 1


def _load_again(page: Page) -> None:
    page.evaluate(
        """() => new Promise((done) => {
          const copy = document.createElement("script");
          const first = document.querySelector("script[src]");
          copy.src = first.src;
          for (const name of first.getAttributeNames()) {
            if (name !== "src") copy.setAttribute(name, first.getAttribute(name));
          }
          copy.onload = () => done();
          document.head.append(copy);
        })"""
    )
