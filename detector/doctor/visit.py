"""One site as its tag tells of it: asks its URLs as the script on the page would."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from detector.core.assets import script
from detector.core.served_names import SCRIPTS, VIEW_LENGTH, letters
from detector.doctor.document import Page, Tag
from detector.doctor.reach import origin
from detector.doctor.web import Answer, Web, joined

_BOOTSTRAP = 2**18
_DEST = {"script": "script", "image": "image", "fetch": "empty"}
_JAVASCRIPT = ("text/javascript", "application/javascript", "application/x-javascript")


@dataclass
class Visit:
    """A page's tag, followed: `answers` are all that came from the site's own URLs.

    `bootstrap` is the answer of the bootstrap by name, once it has been understood, `scripts`
    the bodies of the scripts that arrived.
    """

    web: Web
    page: Page
    tag: Tag
    answers: list[Answer] = field(default_factory=list)
    bootstrap: dict[str, Any] = field(default_factory=dict)
    scripts: dict[str, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the page's address."""
        return self.page.answer.url

    @property
    def file(self) -> str:
        """Return the address of detect.js."""
        return urljoin(self.tag.url, f"{self.tag.detect}.js")

    def at(self, path: str) -> str:
        """Return the address of a path of ours, as the script makes it."""
        return joined(self.file, path)

    def ask(self, url: str, kind: str) -> Answer:
        """Ask for one of our URLs, of kind script, image or fetch."""
        answer = self.web.get(
            url,
            Referer=self.url,
            Sec_Fetch_Dest=_DEST[kind],
            Sec_Fetch_Mode="cors" if kind == "fetch" else "no-cors",
            Sec_Fetch_Site="same-origin",
        )
        self.answers.append(answer)
        return answer

    def send(self, url: str, body: bytes) -> Answer:
        """Send a report as the browser's beacon does."""
        scheme, host, _ = origin(self.url)
        answer = self.web.post(
            url,
            body,
            Content_Type="application/json",
            Origin=f"{scheme}://{urlsplit(self.url).netloc or host}",
            Referer=self.url,
            Sec_Fetch_Dest="empty",
            Sec_Fetch_Mode="no-cors",
            Sec_Fetch_Site="same-origin",
        )
        self.answers.append(answer)
        return answer

    def ask_bootstrap(self, view: str, again: bool) -> Answer:
        """Ask the bootstrap for a view; `again` as a second look does, which is never counted."""
        more = "&a=1" if again else ""
        return self.ask(f"{self.file}on?v={view}&p={self.tag.token}&w=false{more}", "fetch")


def new_view() -> str:
    """Make a view id that every site looks at, however small the share of views it looks at."""
    return f"{secrets.randbelow(10**16):016d}".rjust(VIEW_LENGTH - 4, "0") + "0000"


def as_object(answer: Answer) -> dict[str, Any] | None:
    """Parse an answer as a JSON object; None where it is none, or far longer than ours are."""
    if len(answer.body) > _BOOTSTRAP:
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def trouble(answer: Answer, kind: str) -> str:
    """Say why an answer cannot be what we sent, as the end of a sentence; empty when it may be."""
    if answer.failed:
        return f"does not answer: {answer.failed}"
    if answer.goal:
        return f"is sent on to {answer.goal} ({answer.status})"
    if answer.status != 200:
        return f"answers {answer.status}"
    if answer.broken:
        return answer.broken
    if answer.type == "text/html":
        return "answers an HTML page"
    if kind == "script":
        return _wrong_type(answer)
    return ""


def _wrong_type(answer: Answer) -> str:
    if answer.type in _JAVASCRIPT:
        return ""
    sure = answer.header("x-content-type-options").strip().lower() == "nosniff"
    if (
        sure
        or answer.type.partition("/")[0] in ("image", "audio", "video")
        or (answer.type == "text/csv")
    ):
        return f"comes as {answer.type or 'no type'}, which browsers refuse as a script"
    return ""


def front_server(visit: Visit) -> str:
    """Name the lines that let a front server pass all of our URLs to the app."""
    folder = visit.tag.folder
    return f"nginx: location ^~ {folder} {{ proxy_pass http://your-app; }}"


def as_named(url: str, body: bytes) -> str:
    """Say whose content a script has: ours, older, another, or changed."""
    named = urlsplit(url).path.rpartition("/")[2][6:14]
    known = next((name for name in SCRIPTS if script(name).body == body), "")
    if letters(body, 8) == named:
        return "ours" if known else "another"
    return "older" if known else "changed"
