"""Saves the gallery as PNG files, taken in this machine's Chromium (extra `[qa]`)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from detector.notice_preview import pages
from detector.notice_preview.app import Gallery
from detector.notice_preview.cases import WIDTHS, cases, languages
from detector.notice_preview.server import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from detector.core.config.options import Config

APPEAR_MS = 5000
SHEET_WIDTH = 2160


class SaveError(Exception):
    """The pictures cannot be taken; the message says why and how to fix it."""


def save(config: Config, chosen: Sequence[str], folder: Path) -> list[str]:
    """Write a PNG for each case of some modes, and index.html; return names without a notice.

    Raises SaveError.
    """
    _check(folder, "--save")
    spoken = languages(config)
    found = list(cases(chosen))
    missing = []
    with _browser() as browser, running(Gallery(config)) as url:
        page = browser.new_page()
        for case in sorted(found, key=lambda case: (case.width, case.theme)):
            wide, high = WIDTHS[case.width]
            page.set_viewport_size({"width": wide, "height": high})
            page.emulate_media(color_scheme="dark" if case.theme == "dark" else "light")
            page.goto(url + case.url(spoken[case.direction]))
            if not _appears(page):
                missing.append(case.name)
            page.screenshot(path=folder / f"{case.name}.png", animations="disabled")
    (folder / "index.html").write_text(pages.saved(found, config.locale), "utf-8")
    return missing


def save_sheet(config: Config, file: Path) -> None:
    """Write one PNG with each mode on four screens; raise SaveError."""
    _check(file.parent, "--sheet")
    with _browser() as browser, running(Gallery(config)) as url:
        page = browser.new_page(viewport={"width": SHEET_WIDTH, "height": 800})
        page.goto(f"{url}/sheet", wait_until="load")
        for frame in page.frames[1:]:
            frame.locator(".card.open" if "open=1" in frame.url else ".card").wait_for()
        page.screenshot(path=file, animations="disabled", full_page=True)


def _appears(page: Page) -> bool:
    from playwright.sync_api import TimeoutError

    try:
        page.locator(".card").wait_for(timeout=APPEAR_MS)
    except TimeoutError:
        return False
    return True


@contextmanager
def _browser() -> Iterator[Browser]:
    try:
        from playwright.sync_api import Error, sync_playwright

        from detector.testing.browsers import CHROMIUM, BrowserMissing, chromium_args
    except ModuleNotFoundError as error:
        raise SaveError(
            f"pictures need {error.name}: pip install 'adblock-detector[qa]', "
            "or open the gallery in your own browser, without --save and --sheet"
        ) from error
    try:
        path = CHROMIUM.find()
    except BrowserMissing as error:
        raise SaveError(f"pictures are taken in Chromium, and {error}") from error
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=chromium_args())
        except Error as error:
            raise SaveError(f"{path} does not start: {error}") from error
        try:
            yield browser
        finally:
            browser.close()


def _check(folder: Path, option: str) -> None:
    """Create the folder, and raise at once if it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Tested by writing: permission bits mean nothing to root or on a read-only disk.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SaveError(
            f"{option}: {folder} cannot be written ({error.strerror}); name a folder of your own"
        ) from error
