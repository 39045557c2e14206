"""The report of ten pages under ten blockers, in a browser: one file, small, and usable by all."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from detector.audit import folder, html
from detector.audit.model import Problem, Report, Under
from detector.testing.blockers import chromium, firefox
from detector.testing.browsers import Installed
from detector.testing.fixtures import OpenPage
from e2e.support.axe import violations
from tests.audit.reports import SITE, visit
from tests.support.root import ROOT

NAMES = ["brave-aggressive", "brave-standard", "content-blocker", "dns", "easylist"]
NAMES += ["firefox-native", "tracking-protection", "ublock-origin", "ubol", "adguard-in-chromium"]
PATHS = ["/", "/harbour/after-nineteen-years-the-night-ferry-sails-again", "/members?from=home"]
PATHS += [f"/page/{number}" for number in range(7)]


PICTURES = [
    (ROOT / "docs" / "pictures" / f"{name}-{scheme}.png").read_bytes()
    for name in ("notice", "dashboard", "audit")
    for scheme in ("light", "dark")
]


def ten_by_ten(out: Path, pictures: list[bytes]) -> Report:
    """Return a report of ten pages under ten blockers, with these pictures in turn, in a folder."""
    made = Report(SITE, "2026-11-23T08:30:00+00:00")
    made.blockers = [Under("none", "Chromium 156")]
    made.blockers += [Under(name, f"Chromium 156 + {name} (real)", "none") for name in NAMES]
    folder.prepare(out)
    (out / "pictures").mkdir(exist_ok=True)
    for number, path in enumerate(PATHS):
        for under in made.blockers:
            one = visit(SITE.rstrip("/") + path, under.name)
            one.picture = f"pictures/{number}.{under.name}.png"
            (out / one.picture).write_bytes(pictures[len(made.visits) % len(pictures)])
            if under.clean and number % 3 == 1:
                problem = Problem("hidden", "#pay", "“Pay now” is hidden under the blocker")
                one.problems = [problem] * 12
            made.visits.append(one)
    return made


def noise() -> bytes:
    """Return a PNG of random pixels, which no encoder makes small."""
    width, height = 640, 400
    rows = b"".join(b"\0" + os.urandom(3 * width) for _ in range(height))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 0)),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.fixture(scope="module")
def report(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report whose pictures are screenshots of the demo newspaper and of dashboards."""
    out = tmp_path_factory.mktemp("report")
    folder.write(ten_by_ten(out, PICTURES), out, playwright)
    return out / "index.html"


def opened(open_page: OpenPage, file: Path, **options: object) -> Page:
    """Open the page alone, as it is published: without the files beside it."""
    alone = file.with_name("alone.html")
    alone.write_bytes(file.read_bytes())
    page = open_page("none", **options)
    page.goto(alone.as_uri())
    return page


@pytest.mark.timeout(300)
def test_one_small_file(report: Path, open_page: OpenPage) -> None:
    """The page has all pictures in itself, as WebP that can be read, and at most 5 MB."""
    assert report.stat().st_size <= html.LARGEST == 5_000_000
    text = report.read_text("utf-8")
    assert text.count('src="data:image/webp;base64,') == 110
    assert "pictures/" not in text
    page = opened(open_page, report)
    sizes = page.evaluate(
        """async () => { const all = [...document.images];
        await Promise.all(all.map((one) => one.decode()));
        return all.map((one) => one.naturalWidth); }"""
    )
    assert len(sizes) == 110
    assert min(sizes) >= 640, "a picture of a usual page can be read"


@pytest.mark.timeout(300)
def test_pictures_that_cannot_be_small(playwright: Playwright, tmp_path: Path) -> None:
    """Pictures of noise get smaller until the page fits."""
    folder.write(ten_by_ten(tmp_path, [noise()]), tmp_path, playwright)
    text = (tmp_path / "index.html").read_text("utf-8")
    assert len(text.encode()) <= html.LARGEST
    assert text.count('src="data:image/webp;base64,') == 110


NONE = Installed("None", (), (), "apt-get", "brew", "winget")


@pytest.mark.timeout(300)
def test_firefox_encodes_too(
    playwright: Playwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no Chromium, Firefox encodes the pictures; without both they stay files."""
    monkeypatch.setattr(chromium, "CHROMIUM", NONE)
    made = ten_by_ten(tmp_path, PICTURES)
    made.visits = made.visits[:3]
    folder.write(made, tmp_path, playwright)
    assert (tmp_path / "index.html").read_text("utf-8").count('"data:image/webp;base64,') == 3
    monkeypatch.setattr(firefox, "FIREFOX", NONE)
    folder.write(made, tmp_path, playwright)
    assert (tmp_path / "index.html").read_text("utf-8").count('src="pictures/') == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_overview_fits(report: Path, open_page: OpenPage, scheme: str) -> None:
    """Ten blockers fit a window of 1,200 pixels without scrolling; axe finds nothing."""
    size = {"width": 1200, "height": 800}
    page = opened(open_page, report, viewport=size, color_scheme=scheme)
    box = page.get_by_role("region", name="Overview")
    wide, room = box.evaluate("(one) => [one.scrollWidth, one.clientWidth]")
    assert wide <= room
    assert violations(page) == []


def test_a_phone_scrolls_the_overview_alone(report: Path, open_page: OpenPage) -> None:
    """On a phone the table scrolls inside of its box, by keyboard too; the page does not."""
    page = opened(open_page, report, viewport={"width": 390, "height": 844})
    root = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert root[0] <= root[1]
    box = page.get_by_role("region", name="Overview")
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(one) => one.scrollLeft > 0", arg=box.element_handle())
    assert violations(page) == []


def test_a_picture_becomes_large_by_keyboard(report: Path, open_page: OpenPage) -> None:
    """Enter on a picture makes its card as wide as the page, and “Smaller” leads back."""
    page = opened(open_page, report, viewport={"width": 1200, "height": 800})
    image = page.get_by_role("img", name="The page under easylist").first
    before = image.bounding_box()
    assert before
    link = page.get_by_role("link", name="The page under easylist").first
    link.focus()
    page.keyboard.press("Enter")
    small = page.get_by_role("link", name="Smaller")
    expect(small).to_have_count(1)
    after = image.bounding_box()
    assert after and after["width"] > 2 * before["width"]
    assert violations(page) == []
    small.focus()
    page.keyboard.press("Enter")
    expect(small).to_have_count(0)


def test_it_prints_light(report: Path, open_page: OpenPage) -> None:
    """Printed in dark mode too, the page is black on white, with the whole overview."""
    page = opened(open_page, report, viewport={"width": 1000, "height": 800}, color_scheme="dark")
    page.emulate_media(media="print")
    style = page.evaluate_handle("() => getComputedStyle(document.body)")
    colours = style.evaluate("(one) => [one.backgroundColor, one.color]")
    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    box = page.get_by_role("region", name="Overview")
    wide, room = box.evaluate("(one) => [one.scrollWidth, one.clientWidth]")
    assert wide <= room
