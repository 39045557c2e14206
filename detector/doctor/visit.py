"""Asks for all that one page view of a site would ask for, and keeps what came.

Nothing here judges. Of all that is asked nothing is counted as a page view or a report, but for
sites with several processes, where one view may be.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from detector.baits.pool import Type
from detector.doctor.document import Document, Tag, read
from detector.doctor.fetching import Answer, Fetcher
from detector.names import VIEW_LENGTH

_TYPES: tuple[Type, ...] = ("script", "image", "fetch")
_DESTS = {"script": "script", "image": "image", "fetch": "empty"}
_TOGETHER = 4
# No report that can be read: the site answers it like any other, and counts nothing.
NO_REPORT = b"doctor"


@dataclass(slots=True)
class Page:
    """One page as it came, and our tag in it."""

    url: str
    answer: Answer
    hops: list[Answer]
    document: Document
    plain: Document | None = None

    @property
    def tag(self) -> Tag | None:
        """Give the tag that counts, also where it comes only without compression."""
        for document in (self.document, self.plain):
            if document and document.tags:
                return document.tags[0]
        return None


@dataclass(frozen=True, slots=True)
class Control:
    """The first control's answer to one view id; `data` is what it holds, if it is JSON."""

    view: str
    answer: Answer
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A bait or a control of a bait: what GET and HEAD gave; `again` with another view's token."""

    type: Type
    path: str
    control: bool
    proof: str
    width: int
    answer: Answer
    head: Answer | None = None
    again: tuple[str, int, Answer] | None = None


@dataclass(slots=True)
class Visit:
    """All that one look at a site brought."""

    page: Page
    tag: Tag
    folder: str
    script: Answer
    front: Answer | None
    controls: list[Control] = field(default_factory=list)
    repeat: Answer | None = None
    files: dict[str, Answer] = field(default_factory=dict)
    baits: list[Asked] = field(default_factory=list)
    report: Answer | None = None
    found_below: str = ""

    @property
    def prefix(self) -> str:
        """Give the path of the folder that our URLs lie in, with slashes at both ends."""
        return urlsplit(self.folder).path

    def answers(self) -> Iterable[Answer]:
        """Give every answer that came for one of our own URLs by GET, and the report's."""
        yield self.script
        if self.front:
            yield self.front
        yield from (control.answer for control in self.controls)
        yield from self.files.values()
        yield from (asked.answer for asked in self.baits)
        if self.report:
            yield self.report


def get_page(fetcher: Fetcher, url: str) -> Page:
    """Get a page; one that has no tag is asked for without compression too."""
    answer, hops = fetcher.page(url)
    page = Page(answer.url, answer, hops, read(answer.body))
    if answer.status and not page.document.tags and answer.header("content-encoding"):
        other, _ = fetcher.page(answer.url, "identity")
        page.plain = read(other.body)
    return page


def visit(fetcher: Fetcher, page: Page, tag: Tag) -> Visit:
    """Ask for the script and for all that the script would ask for."""
    folder = tag.folder(page.url)
    script = fetcher.ours(folder + tag.file + ".js", page.url, "script")
    front = None
    if tag.opted:
        front = fetcher.ours(urljoin(page.url, tag.src), page.url, "script")
    seen = Visit(page, tag, folder, script, front)
    if script.status >= 300:
        seen.found_below = _below(fetcher, seen)
    _controls(fetcher, seen)
    known = [control.data for control in seen.controls if _is_whole(control.data)]
    if not known:
        return seen
    seen.report = fetcher.report(folder + str(known[0].get("r")), page.url, NO_REPORT)
    for key in ("a", "n", "c"):
        for data in known:
            if key in data and key not in seen.files:
                dest = "empty" if key == "c" else "script"
                seen.files[key] = fetcher.ours(folder + str(data[key]), page.url, dest)
    _baits(fetcher, seen, known)
    return seen


def _below(fetcher: Fetcher, seen: Visit) -> str:
    """Find whether the site is mounted below a folder that its server does not know of."""
    path = urlsplit(seen.page.url).path
    folders = path.split("/")[1:-1]
    for depth in range(1, len(folders) + 1):
        mount = "/" + "/".join(folders[:depth])
        url = urljoin(seen.page.url, mount + seen.prefix + seen.tag.file + ".js")
        if not seen.prefix.startswith(mount + "/"):
            answer = fetcher.ours(url, seen.page.url, "script")
            if answer.status == 200 and "javascript" in answer.kind:
                return mount
    return ""


def _controls(fetcher: Fetcher, seen: Visit) -> None:
    """Ask the control for two views, for other baits (&a=1) first: such views are not counted."""
    first, second = _view(), _view()
    for view, more in ((first, "&a=1"), (second, "&a=1"), (second, "")):
        url = _control_url(seen, view, more)
        answer = fetcher.ours(url, seen.page.url)
        seen.controls.append(Control(view, answer, _json(answer)))
    seen.repeat = fetcher.ours(_control_url(seen, second, ""), seen.page.url)


def _control_url(seen: Visit, view: str, more: str) -> str:
    return f"{seen.folder}{seen.tag.file}.json?v={view}&p={seen.tag.token}&w=false{more}"


def _view() -> str:
    # The last four digits draw the share of views that are looked at: these are always drawn.
    return "".join(random.choices("0123456789", k=VIEW_LENGTH - 4)) + "0000"


def _json(answer: Answer) -> dict[str, Any]:
    try:
        data = json.loads(answer.body) if answer.status == 200 else {}
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _is_whole(data: dict[str, Any]) -> bool:
    """Say whether a control's answer has baits in the form that the script expects."""
    texts = all(isinstance(data.get(key), str) for key in ("t", "x", "r", "a"))
    return texts and isinstance(data.get("w"), int) and all(map(_is_bait, data.get("b") or [0]))


def _is_bait(entry: Any) -> bool:
    if not isinstance(entry, list) or len(entry) != 4:
        return False
    kind, _, *urls = entry
    return kind in range(len(_TYPES)) and all(isinstance(url, str) for url in urls)


def _baits(fetcher: Fetcher, seen: Visit, known: list[dict[str, Any]]) -> None:
    """Ask for every bait and control of the day, those of a second look among them."""
    jobs: dict[str, tuple[Type, bool, dict[str, Any]]] = {}
    for data in reversed(known):
        for kind, _, *urls in data["b"]:
            for url, control in zip(urls, (False, True), strict=True):
                jobs.setdefault(str(url), (_TYPES[kind], control, data))
    # The first pair of the day is asked for twice: an answer of another view tells of a cache.
    twice = {str(url) for bait in known[-1]["b"][:2] for url in bait[2:]}
    other = next((data for data in known if data["t"] != known[-1]["t"]), None)

    def ask(item: tuple[str, tuple[Type, bool, dict[str, Any]]]) -> Asked:
        url, (kind, control, data) = item

        def get(token: str, method: str = "GET") -> Answer:
            return fetcher.ours(seen.folder + url + token, seen.page.url, _DESTS[kind], method)

        answer = get(data["t"])
        head = None if control else get(data["t"], "HEAD")
        again = None
        if other and url in twice:
            again = (str(other["x"]), int(other["w"]), get(other["t"]))
        path = url.partition("?")[0]
        return Asked(kind, path, control, data["x"], data["w"], answer, head, again)

    with ThreadPoolExecutor(_TOGETHER) as pool:
        seen.baits = list(pool.map(ask, jobs.items()))
