"""On hostile pages the notice is right or absent, and the page is unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from detector.notice_preview.cases import MODES, Case
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.measuring import measure
from e2e.support.newspaper import URL, newspaper, refuse_baits
from e2e.support.stage import HOST, Stage

WAR = '<div style="position: fixed; inset: 0; z-index: 2147483647; background: #fff">Mine</div>'
HOSTILE = {
    "hides": ("<style>body * { display: none !important }</style>", ""),
    "unsets": ("<style>* { all: unset !important }</style>", ""),
    "resets": (
        "<style>div, dialog, [popover] { display: none !important; opacity: 0 !important; "
        "position: static !important; inline-size: 1px !important }</style>",
        "",
    ),
    "huge": ("<style>* { font-size: 60px !important; line-height: 3 !important }</style>", ""),
    "covers": ("", WAR),
    "base": ('<base href="https://elsewhere.example/deep/" target="_blank">', ""),
    "turns": ("<style>body { transform: rotate(3deg) scale(.5); filter: blur(0) }</style>", ""),
    "contains": ("<style>body { contain: strict; overflow: hidden; height: 90px }</style>", ""),
}
# The topmost element in the middle of the card is the card.
ON_TOP = """(card) => {
  const { left, top, width, height } = card.getBoundingClientRect();
  const on = card.getRootNode().elementFromPoint(left + width / 2, top + height / 2);
  return on?.closest(".card") == card;
}"""
SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) shifts.push(one.value);
  }).observe({ type: "layout-shift", buffered: true });
}"""


def spoil(stage: Stage, head: str, body: str) -> None:
    """Serve the sample page with content added to the end of its head and its body."""

    def answer(route: Route) -> None:
        reply = route.fetch()
        text = reply.text().replace("</head>", f"{head}</head>")
        route.fulfill(response=reply, body=text.replace("</main>", f"</main>{body}"))

    stage.page.route("**/page?*", answer)


@pytest.mark.parametrize("name", HOSTILE)
def test_right_whatever_the_page_does(stage: Stage, name: str) -> None:
    """The card keeps its size, colours and position, is on top, and closes."""
    wanted = {mode: stage.show(mode).bounding_box() for mode in ("corner", "top-bar", "modal")}
    spoil(stage, *HOSTILE[name])
    for mode, box in wanted.items():
        card = stage.show(mode)
        assert card.bounding_box() == box, mode
        assert card.evaluate(ON_TOP), mode
        assert measure(stage.page, ".card")["contrast"] >= 4.5
        stage.button("quiet").click()
        expect(card).to_have_count(0)


def test_absent_where_nothing_is_shown(stage: Stage) -> None:
    """If the page hides everything, nothing is seen, and there is no error."""
    errors: list[Any] = []
    stage.page.on("pageerror", lambda error: errors.append(error))
    spoil(stage, "<style>* { display: none !important }</style>", "")
    for mode in MODES:
        stage.page.goto(f"https://{HOST}{Case(mode, 'light', 'ltr', 'desktop').url('en')}")
        expect(stage.card).to_be_attached()
        expect(stage.card).to_be_hidden()
    assert errors == []


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "hard-wall"])
def test_page_is_as_it_was(stage: Stage, mode: str) -> None:
    """After "Not now" the notice leaves nothing in the page's body, and nothing locked."""
    body = "() => document.body.outerHTML + document.documentElement.style.cssText"
    stage.page.route("**/notice.js", lambda route: route.abort())
    url = f"https://{HOST}{Case(mode, 'light', 'ltr', 'desktop').url('en')}"
    stage.page.goto(url)
    before = stage.page.evaluate(body)
    stage.page.unroute("**/notice.js")
    stage.show(mode)
    stage.button("close").click()
    expect(stage.card).to_have_count(0)
    assert stage.page.evaluate(body) == before
    stage.page.mouse.wheel(0, 200)
    stage.page.wait_for_function("() => scrollY > 0")


def test_storage_that_throws(stage: Stage) -> None:
    """A browser that refuses storage shows the notice, and can close it."""
    stage.page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        "Object.defineProperty(window, name, { get() { throw new Error('refused'); } });"
    )
    stage.show()
    stage.button("quiet").click()
    expect(stage.card).to_have_count(0)
    assert stage.said() == ["shown", "dismissed"]


def test_frame_and_popup(stage: Stage) -> None:
    """In a frame and in a small window the notice stays within it."""
    page = stage.page
    page.set_viewport_size({"width": 1280, "height": 800})
    url = f"https://{HOST}{Case('corner', 'light', 'ltr', 'phone').url('en')}"
    page.goto(f"https://{HOST}/texts?theme=light&width=phone")
    page.set_content(f'<iframe src="{url}" width="340" height="480"></iframe>')
    card = page.frame_locator("iframe").locator(".card")
    expect(card).to_be_visible()
    frame, box = page.locator("iframe").bounding_box(), card.bounding_box()
    assert frame and box
    assert frame["x"] <= box["x"] and box["x"] + box["width"] <= frame["x"] + 344
    assert box["y"] + box["height"] <= frame["y"] + 484
    with page.expect_popup() as opened:
        page.evaluate("(url) => { open(url, '', 'width=420,height=360') }", url)
    popup = opened.value
    expect(popup.locator(".card")).to_be_in_viewport(ratio=1)
    popup.close()


@pytest.mark.parametrize("mode", MODES)
def test_nothing_moves(stage: Stage, mode: str) -> None:
    """The page's content does not shift when the notice appears or closes."""
    stage.page.add_init_script(f"({SHIFTS})()")
    for width in ("phone", "desktop"):
        stage.show(mode, width=width)
        if mode != "hard-wall":
            # By script, since shifts after a click are not counted.
            stage.button("close").evaluate("(it) => it.click()")
            expect(stage.card).to_have_count(0)
        two_frames = "() => new Promise((go) => requestAnimationFrame(() => setTimeout(go)))"
        stage.page.evaluate(two_frames)
        assert stage.page.evaluate("() => shifts") == [], width


def test_never_the_largest_paint(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """On a newspaper's page the largest content painted is the paper's own, notice or not."""
    paper = newspaper(net, tmp_path)
    page = open_page("none", viewport={"width": 390, "height": 844})
    refuse_baits(page, paper)
    page.goto(URL)
    expect(page.locator(".card")).to_be_visible()
    last = page.evaluate("""() => new Promise((told) => {
      new PerformanceObserver((list) => {
        told(list.getEntries().pop().element?.closest("main, header")?.localName);
      }).observe({ type: "largest-contentful-paint", buffered: true });
    })""")
    assert last in ("main", "header")
