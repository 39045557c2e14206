"""WebKitGTK, alone and with content rules made from EasyList, driven by Selenium."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.testing.internet import Internet
from e2e.support.axe import RUN, source
from e2e.support.newspaper import EMPTY, URL, newspaper, one_page

if TYPE_CHECKING:
    from selenium.webdriver.webkitgtk.webdriver import WebDriver

VERDICT = """const told = arguments[0];
document.addEventListener("ads:verdict", (event) => told(event.detail), { once: true });
document.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true }));"""
# Waits for the notice; returns its text and whether all of it is in view.
NOTICE = """const told = arguments[0];
(function look() {
  const host = [...document.body.children].find((one) => one.shadowRoot);
  const card = host && host.shadowRoot.querySelector(".card");
  if (!card || !card.getBoundingClientRect().height) return setTimeout(look, 50);
  const box = card.getBoundingClientRect();
  const across = box.left >= 0 && box.right <= innerWidth;
  told([card.textContent, across && box.top >= 0 && box.bottom <= innerHeight]);
})();"""
FOCUSED = """let at = document.activeElement;
while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
return at.className || at.localName;"""


def verdict_of(driver: WebDriver) -> dict[str, Any]:
    """Wait for the page's verdict."""
    found: dict[str, Any] = driver.execute_async_script(VERDICT)
    return found


def test_clear(webkit: WebDriver, net: Internet, tmp_path: Path) -> None:
    """Without rules: clear, and five requests."""
    paper = newspaper(net, tmp_path, early_ads=True)
    webkit.get(URL)
    found = verdict_of(webkit)
    assert (found["state"], found["kind"]) == ("clear", None)
    assert found["signals"] == {"requests": "clear", "elements": "clear", "ads": "clear"}
    webkit.get("about:blank")
    paper.wait_for_report()
    assert len(paper.asked()) == 5
    assert paper.counted("verdict", "clear") == 1


def test_third_parties_down(webkit: WebDriver, net: Internet, tmp_path: Path) -> None:
    """With all third-party hosts down: unknown."""
    newspaper(net, tmp_path)
    net.third_parties_down()
    webkit.get(URL)
    assert verdict_of(webkit)["state"] == "unknown"


def test_server_that_refuses_baits(webkit: WebDriver, net: Internet, tmp_path: Path) -> None:
    """A front server that swallows the baits' paths is not a blocker."""
    paper = one_page(net, tmp_path)
    paper.refuse_baits("403 No")
    webkit.get(URL)
    found = verdict_of(webkit)
    assert (found["state"], found["kind"]) == ("unreachable", "network")


def test_content_blocker(webkit_blocked: WebDriver, net: Internet, tmp_path: Path) -> None:
    """With a content blocker's rules: blocked, by an extension, and the notice is in view."""
    paper = newspaper(net, tmp_path)
    webkit_blocked.get(URL)
    found = verdict_of(webkit_blocked)
    assert (found["state"], found["kind"]) == ("blocked", "extension")
    words, inside = webkit_blocked.execute_async_script(NOTICE)
    assert "Adblock Detected" in words
    assert inside
    paper.wait_for_report(2)
    assert paper.counted("shown", "blocked", "browser", "safari") == 1


def test_strict_policy(webkit_blocked: WebDriver, net: Internet, tmp_path: Path) -> None:
    """Under a strict policy with a nonce the blocker is found too."""
    policy = "default-src 'none'; script-src 'nonce-abc123' 'strict-dynamic'; connect-src 'self'; "
    one_page(net, tmp_path, headers={"Content-Security-Policy": policy + "img-src 'self'"})
    webkit_blocked.get(URL)
    assert verdict_of(webkit_blocked)["state"] == "blocked"
    assert webkit_blocked.execute_async_script(NOTICE)[1]


def test_notice_by_keys(webkit: WebDriver, net: Internet, tmp_path: Path) -> None:
    """axe-core finds nothing; keys alone open and close it; only "Not now" is stored."""
    from selenium.webdriver import ActionChains, Keys

    html = EMPTY.replace("<h1>Page</h1>", '<main><h1>Page</h1><a href="/">Story</a></main>')
    paper = one_page(net, tmp_path, html)
    paper.cut_baits()
    webkit.get(URL)
    assert verdict_of(webkit)["state"] == "blocked"
    assert webkit.execute_async_script(NOTICE)[1]
    webkit.execute_script(source())
    assert webkit.execute_async_script(f"({RUN})().then(arguments[0])") == []
    # The notice follows the page's last link.
    webkit.execute_script("document.querySelector('a').focus()")
    keys = ActionChains(webkit)
    keys.send_keys(Keys.TAB).perform()
    assert webkit.execute_script(FOCUSED) == "button strong"
    keys.send_keys(Keys.ENTER).perform()
    assert webkit.execute_script(FOCUSED) == "lead"
    keys.send_keys(Keys.ESCAPE).perform()
    assert webkit.execute_script(FOCUSED) == "a"
    assert webkit.execute_script("return Object.keys(localStorage)") == [paper.names.storage_key]
    assert webkit.get_cookies() == []
    paper.wait_for_report(4)
    assert paper.counted("dismissed", "blocked", "browser", "safari") == 1
