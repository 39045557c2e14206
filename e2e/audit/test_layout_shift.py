"""The audit's measure of layout shifts agrees with Chromium's, and leaves no trace in the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from detector.audit.script import asked, measuring, reading
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from detector.testing.messages import Answer

URL = "https://moves.example/"
WORDS = "a few words that fill some lines of the page " * 40
# Changes before the first paint are no shifts, however late it is.
LATER = """const painted = async () => {
  while (!performance.getEntriesByName("first-contentful-paint").length)
    await new Promise((next) => setTimeout(next, 20));
};
const end = () => setTimeout(() => { done = 1 }, 150);
const later = (ms, what) => setTimeout(() => { what(); end() }, ms)"""
# A page's behaviour, and its markup.
PAGES = {
    "nothing": ("later(50, () => 0)", f"<main><h1>Still</h1><p>{WORDS}</p></main>"),
    "a box above": (
        "later(100, () => { box.style.height = '300px' })",
        f"<div id=box></div><main><h1>Below</h1><p>{WORDS}</p></main>",
    ),
    "a picture between": (
        "later(100, () => { box.style.height = '150px' })",
        f"<p>{WORDS}</p><div id=box></div><p>{WORDS}</p>",
    ),
    "twice": (
        "setTimeout(() => { box.style.height = '90px' }, 100);"
        "later(300, () => { box.style.height = '200px' })",
        f"<div id=box></div><p>{WORDS}</p>",
    ),
    "aside": (
        "later(100, () => { box.style.width = '250px' })",
        '<div style="display:flex"><div id=box></div>'
        '<div style="width:400px;height:300px;background:#ccc">x</div></div>',
    ),
    "right to left": (
        "later(100, () => { box.style.width = '600px' })",
        "<script>document.documentElement.dir = 'rtl'</script>"
        f'<div id=box style="width:200px;background:#ccc">wide</div><p>{WORDS}</p>',
    ),
    "a transform": (
        "later(100, () => { box.style.transform = 'translateX(300px)';"
        "setTimeout(() => { box.style.transform = 'none' }, 100) })",
        f"<h1 id=box>Moved by the compositor</h1><p>{WORDS}</p>",
    ),
    "a carousel": (
        "later(100, () => { box.scrollLeft = 800 })",
        '<div id=box style="display:flex;width:800px;overflow:hidden">'
        + "".join(f'<div style="flex:0 0 800px;height:400px">{n}</div>' for n in range(3))
        + "</div>",
    ),
    "a list that is cut off": (
        "later(100, () => { box.style.marginTop = '-200px' })",
        f'<div style="height:200px;overflow:hidden"><div id=box>{WORDS * 2}</div></div>',
    ),
    "pushed out of the window": (
        "later(100, () => { box.style.height = '900px' })",
        f"<div id=box></div><main><p>{WORDS}</p></main>",
    ),
    "in a layer of its own": (
        "later(100, () => { box.style.height = '300px' })",
        f'<div id=box></div><main style="transform:translateZ(0)"><p>{WORDS}</p></main>',
    ),
    "behind a large menu": (
        "later(100, () => { box.style.height = '300px' })",
        f"<div style='display:none'>{'<i></i>' * 4000}</div><form><input name=children></form>"
        f"<div id=box></div><main><p>{WORDS}</p></main>",
    ),
}
STILL = ("nothing", "right to left", "a transform", "a carousel")
OWN = "() => window[Symbol.for('detector.shift')]().score"
CHROMIUM = """async () => {
  const seen = [];
  const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  await new Promise((told) => setTimeout(told, 50));
  return seen.concat(observer.takeRecords()).reduce((sum, one) => sum + one.value, 0);
}"""


def visit(page: Page, net: Internet, name: str, always: bool) -> None:
    """Open a page with the measure installed, and wait until it has shifted."""
    does, markup = PAGES[name]
    style = "<style>body { font: 16px sans-serif; margin: 2rem }</style>"
    script = (
        f"<script>let done = 0; {LATER}; onload = () => painted().then(() => {{ {does} }})</script>"
    )
    html = f"<!doctype html><title>{name}</title>{style}<body>{markup}{script}</body>"
    net.answer("moves.example", lambda _: Answer(html, "text/html"))
    page.add_init_script(f"({measuring()})({'true' if always else ''})")
    page.goto(URL)
    page.wait_for_function("() => done")


@pytest.mark.parametrize("name", PAGES)
def test_as_chromium_measures(open_page: OpenPage, net: Internet, name: str) -> None:
    """On the same load both agree to 0.05."""
    page = open_page("none")
    visit(page, net, name, always=True)
    ours = page.evaluate(OWN)
    theirs = page.evaluate(CHROMIUM)
    assert ours == pytest.approx(theirs, rel=0.05, abs=0.002)
    assert (theirs > 0.02) == (name not in STILL)
    assert page.evaluate("() => Object.getOwnPropertySymbols(window).length") == 0


@pytest.mark.parametrize("name", ["nothing", "a box above", "a transform", "a carousel"])
def test_in_firefox(open_page: OpenPage, net: Internet, name: str) -> None:
    """If the browser has no measure the audit reads its own, with the moved elements."""
    page = open_page("none-firefox")
    visit(page, net, name, always=False)
    found = page.evaluate(reading(), asked(""))
    assert found["measure"] == "own"
    assert page.evaluate("() => Object.getOwnPropertySymbols(window).length") == 0
    if name == "a box above":
        assert found["shift"] > 0.1
        assert found["shifted"] == ["html > body > main"]
    else:
        assert (found["shift"], found["shifted"]) == (0, [])


def test_chromium_measures_by_itself(open_page: OpenPage, net: Internet) -> None:
    """If the browser measures shifts, the audit's measure does not run in the page."""
    page = open_page("none")
    visit(page, net, "nothing", always=False)
    assert page.evaluate("() => Object.getOwnPropertySymbols(window).length") == 0
    assert page.evaluate(reading(), asked(""))["measure"] == "browser"
