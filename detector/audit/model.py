"""The result of an audit: one visit for each page and blocker, with the problems new in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

# Every way in which a page can be worse under a blocker than without one, and its words in reports.
PROBLEMS = {
    "hidden": "can be used without the blocker, but is hidden or gone with it",
    "covered": "is covered by something else and cannot be clicked",
    "request": "a request that is not for an ad failed or was blocked",
    "console": "an error in the console",
    "shift": "the layout shifts",
    "notice": "the notice, or its absence, does not match the state",
    "verdict": "the detector's verdict does not match the blocker",
}


@dataclass(frozen=True)
class Cause:
    """A line of a filter list that stops a request or hides an element.

    `line` is from 1, 0 if only the engine knows the rule; `date` that of the list (ISO 8601).
    `likely` means that the blocker's own decision cannot be read, so that its lists were matched
    afterwards. `useless` marks an exception that applies too, but does not help.
    """

    list: str
    line: int
    rule: str
    date: str = ""
    likely: bool = False
    useless: bool = False


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong under a blocker and was not in the clean visit.

    `kind` is a key of `PROBLEMS`; `target` names what it is about (a selector, an address, a
    message), `text` is one sentence for people. `names` are the classes and ids of the element that
    is hidden, as `.class` and `#id`; `suggestion` is another name that no list acts on; `known`
    means that the baseline has it too.
    """

    kind: str
    target: str
    text: str
    names: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    suggestion: str = ""
    known: bool = False


@dataclass(frozen=True)
class Failed:
    """A request without an answer: its address, type (`script`, `image`…), the browser's message.

    `blocked` means that this message is a blocker's; `status` is that of an answer of 400 or more;
    `bait` marks a request of our own detector, which exists to be blocked. `frame` is the type of a
    document inside the page.
    """

    url: str
    type: str = ""
    why: str = ""
    blocked: bool = False
    status: int | None = None
    bait: bool = False
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Control:
    """An element that visitors click or type into.

    `state` is `usable`, `hidden`, `disabled` or `covered`; `by` names what covers it. `key`
    identifies it in other visits; `ad` means that it leads to another site or is in the place of an
    ad. `names` are the classes and ids of what is hidden: the element, or the outermost around it.
    """

    selector: str
    name: str
    state: str
    by: str = ""
    key: str = ""
    ad: bool = False
    names: tuple[str, ...] = ()


@dataclass
class PageVisit:
    """One page under one blocker.

    `error` says why the page could not be visited ("" if it could). `seconds` is from the start of
    the navigation to the end of the visit. `shift` is the sum of the layout shifts (CLS's unit,
    without those after input). `verdict` is the detector's (`{state, kind, signals, ms}`) and
    `notice` what it showed (`{text, close}`), both None on a site without it. `picture` is a path
    relative to the report's folder, "" without one.

    `expected` is the state that our detector reports under this blocker; `prefix` the folder of its
    addresses in this page, as `/name/`, "" without it; `due` whether its notice should be shown
    (None: not known). `shifted` names what moved, most first; `notes` say what else was seen and is
    not a problem; `asks_password` that the page has a field for a password. `shift_measure` says
    who measured `shift`: "browser", "own" (shift.js), perhaps only from the load event on, or "" if
    it is not known. `names` are all classes and ids, as `.class` and `#id`, and `requests` the
    addresses and types of all requests but our detector's; both only without a blocker.
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
    asks_password: bool = False
    notes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)

    @property
    def blocked(self) -> list[Failed]:
        """The requests that the blocker stopped."""
        return [one for one in self.failed if one.blocked]

    @property
    def new(self) -> list[Problem]:
        """The problems that the baseline does not have; all of them without one."""
        return [one for one in self.problems if not one.known]


@dataclass(frozen=True)
class Under:
    """A blocker of an audit: its name, and its label with versions and list date.

    `clean` is the name of the run without a blocker that its visits are compared with, "" for the
    clean ones; `missing` says why it did not run, or how it died ("" otherwise).
    """

    name: str
    label: str
    clean: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Gone:
    """A problem of the baseline that was not found again, though its page was visited."""

    url: str
    blocker: str
    kind: str
    text: str


@dataclass
class Report:
    """A whole audit: the start address, when it began (ISO 8601, UTC), blockers and visits.

    `stopped` means that the audit was ended early and contains what was found until then. `notes`
    are sentences on where the pages come from. `baseline` is the time of the report that this one
    is compared with, "" without one, and `gone` what only that report has.
    """

    site: str
    began: str
    blockers: list[Under] = field(default_factory=list)
    visits: list[PageVisit] = field(default_factory=list)
    stopped: bool = False
    notes: list[str] = field(default_factory=list)
    baseline: str = ""
    gone: list[Gone] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The exit status: 0 all well or known, 1 something broke, 2 something was not visited."""
        unseen = any(one.error for one in self.visits) or any(one.missing for one in self.blockers)
        if self.stopped or unseen:
            return 2
        return 1 if any(one.new for one in self.visits) else 0

    @property
    def pages(self) -> list[str]:
        """The addresses, in the order in which they were found."""
        return list(dict.fromkeys(one.url for one in self.visits))

    def of(self, url: str, blocker: str) -> PageVisit | None:
        """Return the visit to a page under a blocker, None if there is none."""
        return next((one for one in self.visits if (one.url, one.blocker) == (url, blocker)), None)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as a dict for JSON, with the status."""
        return {**asdict(self), "status": self.status}


def problems_of(visits: Iterable[PageVisit]) -> list[tuple[PageVisit, Problem]]:
    """Return every problem with its visit, in order."""
    return [(visit, problem) for visit in visits for problem in visit.problems]
