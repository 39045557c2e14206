"""The names that a site uses: from the report of an audit, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from detector.audit.folder import FORMAT, JSON
from detector.lint.files import Content
from detector.lint.names import Name

_TYPES = {"xhr": "fetch", "document": "subdocument", "eventsource": "other", "manifest": "other"}
_FIX = "name the report.json of an audit by this version, or its folder"


class ReportError(ValueError):
    """A report cannot be used; the message names the file and the fix."""


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page of an audit: its address, its names as `.class` and `#id`, and what it contains."""

    url: str
    names: frozenset[str]
    content: Content


def pages(path: Path) -> list[SitePage]:
    """Return the pages that an audit saw without a blocker, each once; raise ReportError."""
    file = path / JSON if path.is_dir() else path
    try:
        data: Any = json.loads(file.read_text("utf-8"))
        datetime.fromisoformat(data["began"])
        version = data.get("format", 1)
        if version != FORMAT:
            raise ReportError(
                f"--site {file}: has the format {version!r}, and {FORMAT} is needed; "
                "run `detector audit` of this version again"
            )
        found = {page.url: page for page in _pages(data)}
    except OSError as error:
        raise ReportError(f"--site {file}: cannot be read ({error.strerror}); {_FIX}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, ReportError):
            raise
        raise ReportError(f"--site {file}: is not the report of an audit; {_FIX}") from None
    if not found:
        raise ReportError(f"--site {file}: has no page that could be visited; run the audit again")
    return list(found.values())


def _pages(data: dict[str, Any]) -> Iterator[SitePage]:
    """Yield the pages of clean visits; of several visits to a page, the names of all."""
    clean = {str(one["name"]) for one in data["blockers"] if not one["clean"]}
    names: dict[str, dict[Name, None]] = {}
    for visit in data["visits"]:
        if visit["blocker"] not in clean or visit["error"]:
            continue
        found = names.setdefault(str(visit["final_url"] or visit["url"]), {})
        elements = [str(one) for one in visit["names"]]
        found.update((_element(one), None) for one in elements if one[1:])
        found.update((_request(str(url), str(kind)), None) for url, kind in visit["requests"])
    for url, each in names.items():
        own = frozenset(_selector(one) for one in each if one.is_element)
        parts = urlsplit(url)
        place = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        yield SitePage(url, own, Content(place, parts.path, tuple(each)))


def _element(text: str) -> Name:
    return Name(text[1:], "class" if text[0] == "." else "id", "markup", 0, 0)


def _selector(name: Name) -> str:
    return ("." if name.kind == "class" else "#") + name.text


def _request(url: str, kind: str) -> Name:
    return Name(url, _TYPES.get(kind, kind), "markup", 0, 0)  # type: ignore[arg-type]
