"""The dashboard in real browsers: no axe findings, no sideways scrolling, no need for scripts.

Pictures are saved to .cache/looks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from waitress.server import create_server

from detector.dashboard import app
from detector.dashboard.password import make
from detector.demo.traffic import fill
from detector.stores.sqlite.store import SqliteStore
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.axe import violations
from tests.support.root import ROOT

OUT = ROOT / ".cache" / "looks"
HOST = "figures.example"
URL = f"http://{HOST}/"
PASSWORD = "correct horse battery"
SIZES = {"desktop": (1200, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve a month of counts behind a password."""
    path = tmp_path_factory.mktemp("dashboard") / "counts.sqlite"
    store = SqliteStore(path)
    fill(store, time.time(), views=20.0)
    store.close()
    served = app(str(path), password=make(PASSWORD), per_thousand=4.5)
    server = create_server(served, host="127.0.0.1", port=0, threads=2, asyncore_use_poll=True)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield int(server.effective_port)
    server.close()
    thread.join(10)


def sign_in(page: Page) -> None:
    """Sign in by keyboard, as the page's focus suggests."""
    page.goto(URL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("heading", name="Blocked share over time")).to_be_visible()


def signed_in(
    open_page: OpenPage, net: Internet, port: int, profile: str = "none", **options: Any
) -> Page:
    """Return a tab in which the owner has signed in."""
    net.forward(HOST, "127.0.0.1", port)
    page = open_page(profile, **options)
    sign_in(page)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_dashboard_looks(
    open_page: OpenPage, net: Internet, port: int, size: str, scheme: str
) -> None:
    """Before and after signing in axe finds nothing, and the page fits; a picture is saved."""
    net.forward(HOST, "127.0.0.1", port)
    width, height = SIZES[size]
    page = open_page("none", viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto(URL)
    assert violations(page) == []
    sign_in(page)
    for summary in page.locator("summary").all():
        summary.click()
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("The notice, by").select_option("path group")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="What the notice does, by path group")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    OUT.mkdir(parents=True, exist_ok=True)
    page.goto(URL)
    page.screenshot(path=OUT / f"dashboard-{size}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("browser", ["none", "none-firefox"])
def test_without_javascript(
    open_page: OpenPage, net: Internet, port: int, tmp_path: Path, browser: str
) -> None:
    """Signing in, ranges, an export and signing out all work without JavaScript."""
    page = signed_in(
        open_page, net, port, browser, java_script_enabled=False, accept_downloads=True
    )
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "page")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of the table “By browser”").click()
    file = tmp_path / "browser.csv"
    download.value.save_as(file)
    assert file.read_text("utf-8").startswith("browser,views,blocked,")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto(URL)
    expect(page.get_by_label("Password")).to_be_visible()


@pytest.mark.parametrize("browser", ["none", "none-firefox"])
def test_filter_and_note(open_page: OpenPage, net: Internet, port: int, browser: str) -> None:
    """A click on a value limits the page to it; a note is written and removed by forms alone."""
    page = signed_in(open_page, net, port, browser, java_script_enabled=False)
    page.get_by_role("link", name="firefox", exact=True).first.click()
    expect(page.get_by_text("Browser: firefox")).to_be_visible()
    expect(page.get_by_text("Browser and path group are not counted together.")).to_be_visible()
    page.get_by_text("Note what happened").click()
    text = f"New cookie banner in {browser}"
    page.get_by_label("What happened", exact=True).fill(text)
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_role("listitem").filter(has_text=text)).to_be_visible()
    expect(page.get_by_text("Browser: firefox")).to_be_visible()
    page.get_by_role("button", name=f"Remove “{text}”").click()
    expect(page.get_by_text(text)).to_have_count(0)
    page.get_by_role("link", name="Remove the filter").click()
    expect(page.get_by_text("Browser: firefox")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("query", ["browser=firefox", "mode=corner", "to=2025-01-01"])
def test_filtered_and_empty_looks(
    open_page: OpenPage, net: Internet, port: int, query: str, scheme: str
) -> None:
    """A limited page, an empty one and a refused note have no axe findings, and fit a phone."""
    phone = {"width": 390, "height": 844}
    page = signed_in(open_page, net, port, viewport=phone, color_scheme=scheme)
    page.goto(f"{URL}?{query}")
    assert violations(page) == []
    page.get_by_text("Note what happened").click()
    page.get_by_label("What happened", exact=True).fill("x")
    page.get_by_label("When, in UTC").fill("1999-01-01T00:00")
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_role("alert")).to_contain_text("last 25 months")
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("de", "dark"), ("ar", "dark")])
def test_tables_on_a_phone(
    open_page: OpenPage, net: Internet, port: int, language: str, scheme: str
) -> None:
    """Differences and sessions fit a narrow phone; what does not has a shadow where it goes on."""
    phone = {"width": 360, "height": 740}
    page = signed_in(open_page, net, port, viewport=phone, color_scheme=scheme)
    page.goto(f"{URL}?lang={language}")
    for name in ("sessions", "effects", "variants"):
        boxes = page.locator(f'section[aria-labelledby="h-{name}"] .scroll')
        assert boxes.count() > 0
        for box in boxes.all():
            assert box.evaluate("box => box.scrollWidth <= box.clientWidth"), name
    effects = page.locator('section[aria-labelledby="h-effects"]')
    expect(effects.get_by_role("cell", name="holdout")).to_have_count(0)
    expect(effects.get_by_role("rowheader").first).to_be_visible()
    assert effects.get_by_role("row").first.get_by_role("cell").count() == 5
    wide = page.locator('section[aria-labelledby="h-browser"] .scroll')
    assert wide.evaluate("box => box.scrollWidth > box.clientWidth")
    assert wide.evaluate("box => getComputedStyle(box).backgroundImage").count("gradient") == 4
    assert violations(page) == []
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"dashboard-narrow-{language}.png", full_page=True)
