"""What an audit finds: one look for each page and blocker, with the problems that are new in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

# Every way in which a page can be worse under a blocker than without one, and how reports call it.
PROBLEMS = {
    "hidden": "can be used without the blocker, and is hidden or gone with it",
    "covered": "lies below something else, so that it cannot be clicked",
    "request": "a request that is no ad's failed or was blocked",
    "console": "an error in the console",
    "shift": "the layout shifts",
    "notice": "the notice, or its lack, is not what the state asks for",
    "verdict": "the detector's verdict is not the blocker's",
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong under a blocker and was not in the clean look.

    `kind` is a key of `PROBLEMS`; `target` names what it is about (a selector, an address, a
    message), `text` is one sentence for people.
    """

    kind: str
    target: str
    text: str


@dataclass(frozen=True)
class Failed:
    """A request that got no answer: its address, type (`script`, `image`…) and the browser's words.

    `blocked` says that these words are a blocker's; `status` is that of an answer of 400 or more;
    `bait` marks a request of our own detector's, which is there to be blocked. `frame` is the type
    of a document inside of the page.
    """

    url: str
    type: str = ""
    why: str = ""
    blocked: bool = False
    status: int | None = None
    bait: bool = False


@dataclass(frozen=True)
class Control:
    """A thing that visitors click or type into.

    `state` is `usable`, `hidden`, `disabled` or `covered`; `by` names what covers it. `key` is what
    it is known again by in another look; `ad` says that it leads to another site or lies in the
    place of an ad.
    """

    selector: str
    name: str
    state: str
    by: str = ""
    key: str = ""
    ad: bool = False


@dataclass
class PageVisit:
    """One page under one blocker.

    `error` says why the page could not be looked at ("" where it could). `seconds` from the start
    of the navigation to the end of looking. `shift` is the sum of the layout shifts (CLS's unit,
    without those after input). `verdict` is the detector's (`{state, kind, signals, ms}`) and
    `notice` what it showed (`{text, close}`), both None on a site without it. `picture` is a path
    relative to the report's folder, "" without one.

    `expected` is the state that our detector tells under this blocker; `prefix` the folder of its
    addresses in this page, as `/name/`, "" without it; `due` says whether its notice was to be
    shown (None: not known). `shifted` names what moved, most first; `notes` say what else was seen
    and is no fault. `shift_measure` says whose `shift` is: "browser", "own" (shift.js), perhaps
    only from the load event on, or "" where it is not known.
    """

    url: str
    blocker: str
    error: str = ""
    status: int | None = None
    title: str = ""
    final_url: str = ""
    seconds: float = 0.0
    shift: float = 0.0
    console: list[str] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    downloads: list[str] = field(default_factory=list)
    verdict: dict[str, Any] | None = None
    notice: dict[str, Any] | None = None
    picture: str = ""
    problems: list[Problem] = field(default_factory=list)
    expected: str = ""
    prefix: str = ""
    due: bool | None = None
    shifted: list[str] = field(default_factory=list)
    shift_measure: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def blocked(self) -> list[Failed]:
        """The requests that the blocker stopped."""
        return [one for one in self.failed if one.blocked]


@dataclass(frozen=True)
class Under:
    """A blocker of an audit: its name, its label with versions and list date, and what is amiss.

    `clean` is the name of the look without a blocker that its looks are compared with, "" for the
    clean ones; `missing` says why it did not run, or how it died ("" otherwise).
    """

    name: str
    label: str
    clean: str = ""
    missing: str = ""


@dataclass
class Report:
    """A whole audit: the start address, when it began (ISO 8601, UTC), blockers and looks.

    `stopped` says that somebody ended it early, with what there was until then in it. `notes` are
    sentences on where the pages come from.
    """

    site: str
    began: str
    blockers: list[Under] = field(default_factory=list)
    looks: list[PageVisit] = field(default_factory=list)
    stopped: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The exit status: 0 all well, 1 something broke, 2 something could not be looked at."""
        unseen = any(one.error for one in self.looks) or any(one.missing for one in self.blockers)
        if self.stopped or unseen:
            return 2
        return 1 if any(one.problems for one in self.looks) else 0

    @property
    def pages(self) -> list[str]:
        """The addresses, in the order in which they were found."""
        return list(dict.fromkeys(one.url for one in self.looks))

    def of(self, url: str, blocker: str) -> PageVisit | None:
        """Return the look at a page under a blocker, None where there is none."""
        return next((one for one in self.looks if (one.url, one.blocker) == (url, blocker)), None)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it, with the status."""
        return {**asdict(self), "status": self.status}


def problems_of(looks: Iterable[PageVisit]) -> list[tuple[PageVisit, Problem]]:
    """Return every problem with its look, in order."""
    return [(look, problem) for look in looks for problem in look.problems]
