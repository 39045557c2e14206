"""The test kit itself: its ads load without a blocker, and its blockers really block."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from playwright.sync_api import Page, Playwright, expect

from detector.testing.blockers import Options, Running, start
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from detector.testing.messages import Request

if TYPE_CHECKING:
    from selenium.webdriver.webkitgtk.webdriver import WebDriver

HOST = "kit.example"
URL = f"https://{HOST}/"
ADSENSE = "pagead2.googlesyndication.com"
GPT = "securepubads.g.doubleclick.net"
PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>News</title>
<link rel="icon" href="data:,">
<script src="https://static.reader.example/site.js"></script>
<script async src="https://{ADSENSE}/pagead/js/adsbygoogle.js?client=ca-pub-1"></script>
<script async src="https://{GPT}/tag/js/gpt.js"></script>
<script>
window.googletag = window.googletag || {{ cmd: [] }};
googletag.cmd.push(() => {{
  googletag.defineSlot("/1/home", [728, 90], "top").addService(googletag.pubads());
  googletag.enableServices();
  googletag.display("top");
}});
</script></head><body><h1>News</h1><div id="top"></div>
<ins class="adsbygoogle" style="display:block;width:300px;height:250px"
 data-ad-client="ca-pub-1"></ins>
<script>(window.adsbygoogle = window.adsbygoogle || []).push({{}});</script>
<div class="adSlot">bait</div><div class="article">control</div></body></html>"""
# Requests a bait and its control, which no list blocks; both are answered by the site.
ASK = """async (paths) => Promise.all(paths.map((path) =>
    fetch(path, { cache: "no-store" }).then((r) => r.status, () => 0)))"""
BAIT, CONTROL = "/x/videojs-contrib-ads.js", "/x/videojs-contrib-hls.js"


