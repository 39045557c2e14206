"""`python -m bench.vintages FOLDER…`: pools from old lists, and on how many days they find whom.

Each folder has the lists of one date, which it is called like: EasyList, uBlock filters and others
that blockers use by default, and one of Brave's with `brave` in its name; texts, or packed by xz.
A pool is picked from the lists of each date. For later dates it prints the share of 1,000
site-days on which two families of its baits are blocked: by requests alone and by elements alone,
for the blocker that is found least of those that the lists make up, and in Brave's standard mode.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from bench.table import BenchError
from bench.vintages.vintage import Vintage, later, read
from detector.filter_lists.fetch import ListError
from detector.filter_lists.odds import Odds, SiteDays, live
from detector.filter_lists.pick import pick

MONTHS = (0, 3, 6, 12, 18)
_GOAL, _GOAL_BRAVE, _GOAL_MONTHS = 0.99, 0.95, 12
# In older lists of Brave, too few rules of EasyList stand to give a pool two families of scripts.
_BRAVE_SINCE = date(2024, 4, 1)


@dataclass(frozen=True, slots=True)
class Result:
    """The shares for a pool of one date against the lists of another; None without Brave's."""

    picked: date
    months: int
    tested: date
    requests: float
    elements: float
    brave_requests: float | None
    brave: float | None

    @property
    def missed(self) -> list[str]:
        """Return the goals that are missed; they are set for a year."""
        if self.months != _GOAL_MONTHS:
            return []
        out = []
        if self.requests < _GOAL:
            out.append(f"{self.picked}: by requests alone {self.requests:.3f}, goal {_GOAL}")
        brave = self.brave_requests
        if brave is not None and self.picked >= _BRAVE_SINCE and brave < _GOAL_BRAVE:
            out.append(f"{self.picked}: in Brave's standard mode {brave:.3f}, goal {_GOAL_BRAVE}")
        return out

    def line(self) -> str:
        """Return the result as it is printed."""
        shares = (self.requests, self.elements, self.brave_requests, self.brave)
        cells = "".join(f"{'-' if one is None else format(one, '.3f'):>10}" for one in shares)
        return f"{self.picked}  {self.months:>6}  {self.tested}{cells}"


def back_test(vintages: Sequence[Vintage]) -> Iterator[Result]:
    """Pick a pool from each vintage but the last, and yield its results on later ones."""
    for number, start in enumerate(vintages[:-1]):
        pool = pick(start.matcher(), start.brave, start.date.isoformat())
        days = SiteDays(pool)
        cached: dict[date, tuple[list[Odds], list[Odds]]] = {}
        for months in MONTHS:
            then = later(vintages[number:], start.date, months)
            if then is None:
                break
            if then.date not in cached:
                whole = then.matcher()
                odds = [
                    (one, days.odds(*live(whole.only(one.sources), pool)))
                    for one in then.blockers()
                ]
                cached[then.date] = (
                    [each for one, each in odds if not one.standard],
                    [each for one, each in odds if one.standard],
                )
            full, standard = cached[then.date]
            yield Result(
                *(start.date, months, then.date),
                *(min(each.requests for each in full), min(each.elements for each in full)),
                *(standard[0].requests if standard else None,),
                *(standard[0].together if standard else None,),
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the back-tests; 1 when a folder cannot be used or a goal is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench vintages", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also save the figures here")
    asked = parser.parse_args(arguments)
    results: list[Result] = []
    try:
        vintages = read(asked.folders)
        print("picked      months  lists of    requests  elements  brave-req     brave")
        for result in back_test(vintages):
            results.append(result)
            print(result.line(), flush=True)
    except (BenchError, ListError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    if asked.json:
        rows = [{**asdict(one), "missed": one.missed} for one in results]
        asked.json.write_text(json.dumps(rows, indent=2, default=str) + "\n", "utf-8")
    missed = [goal for one in results for goal in one.missed]
    print(f"goals missed: {'; '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
