"""Whom an audit visits a site as: signed in, on a phone, with headers, after some clicks."""

from __future__ import annotations

import difflib
import json
import re
import runpy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)")
# Firefox has no such mode of its own; its window and user agent are set all the same.
_CHROMIUM_ONLY = "is_mobile"


class VisitorError(ValueError):
    """An option of a visitor is wrong; the message names it and the fix."""


@dataclass(frozen=True)
class Visitor:
    """Options of every visit: those of Playwright's contexts, headers, and what is done first.

    `headers` are sent with requests to the site's origin alone. `before` is called with the page
    when it is loaded; `before_name` is its file, for messages.
    """

    context: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[Page], object] | None = None
    before_name: str = ""

    @property
    def signed_in(self) -> bool:
        """Whether a stored log-in is used."""
        return "storage_state" in self.context


def storage_state(file: Path) -> Mapping[str, Any]:
    """Return context options with the cookies and storage of a file; raise VisitorError."""
    fix = "create it with `playwright open --save-storage=FILE URL`, and sign in there"
    try:
        data = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise VisitorError(
            f"--storage-state {file}: cannot be read ({error.strerror}); {fix}"
        ) from None
    except (ValueError, RecursionError):
        raise VisitorError(f"--storage-state {file}: is not JSON; {fix}") from None
    parts = data if isinstance(data, dict) else {}
    if not isinstance(parts.get("cookies"), list) or not isinstance(parts.get("origins"), list):
        raise VisitorError(f"--storage-state {file}: has no cookies and origins; {fix}")
    return {"storage_state": str(file)}


def headers(given: Iterable[str]) -> dict[str, str]:
    """Return headers by name, from texts such as `Name: value`; raise VisitorError."""
    found: dict[str, str] = {}
    for text in given:
        parts = _HEADER.fullmatch(text)
        if not parts:
            name = text.partition(":")[0]
            raise VisitorError(f"--header {name!r}…: is not a header; write 'Name: value'")
        found[parts[1].lower()] = parts[2].strip()
    return found


def keep_headers(*, running: bool = False) -> None:
    """Make Playwright's driver keep headers from other origins, also on redirects; VisitorError.

    `running` means that the driver was started before, when this must have been done.
    """
    from detector.testing import driver

    if running and not driver.keeps_headers():
        raise VisitorError(
            "headers: Playwright's driver would send them to other hosts on redirects; call "
            "detector.testing.driver.keep_headers_on_site() before it is started"
        )
    try:
        driver.keep_headers_on_site()
    except driver.DriverUnknown as error:
        raise VisitorError(f"--header: {error}") from None


def before(file: Path) -> Callable[[Page], object]:
    """Return the function `before(page)` of a file; raise VisitorError."""
    try:
        found = runpy.run_path(str(file)).get("before")
    except OSError as error:
        raise VisitorError(f"--before {file}: cannot be read ({error.strerror})") from None
    except (Exception, SystemExit) as error:
        raise VisitorError(f"--before {file}: {type(error).__name__}: {error}") from None
    if not callable(found):
        raise VisitorError(f"--before {file}: has no function before(page); add it")
    function: Callable[[Page], object] = found
    return function


def device(name: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the context options of one of Playwright's devices; raise VisitorError."""
    if name not in known:
        near = difflib.get_close_matches(name, known, 3, 0.4)
        meant = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise VisitorError(f"--device {name!r}: Playwright knows no such device{meant}")
    return {key: value for key, value in known[name].items() if key != "default_browser_type"}


def expired(pages: Sequence[str]) -> str:
    """Return a sentence on pages that ask for a log-in although one is stored; "" for none."""
    if not pages:
        return ""
    more = f" and {len(pages) - 1} more" if len(pages) > 1 else ""
    return (
        f"{pages[0]}{more} asked for a log-in, so that of --storage-state may have expired; create "
        "the file again with `playwright open --save-storage=FILE URL`"
    )


def for_engine(options: Mapping[str, Any], engine: str) -> dict[str, Any]:
    """Return those options of a context that an engine supports."""
    return {k: v for k, v in options.items() if engine == "chromium" or k != _CHROMIUM_ONLY}


def named(blocker: str, device: str) -> str:
    """Return the name of a run in the report."""
    return f"{blocker} ({device})" if device else blocker


def on_devices(visitor: Visitor, devices: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Visitor]:
    """Return a visitor for each device by its name; one without a name where there are none."""
    return {
        name: replace(visitor, context={**options, **visitor.context})
        for name, options in (devices or {"": {}}).items()
    }
