"""The settings of every visit of an audit, whatever drives the browser."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

from detector.audit.model import PageVisit

SUFFIX = " adblock-detector-audit"
"""Appended to the browser's own user agent."""

WINDOW = {"width": 1280, "height": 800}
PICTURES = "pictures"
QUIET = 0.4
"""Seconds without a request in progress after which a page counts as loaded."""

SETTLE = 2.0
"""Maximum wait for that in seconds, since some pages are never quiet."""


def picture_path(folder: Path, visit: PageVisit) -> Path:
    """Return the file for a visit's picture: a safe name, the same in the next audit."""
    parts = urlsplit(visit.url)
    words = re.sub(r"[^a-z0-9]+", "-", f"{parts.netloc}{parts.path}".lower()).strip("-")[:60]
    mark = hashlib.sha256(visit.url.encode("utf-8", "replace")).hexdigest()[:8]
    pictures = folder / PICTURES
    pictures.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", visit.blocker, flags=re.ASCII).strip("-")
    return pictures / f"{words}-{mark}.{name}.png"
