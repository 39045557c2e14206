"""The output of a running audit: a row for each visit as it finishes, then what broke.

On a terminal by rich, if it is installed (extra `[qa]`); elsewhere as plain lines.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.audit import wording
from detector.audit.model import PageVisit, Problem, Report, Under, problems_of
from detector.core.printable import printable
from detector.doctor.lines import wrapped

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_PAGE = 34
_RULES = 3
_HEADS = ("", "page", "verdict", "blocked", "problems", "seconds")
_COLOURS = {"fine": "green", "known": "yellow", "broken": "bold red", "error": "bold yellow"}


def table_for(site: str, names: Sequence[str]) -> Plain:
    """Return a table that suits stdout."""
    if sys.stdout.isatty():
        with suppress(ModuleNotFoundError):
            return _Rich(site, names)
    return Plain(site, names)


class Plain:
    """Prints plain lines, each at once, for logs."""

    def __init__(self, site: str, names: Sequence[str]) -> None:
        self._site = site
        self._first = max((len(name) for name in names), default=0)
        self._began = False

    def page(self, url: str, blocker: str) -> None:
        """Print nothing: the row is printed after the visit."""

    def expect(self, visits: int) -> None:
        """Print nothing: lines are not counted."""

    def visit(self, visit: PageVisit) -> None:
        """Print a row."""
        if not self._began:
            self._began = True
            self._print(self._row(("blocker", *_HEADS[1:])))
        self._print(self._row(cells(visit, self._site)), visit)
        if visit.error:
            self._print(f"{'':<{self._first + 2}}{wording.line(visit.error)}")

    def blocker(self, under: Under) -> None:
        """Print why a blocker does not run; nothing if it does."""
        if under.missing:
            head = f"{under.name:<{self._first}}  "
            text = f"! did not run to the end: {wording.line(under.missing)}"
            self._print("\n".join(wrapped(head, text)))

    def end(self, report: Report, index: Path) -> None:
        """Print what broke, and where the report is."""
        self._print("\n".join(ending(report, index)))

    def _row(self, told: tuple[str, ...]) -> str:
        name, page, verdict, blocked, problems, seconds = map(printable, told)
        page = page if len(page) <= _PAGE else f"{page[: _PAGE // 2]}…{page[1 - _PAGE // 2 :]}"
        return (
            f"{name:<{self._first}}  {page:<{_PAGE}}  {verdict:<19}  {blocked:>7}  {problems:<12}"
            f"  {seconds:>7}"
        ).rstrip()

    def close(self) -> None:
        """Restore the terminal, whatever has happened."""

    def _print(self, text: str, visit: PageVisit | None = None) -> None:
        try:
            print(_fitting(text), flush=True)
        except BrokenPipeError:
            # The reader has closed the pipe (`| head`); the report is still to be written.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Silent(Plain):
    """Prints nothing."""

    def _print(self, text: str, visit: PageVisit | None = None) -> None:
        pass


class _Rich(Plain):
    """Prints rows with colours above a progress line."""

    def __init__(self, site: str, names: Sequence[str]) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

        super().__init__(site, names)
        text = TextColumn("{task.description}", markup=False)
        columns = (SpinnerColumn(), text, BarColumn(20), MofNCompleteColumn())
        self._progress: Progress = Progress(*columns, transient=True)
        self._task: TaskID = self._progress.add_task("looking for pages", total=None)
        self._progress.start()

    def page(self, url: str, blocker: str) -> None:
        """Show which page is being visited."""
        name = wording.page_name(url, self._site)
        name = name if len(name) <= 2 * _PAGE else f"{name[: 2 * _PAGE]}…"
        self._progress.update(self._task, description=f"{name} under {blocker}")

    def expect(self, visits: int) -> None:
        """Show the audit's progress."""
        self._progress.update(self._task, total=visits)

    def visit(self, visit: PageVisit) -> None:
        """Print a row, and count it."""
        super().visit(visit)
        self._progress.advance(self._task)

    def close(self) -> None:
        """Remove the progress line."""
        self._progress.stop()

    def _print(self, text: str, visit: PageVisit | None = None) -> None:
        from rich.text import Text

        style = _COLOURS[wording.state_of(visit, _SOME).name] if visit else ""
        options: dict[str, Any] = {"soft_wrap": True, "highlight": False}
        self._progress.console.print(Text(_fitting(text), style), **options)


_SOME = Under("", "")


def _fitting(text: str) -> str:
    """Return a text that stdout can encode: not every log supports every character."""
    text, encoding = printable(text, keep="\n"), sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding, "replace")


def cells(visit: PageVisit, site: str) -> tuple[str, str, str, str, str, str]:
    """Return the texts of a row."""
    state = wording.state_of(visit, _SOME)
    told = visit.verdict or {}
    verdict = "/".join(wording.line(str(told[one])) for one in ("state", "kind") if told.get(one))
    return (
        visit.blocker,
        wording.page_name(visit.url, site),
        verdict or "-",
        str(len(wording.stopped(visit))),
        f"{state.sign} {state.word}",
        f"{visit.seconds:.1f}",
    )


def ending(report: Report, index: Path) -> list[str]:
    """Return the lines at the end: each problem as a sentence, the count, the report's path."""
    lines = [""]
    for (kind, text), (first, where) in _together(report).items():
        more = f" and {len(where) - 3} more" if len(where) > 3 else ""
        lines += wrapped("✗ ", f"{kind}: {wording.line(text)}")
        lines += wrapped("    ", ", ".join(where[:3]) + more)
        for told in (*map(wording.cause, first.causes[:_RULES]), wording.advice(first)):
            lines += wrapped("    ", told) if told else []
        if len(first.causes) > _RULES:
            lines.append(f"    and {len(first.causes) - _RULES} more rules, in report.json")
    for one in report.gone:
        place = f"{wording.page_name(one.url, report.site)} under {one.blocker}"
        lines += wrapped("✓ ", f"gone from {place}: {wording.line(one.text)}")
    lines += [""] if len(lines) > 1 else []
    for note in report.notes:
        lines += wrapped("", f"Note: {wording.line(note)}.")
    lines += [wording.summary(report), f"Report: {index}"]
    return lines


def _together(report: Report) -> dict[tuple[str, str], tuple[Problem, list[str]]]:
    found: dict[tuple[str, str], tuple[Problem, list[str]]] = {}
    for visit, problem in problems_of(report.visits):
        if problem.known:
            continue
        where = f"{wording.page_name(visit.url, report.site)} under {visit.blocker}"
        found.setdefault((problem.kind, problem.text), (problem, []))[1].append(where)
    return found
