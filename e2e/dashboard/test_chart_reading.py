"""The chart is read point by point: by keyboard, pointer and touch, and by a screen reader.

All of it works without JavaScript.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect
from waitress.server import create_server

from detector.core.counting.annotations import Annotation
from detector.core.counting.counters import Counters
from detector.dashboard import app
from detector.stores.sqlite.store import SqliteStore
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.axe import violations

HOST = "chart.example"
DAY = 24 * 3600
BOTH = pytest.mark.parametrize("browser", ["none", "none-firefox"])


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve a fortnight of twenty views a day, of which as many are blocked as days have passed."""
    path = tmp_path_factory.mktemp("chart") / "counts.sqlite"
    store = SqliteStore(path)
    today = int(time.time()) // DAY * DAY
    for day in range(14):
        at = today + (day - 13) * DAY
        counters = Counters("site", clock=lambda at=at: at + 60.0)  # type: ignore[misc]
        for view in range(20):
            counters.count("view")
            counters.count("verdict", "blocked" if view < day else "clear", kind="extension")
        store.add(counters.drain())
    store.annotate(Annotation(today - DAY, "Price rise"))
    store.close()
    served = app(str(path), allowed=lambda environ: True)
    server = create_server(served, host="127.0.0.1", port=0, threads=2, asyncore_use_poll=True)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield int(server.effective_port)
    server.close()
    thread.join(10)


def when(back: int) -> str:
    """Return a day in words, so many days ago."""
    at = datetime.fromtimestamp(time.time() - back * DAY, UTC)
    return f"{at.day} {at:%B %Y}"


def point(back: int) -> str:
    """Return what the day so many days ago says."""
    day = when(back) + (", not complete" if back == 0 else "")
    return (
        f"{day}: {5 * (13 - back)}.0 % blocked, 0.0 % did not arrive, of 20 measured views · "
        f"compared with {when(back + 7)}: {5 * (6 - back)}.0 % blocked, of 20 measured views"
        f"{' · see note 1' if back == 1 else ''}"
    )


def checked(back: int) -> str:
    """Return how a snapshot marks the day that is read at first."""
    return " [checked]" if back == 0 else ""


def opened(
    open_page: OpenPage, net: Internet, port: int, browser: str, width: int = 1200
) -> tuple[Page, Locator]:
    """Return a page of a week that compares with the one before, without scripts, and its chart."""
    net.forward(HOST, "127.0.0.1", port)
    size = {"width": width, "height": 900}
    page = open_page(browser, java_script_enabled=False, viewport=size)
    page.goto(f"http://{HOST}/?range=7d&compare=before")
    return page, page.locator(f".chart.{'wide' if width > 720 else 'slim'}")


def shown(chart: Locator) -> list[str]:
    """Return what the chart shows in words; what is on top comes last."""
    told = chart.locator(".told").filter(visible=True).all()
    seen = [
        (each.evaluate("e => +getComputedStyle(e).zIndex || 0"), each.inner_text())
        for each in told
        if each.evaluate("e => getComputedStyle(e).clipPath") == "none"
    ]
    return [text for _, text in sorted(seen, key=lambda pair: pair[0])]


@BOTH
def test_by_keyboard(open_page: OpenPage, net: Internet, port: int, browser: str) -> None:
    """The chart is one stop of the Tab key, at the latest day; arrow keys go from day to day."""
    page, chart = opened(open_page, net, port, browser)
    page.get_by_role("link", name="a year before").focus()
    page.keyboard.press("Tab")
    radios = chart.get_by_role("radio")
    expect(radios).to_have_count(7)
    expect(radios.nth(6)).to_be_focused()
    assert shown(chart) == [point(0)]
    page.keyboard.press("ArrowLeft")
    expect(radios.nth(5)).to_be_focused()
    assert shown(chart)[-1] == point(1)
    page.keyboard.press("Tab")
    expect(radios.nth(5)).not_to_be_focused()
    assert page.locator(".reader input:focus").count() == 0
    assert len(shown(chart)) == 1


@BOTH
def test_by_pointer(open_page: OpenPage, net: Internet, port: int, browser: str) -> None:
    """What a day says shows below the chart, hides nothing of it, and stays under the pointer."""
    page, chart = opened(open_page, net, port, browser)
    label = chart.locator("label").nth(2)
    label.hover()
    assert shown(chart)[-1] == point(4)
    box, picture = label.locator(".told").bounding_box(), chart.locator("svg").bounding_box()
    assert box
    assert picture
    assert box["y"] >= picture["y"] + picture["height"] - 1
    column = label.bounding_box()
    assert column
    page.mouse.move(column["x"] + column["width"] / 2, box["y"] + 8, steps=20)
    assert shown(chart)[-1] == point(4)
    page.mouse.move(1, 1)
    assert shown(chart) == [point(0)]
    chart.get_by_role("radio").nth(3).click()
    page.mouse.move(1, 1)
    assert shown(chart)[-1] == point(3)


@pytest.mark.parametrize("width", [1200, 390])
def test_screen_reader(open_page: OpenPage, net: Internet, port: int, width: int) -> None:
    """Its tree has the picture's title, the points once in words, the notes, and the table."""
    page, _ = opened(open_page, net, port, "none", width)
    section = page.get_by_role("region", name="Blocked share over time", exact=True)
    radios = (f"""'radio "{point(back)}"{checked(back)}'""" for back in range(6, -1, -1))
    points = "\n".join(f"          - {radio}" for radio in radios)
    expect(section).to_match_aria_snapshot(
        f"""
        - heading "Blocked share over time" [level=2]
        - navigation "Compare the chart with":
          - link "nothing"
          - link "the time before"
          - link "a year before"
        - img /Share of blocked views, .*; table below; thin line. compared with the time before/
        - radiogroup "The chart, point by point":
{points}
        - list "Annotations":
          - listitem: /Price rise/
        - group: As a table
        """
    )
    assert page.get_by_role("radio").count() == 7


@pytest.mark.parametrize("width", [1200, 390])
def test_axe_and_room(open_page: OpenPage, net: Internet, port: int, width: int) -> None:
    """Axe finds nothing, and every text has room in its place, also beside a comparison."""
    net.forward(HOST, "127.0.0.1", port)
    page = open_page("none", viewport={"width": width, "height": 900})
    for query in ("range=7d&compare=before", "range=90d", "range=7d&compare=before&lang=ar"):
        page.goto(f"http://{HOST}/?{query}")
        chart = page.locator(f".chart.{'wide' if width > 720 else 'slim'}")
        room = chart.bounding_box()
        assert room
        for told in chart.locator(".told").all():
            box = told.bounding_box()
            assert box
            assert box["y"] + box["height"] <= room["y"] + room["height"] + 1
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []
        found = re.search(r"<script|onclick", page.content())
        assert found is None
