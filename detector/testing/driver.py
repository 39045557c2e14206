"""Changes Playwright's driver where it fails or tells too much; see the two files in JavaScript."""

from __future__ import annotations

import os
import re
from importlib.metadata import version
from pathlib import Path

_GUARD = Path(__file__).with_name("driver_guard.cjs")
_HEADERS = Path(__file__).with_name("driver_headers.cjs")
# The three places that driver_headers.cjs replaces.
_PLACE = re.compile(
    r"applyHeadersOverrides\(originalHeaders, [\w.]+\)|"
    r"if \(alreadyContinuedParams && !event\.redirectedRequestId\)"
)


class DriverUnknown(RuntimeError):
    """This Playwright's driver is not one that can be changed; the message names the fix."""


def guard_driver() -> None:
    """Load the guard into drivers that this process starts from now on; idempotent."""
    _load(_GUARD)


def keep_headers_on_site() -> None:
    """Make drivers that start from now on send no route's headers along to another origin.

    Raises DriverUnknown for versions of Playwright whose driver lacks the places that are changed.
    """
    try:
        found = len(_PLACE.findall(_bundle().read_text("utf-8")))
    except OSError:
        found = 0
    if found != 3:
        raise DriverUnknown(
            f"Playwright {version('playwright')} would send headers along to other hosts when a "
            "request is redirected; install 1.64: pip install 'playwright==1.64.*'"
        )
    _load(_HEADERS)


def keeps_headers() -> bool:
    """Whether `keep_headers_on_site` was called."""
    return str(_HEADERS) in os.environ.get("NODE_OPTIONS", "")


def _bundle() -> Path:
    import playwright

    return Path(playwright.__file__).parent / "driver/package/lib/coreBundle.js"


def _load(file: Path) -> None:
    option = f'--require "{file}"'
    present = os.environ.get("NODE_OPTIONS", "")
    if option not in present:
        os.environ["NODE_OPTIONS"] = f"{present} {option}".strip()
