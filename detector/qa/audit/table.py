"""What an audit prints while it runs, and its sum at the end; on a terminal with rich."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from detector.qa.audit.html import outcome_of, path_of, verdict_of
from detector.qa.audit.model import Look, Report, Under, problems_of

if TYPE_CHECKING:
    from rich.console import Console

MOST_SAID = 50


class Teller:
    """Prints a line for each look as it comes; on a terminal also what is being done."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._console = _console(out)
        self._doing: Callable[[str], object] = lambda text: None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Show what is being done while the block runs, where this is a terminal."""
        if self._console is None:
            yield
            return
        with self._console.status("starting a browser") as status:
            self._doing = status.update
            yield
        self._doing = lambda text: None

    def on_blocker(self, under: Under) -> None:
        """Hear that a browser started, or could not."""
        self._say(f"\n{under.label}")
        if under.missing:
            self._say(f"  not run to the end: {under.missing}", "yellow")

    def on_page(self, url: str, blocker: str) -> None:
        """Hear what is looked at next."""
        self._doing(f"{path_of(url)} under {blocker}")

    def on_look(self, look: Look) -> None:
        """Hear of a look."""
        number = len(look.problems)
        said = "not seen" if look.error else f"{number} problem{'s' * (number != 1)}"
        style = "yellow" if look.error else "red" if number else "green"
        self._say(
            f"  {path_of(look.url)[:44]:<44}  {verdict_of(look):<22}  "
            f"{len([one for one in look.blocked if not one.bait]):>3} blocked  {said:<12}  "
            f"{look.seconds:4.1f} s",
            style,
        )
        if look.error:
            self._say(f"    {look.error}", style)

    def end(self, report: Report, folder: object) -> None:
        """Print what broke, in sentences, and where the report lies."""
        found = problems_of(report.looks)
        if found:
            self._say("")
        for look, problem in found[:MOST_SAID]:
            self._say(f"{look.blocker}, {path_of(look.url)}: {problem.text}"[:400], "red")
        if len(found) > MOST_SAID:
            self._say(f"and {len(found) - MOST_SAID} more: see the report")
        self._say(f"\n{outcome_of(report)} The report: {folder}/index.html")

    def _say(self, text: str, style: str = "") -> None:
        if self._console is None:
            print(text, file=self._out, flush=True)
        else:
            # No markup: brackets in an address are the address's.
            self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _console(out: TextIO) -> Console | None:
    if not out.isatty():
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    return Console(file=out)