def site(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer / with a page with the usual ad tags, and any other path with a script."""
    page = environ["PATH_INFO"] == "/"
    kind = "text/html" if page else "text/javascript"
    start_response("200 OK", [("Content-Type", f"{kind}; charset=utf-8")])
    return [PAGE.encode() if page else b"1;"]


@pytest.fixture(autouse=True)
def _site(net: Internet) -> None:
    net.site(HOST, site)


def ask(page: Page) -> list[int]:
    """Return the statuses of bait and control, 0 where a request failed."""
    statuses: list[int] = page.evaluate(ASK, [BAIT, CONTROL])
    return statuses


@pytest.mark.parametrize("profile", ["none", "none-firefox"])
def test_ads_fill_without_a_blocker(open_page: OpenPage, net: Internet, profile: str) -> None:
    """Without a blocker both kinds of slots show a loaded ad, and baits are neither hidden."""
    page = open_page(profile)
    page.goto(URL)
    for frame in ("ins.adsbygoogle iframe", "#top iframe"):
        picture = page.frame_locator(frame).get_by_alt_text("Advertisement")
        expect(picture).to_be_visible()
        assert picture.evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0
    assert ask(page) == [200, 200]
    expect(page.locator(".adSlot")).to_be_visible()
    assert net.seen(host=ADSENSE) and net.seen(host=GPT)


def test_ublock_blocks_ads_and_baits(ublock_page: Page, net: Internet) -> None:
    """The real uBlock Origin blocks all ad scripts and a bait request, and hides a bait."""
    ublock_page.goto(URL)
    expect(ublock_page.locator(".adSlot")).to_be_hidden()
    expect(ublock_page.locator(".article")).to_be_visible()
    assert ask(ublock_page) == [0, 200]
    assert ublock_page.locator("html").get_attribute("data-example-cdn") == "loaded"
    assert not net.seen(host=ADSENSE)
    assert not net.seen(host=GPT)
    assert not net.seen(host=HOST, path_contains=BAIT)


def test_ublock_can_be_switched_off_for_a_site(
    ublock_page: Page, net: Internet, running: Callable[[str], Running]
) -> None:
    """The power button allows the ads of one site, and of no other, until it is pressed again."""
    net.site("other.example", site)
    ublock = running("ublock-origin")
    ublock_page.goto(URL)
    assert ask(ublock_page) == [0, 200]

    ublock.allow_site(ublock_page)
    ublock_page.reload()
    assert ask(ublock_page) == [200, 200]
    expect(ublock_page.locator("ins.adsbygoogle iframe")).to_be_visible()
    expect(ublock_page.locator(".adSlot")).to_be_visible()
    ublock_page.goto("https://other.example/")
    assert ask(ublock_page) == [0, 200]

    ublock_page.goto(URL)
    ublock.disallow_site(ublock_page)
    ublock_page.reload()
    assert ask(ublock_page) == [0, 200]


def test_ublock_trusts_no_site_after_a_test(
    open_page: OpenPage, allow_site: Callable[[Page], None], running: Callable[[str], Running]
) -> None:
    """Everything that a test allowed is undone at once."""
    page = open_page("ublock-origin")
    page.goto(URL)
    allow_site(page)
    page.reload()
    assert ask(page) == [200, 200]
    running("ublock-origin").restore_sites()
    page.reload()
    assert ask(page) == [0, 200]


def is_answered(end: str, request: Request) -> bool:
    """Whether a request for a file of this name has been answered."""
    return request.path.endswith(end) and request.status == 200


def test_ublock_still_blocks_after_its_update(
    running: Callable[[str], Running], playwright: Playwright
) -> None:
    """The extension's own list update is answered, and EasyList still works afterwards."""
    running("ublock-origin")  # skips where it is missing
    with Internet() as own, start("ublock-origin", playwright, Options(net=own)) as ublock:
        own.site(HOST, site)
        for name in ("easylist.txt", "assets.json"):  # the second one is last
            own.wait_for(partial(is_answered, name), 60)
        page = ublock.new_page()
        deadline = monotonic() + 60
        while True:  # a page that loads while the new list is read is filtered without it
            page.goto(URL)
            try:
                expect(page.locator(".adSlot")).to_be_hidden(timeout=3000)
                break
            except AssertionError:
                if monotonic() > deadline:
                    raise
        assert ask(page) == [0, 200]


def test_clean_profiles_have_nothing_to_switch(
    open_page: OpenPage, running: Callable[[str], Running]
) -> None:
    """Switching off the blocker of a browser without one is an error that says so."""
    page = open_page("none-firefox")
    with pytest.raises(ValueError, match="none-firefox"):
        running("none-firefox").allow_site(page)


@pytest.mark.parametrize("profile", ["none", "none-firefox"])
def test_dead_hosts_fail(open_page: OpenPage, net: Internet, profile: str) -> None:
    """A dead ad host causes an error event, as under a DNS blocker; baits are not affected."""
    net.dead([ADSENSE, GPT])
    page = open_page(profile)
    page.goto(URL)
    failed = page.evaluate(
        """(url) => new Promise((tell) => {
            const script = document.createElement("script");
            script.onload = () => tell("load");
            script.onerror = () => tell("error");
            script.src = url;
            document.head.append(script);
        })""",
        f"https://{ADSENSE}/pagead/js/adsbygoogle.js?again",
    )
    assert failed == "error"
    assert ask(page) == [200, 200]
    assert page.locator("ins.adsbygoogle iframe").count() == 0
    assert page.locator("html").get_attribute("data-example-cdn") == "loaded"


def test_firefox_engine_blocks_ads_and_spares_the_site(open_page: OpenPage, net: Internet) -> None:
    """Firefox's own engine blocks the ad scripts by EasyList, no bait, and hides nothing."""
    page = open_page("firefox-native")
    page.goto(URL)
    assert ask(page) == [200, 200]
    expect(page.locator(".adSlot")).to_be_visible()
    assert page.locator("html").get_attribute("data-example-cdn") == "loaded"
    assert not net.seen(host=ADSENSE)
    assert not net.seen(host=GPT)


def test_firefox_engine_takes_the_users_lists(
    running: Callable[[str], Running], playwright: Playwright, net: Internet, tmp_path: Path
) -> None:
    """A list of the user replaces the packaged ones, even under a name with a separator in it."""
    running("none-firefox")  # skips where it is missing
    path = tmp_path / "my|list.txt"
    path.write_text("||reader.example^\n", "utf-8")
    options = Options(net=net, filter_lists=(str(path),))
    with start("firefox-native", playwright, options) as native:
        page = native.new_page()
        page.goto(URL)
        assert net.seen(host=ADSENSE)
        assert page.locator("html").get_attribute("data-example-cdn") is None


def test_firefox_engine_acts_without_a_test_internet(
    running: Callable[[str], Running], playwright: Playwright, tmp_path: Path
) -> None:
    """Outside of the test internet the engine is waited for, too, on this machine's own address."""
    running("none-firefox")  # skips where it is missing
    path = tmp_path / "list.txt"
    path.write_text("||stops.example^\n", "utf-8")
    with start("firefox-native", playwright, Options(filter_lists=(str(path),))) as native:
        assert "Firefox's own engine (real, on filter lists, lists of 20" in native.blocker.label


@pytest.mark.parametrize("profile", ["none", "none-firefox"])
def test_third_parties_down_spares_the_site(
    open_page: OpenPage, net: Internet, profile: str
) -> None:
    """With all third parties down the site itself still answers."""
    net.third_parties_down()
    page = open_page(profile)
    page.goto(URL)
    assert ask(page) == [200, 200]
    assert page.locator("html").get_attribute("data-example-cdn") is None


def ask_webkit(driver: WebDriver) -> Any:
    """Return statuses of bait and control, and whether the bait element and ads are visible."""
    return driver.execute_async_script(
        f"""const [paths, done] = arguments;
        const ask = {ASK};
        const shown = (s) => getComputedStyle(document.querySelector(s)).display !== "none";
        ask(paths).then((statuses) => done([...statuses, shown(".adSlot"), shown(".article"),
            document.querySelectorAll("ins.adsbygoogle iframe, #top iframe").length]));""",
        [BAIT, CONTROL],
    )


def test_webkit_fills_ads_without_rules(webkit: WebDriver, net: Internet) -> None:
    """WebKit without content rules shows both ads and all baits."""
    webkit.get(URL)
    net.wait_for(lambda request: "simgad/728x90" in request.path and request.status == 200)
    net.wait_for(lambda request: "simgad/300x250" in request.path and request.status == 200)
    assert ask_webkit(webkit) == [200, 200, True, True, 2]


def test_webkit_content_rules_block(webkit_blocked: WebDriver, net: Internet) -> None:
    """WebKit with content rules from EasyList blocks the ads, the bait request and the bait."""
    webkit_blocked.get(URL)
    assert ask_webkit(webkit_blocked) == [0, 200, False, True, 0]
    assert not net.seen(host=ADSENSE)
    assert not net.seen(host=GPT)
    assert not net.seen(host=HOST, path_contains=BAIT)


def test_dead_hosts_fail_in_webkit(webkit: WebDriver, net: Internet) -> None:
    """A dead ad host has no ads in WebKit, and is not requested around the proxy."""
    net.dead([ADSENSE, GPT])
    webkit.get(URL)
    assert ask_webkit(webkit) == [200, 200, True, True, 0]
    assert {request.status for request in net.seen(host=ADSENSE)} == {0}
