"""The scripts that read a page, for Playwright and for Selenium."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from detector.audit.model import Control, PageVisit
from detector.core.served_names import is_foreign

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Our own tag: async, with its token in the first data attribute and an opt-out for Rocket Loader.
TAG = """() => {
  const tag = [...document.scripts].find((one) =>
    one.async && one.getAttribute("src") && one.dataset.cfasync === "false" &&
    Object.keys(one.dataset)[0] !== "cfasync");
  return tag ? new URL(tag.getAttribute("src"), location.href).href : "";
}"""
# Further controls are not checked, and names are cut.
LIMITS = {"most": 300, "words": 80}
LOAD_SECONDS = 5


_TRIES = 3


@cache
def reading() -> str:
    """Return a function of the result of `asked` that returns the contents of the page."""
    text = Path(__file__).with_name("page.js").read_text("utf-8")
    return text[text.index("async (") :].strip().rstrip(";")


@cache
def measuring() -> str:
    """Return a function of whether to measure layout shifts even if the browser does."""
    text = Path(__file__).with_name("shift.js").read_text("utf-8")
    return text[text.index("(always)") :].strip().rstrip(";")


def asked(prefix: str) -> dict[str, Any]:
    """Return the argument of the reading function; `prefix` is that of our detector, if any."""
    return {**LIMITS, "ours": bool(prefix)}


def evaluate(page: Page, script: str, given: Any = None) -> Any:
    """Call a function in a page, again if the page navigates to another one meanwhile."""
    from playwright.sync_api import Error

    for left in reversed(range(_TRIES)):
        try:
            return page.evaluate(script, given)
        except Error as error:
            if not left or "navigat" not in error.message:
                raise
            page.wait_for_load_state(timeout=LOAD_SECONDS * 1000)
    return None


def fill(visit: PageVisit, found: dict[str, Any]) -> None:
    """Copy the results of the page's script into a visit."""
    visit.title = found["title"]
    visit.asks_password = found["asksPassword"]
    visit.shift = round(found["shift"], 4)
    visit.shifted = found["shifted"]
    visit.shift_measure = found["measure"]
    visit.controls = [
        Control(**{**one, "names": tuple(one.get("names", ()))}) for one in found["controls"]
    ]
    visit.links = found["links"]
    visit.names = found["names"]


def prefix_of(tag: str) -> str:
    """Return the folder of our detector's addresses from its script's, "" if it is not ours."""
    folder = urlsplit(tag).path.rpartition("/")[0]
    name = folder.rpartition("/")[2]
    return folder + "/" if is_foreign(f"/{name}/") else ""
