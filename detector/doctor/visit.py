"""One site as its tag describes it: requests its URLs as the script on the page would."""

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

    `bootstrap` is the bootstrap by name once it has been parsed, `scripts` the bodies of the
    scripts that arrived.
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
        """Return the address of one of our paths, as the script builds it."""
        return joined(self.file, path)

    def ask(self, url: str, kind: str) -> Answer:
        """Request one of our URLs, of kind script, image or fetch."""
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
        """Request the bootstrap for a view; `again` as a second, uncounted check does."""
        more = "&a=1" if again else ""
        return self.ask(f"{self.file}on?v={view}&p={self.tag.token}&w=false{more}", "fetch")


def new_view() -> str:
    """Return a view id that every site measures, however small its share of measured views."""
    return f"{secrets.randbelow(10**16):016d}".rjust(VIEW_LENGTH - 4, "0") + "0000"


def as_object(answer: Answer) -> dict[str, Any] | None:
    """Parse an answer as a JSON object; None if it is not one, or is far longer than ours."""
    if len(answer.body) > _BOOTSTRAP:
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def trouble(answer: Answer, kind: str) -> str:
    """Return why an answer cannot be ours, as the end of a sentence; empty when it may be."""
    if answer.failed:
        return f"does not answer: {answer.failed}"
    if answer.goal:
        return f"redirects to {answer.goal} ({answer.status})"
    if answer.status != 200:
        return f"answers {answer.status}"
    if answer.broken:
        return answer.broken
    if answer.type == "text/html":
        return "returns an HTML page"
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
        return f"is sent as {answer.type or 'no type'}, which browsers refuse as a script"
    return ""


def front_server(visit: Visit) -> str:
    """Return the lines that let a front server pass all of our URLs to the app."""
    folder = visit.tag.folder
    return f"nginx: location ^~ {folder} {{ proxy_pass http://your-app; }}"


def as_named(url: str, body: bytes) -> str:
    """Return whose content a script has: ours, older, another, or changed."""
    named = urlsplit(url).path.rpartition("/")[2][6:14]
    known = next((name for name in SCRIPTS if script(name).body == body), "")
    if letters(body, 8) == named:
        return "ours" if known else "another"
    return "older" if known else "changed"
