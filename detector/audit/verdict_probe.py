"""Reads our detector's results, if a page has it: its verdict, and the notice that follows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from detector.audit.model import PageVisit
from detector.audit.page_events import PageEvents
from detector.audit.script import TAG, evaluate, prefix_of
from detector.testing.page_scripts import NOTICE, VERDICT

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A new view of a page that stays open: counts as a visitor's next one, with other baits.
_NEXT = """(patience) => new Promise((told) => {
  setTimeout(() => told(false), patience);
  document.addEventListener("ads:verdict", () => told(true), { once: true });
  document.dispatchEvent(new CustomEvent("ads:check", { detail: { view: true } }));
})"""
# The end of a view, when a verdict of `clear` may be revised; it else ends two seconds after load.
_END = """() => {
  let last = null;
  document.addEventListener("ads:verdict", (event) => {
    last = JSON.parse(JSON.stringify(event.detail));
  });
  dispatchEvent(new PageTransitionEvent("pagehide"));
  return last;
}"""
# Modes that may show nothing, or nothing that is ours.
_UNSURE = ("custom", "redirect", "slot")
_MOST_VIEWS = 5
_NOTICE_SECONDS = 2.5


class VerdictProbe:
    """Queries our detector in one visit."""

    def __init__(self, page: Page, heard: PageEvents, patience: float) -> None:
        self._page = page
        self._heard = heard
        self._patience = patience

    def ask(self, visit: PageVisit) -> None:
        """Store verdict, notice and the folder of our addresses in a visit."""
        tag = evaluate(self._page, TAG)
        visit.prefix = prefix_of(tag)
        if not visit.prefix:
            return
        if any(url == tag for url, *_ in self._heard.failed):
            visit.notes.append("the detector's script did not arrive")
            return
        control = self._control(visit.prefix)
        if control is not None and not control.get("b"):
            visit.due = False
            visit.notes.append("the detector skips this view: a robot's, or outside its share")
            return
        visit.verdict = evaluate(self._page, VERDICT, [None, self._patience * 1000])
        if visit.verdict is not None:
            self._ask_for_notice(visit, self._control(visit.prefix) or {})

    def end(self, visit: PageVisit) -> None:
        """Signal the end of the view to the detector, and store the verdict that it then has."""
        if visit.verdict is not None and visit.verdict.get("state") == "clear":
            visit.verdict = evaluate(self._page, _END) or visit.verdict

    def _control(self, prefix: str) -> dict[str, Any] | None:
        """Return the bootstrap that the site sent the detector for this view, None if not known."""
        from playwright.sync_api import Error

        for response in self._heard.controls:
            if urlsplit(response.url).path.startswith(prefix):
                try:
                    told = response.json()
                except (Error, ValueError):
                    return None
                return told if isinstance(told, dict) else None
        return None

    def _ask_for_notice(self, visit: PageVisit, control: dict[str, Any]) -> None:
        views = int((control.get("f") or [1])[0])
        visit.due = is_due(visit.verdict or {}, control) if control else None
        if visit.due and views > _MOST_VIEWS:
            visit.due = None
            visit.notes.append(
                f"the notice is due from blocked view {views} on, which is not tried"
            )
        elif visit.due:
            for _ in range(views - 1):
                evaluate(self._page, _NEXT, self._patience * 1000)
        seconds = {True: _NOTICE_SECONDS, None: _NOTICE_SECONDS / 5, False: 0}[visit.due]
        deadline = time.monotonic() + seconds
        while (found := evaluate(self._page, NOTICE)) is None and time.monotonic() < deadline:
            self._page.wait_for_timeout(40)
        visit.notice = found


def is_due(verdict: dict[str, Any], control: dict[str, Any]) -> bool | None:
    """Whether a notice follows from a verdict, after enough views; None if unsure."""
    state = verdict.get("state")
    if not control.get("n"):
        return False
    if state != "blocked":
        return None if state == "unreachable" and control.get("o") else False
    kind = verdict.get("kind") or "unsure"
    every = [modes for *_, modes in control.get("y", [])] or [control.get("m")]
    modes = {one.get(kind) if isinstance(one, dict) else one for one in every}
    if modes == {"none"}:
        return False
    return None if modes & {"none", None, *_UNSURE} else True
