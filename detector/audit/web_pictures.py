"""Puts a report's pictures into its page: small WebP images, made by a browser of this machine.

A browser's canvas encodes them, so that no package for images is needed.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

STEPS = ((1000, 0.7), (800, 0.6), (640, 0.5), (480, 0.4), (320, 0.3))
"""Widths in pixels with WebP's quality, the first with which all pictures fit is used."""
_DATA = re.compile(r"data:image/webp;base64,[A-Za-z0-9+/]+=*")
_ENCODE = """async ([data, width, quality]) => {
  const image = new Image();
  image.src = data;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(width, image.naturalWidth);
  canvas.height = Math.max(1, Math.round(canvas.width * image.naturalHeight / image.naturalWidth));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/webp", quality);
}"""


def embedded(
    folder: Path, paths: Sequence[str], room: int, playwright: Playwright | None = None
) -> dict[str, str]:
    """Return pictures by their paths in the folder as data URLs, of `room` bytes together.

    Empty if no browser can encode them or if they do not fit; a file that is no picture is left
    out. Pass `playwright` if one is running already.
    """
    try:
        with _page(playwright) as page:
            # A tenth of them says whether all can fit.
            few = paths[::10]
            for step in STEPS:
                share = room * len(few) // max(1, len(paths))
                if _encoded(page, folder, few, step, share + share // 5) is None:
                    continue
                if (made := _encoded(page, folder, paths, step, room)) is not None:
                    return made
    # Pictures are beside the page too: whatever a browser or its driver does, it is written.
    except Exception:
        return {}
    return {}


def _encoded(
    page: Page, folder: Path, paths: Sequence[str], step: tuple[int, float], room: int
) -> dict[str, str] | None:
    """Return the encoded pictures, None if they do not fit."""
    from playwright.sync_api import Error

    found: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        try:
            png = base64.b64encode((folder / path).read_bytes()).decode()
            data = page.evaluate(_ENCODE, [f"data:image/png;base64,{png}", *step])
        except (OSError, Error):
            continue
        if _DATA.fullmatch(data):
            room -= len(data)
            found[path] = data
        if room < 0:
            return None
    return found


@contextmanager
def _page(playwright: Playwright | None) -> Iterator[Page]:
    """Yield an empty page of Chromium's, or of Firefox's where there is no Chromium."""
    from playwright.sync_api import sync_playwright

    from detector.testing.blockers.chromium import launched
    from detector.testing.blockers.firefox import launch_firefox
    from detector.testing.blockers.model import Options
    from detector.testing.browsers import BrowserMissing

    with ExitStack() as stack:
        playwright = playwright or stack.enter_context(sync_playwright())
        try:
            browser = playwright.chromium.launch(**launched(Options()))
            stack.callback(browser.close)
        except BrowserMissing:
            browser = stack.enter_context(launch_firefox(playwright, Options(), {}))
        yield browser.new_page()


def inside(pictures: Mapping[str, str], path: str) -> str:
    """Return the data URL of a picture, "" if it is not in the page or not safe in markup."""
    data = pictures.get(path, "")
    return data if _DATA.fullmatch(data) else ""
