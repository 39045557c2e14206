"""Answers as JSON and CSV, for `detector stats` and other exports."""

from __future__ import annotations

import csv
import io
from typing import Any

from detector.analytics.figures import Figures
from detector.analytics.local_days import LocalDays
from detector.analytics.price import Price
from detector.analytics.query import Answer
from detector.core.vocabulary import NOTICE_ACTIONS, STATES, TEST_ACTIONS

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def as_dict(answer: Answer, per_thousand: float | Price | None = None) -> dict[str, Any]:
    """Return an answer with plain types."""
    days = answer.days
    return {
        "site": answer.site,
        "since": _iso(answer.since, days),
        "until": _iso(answer.until, days),
        "time_zone": days.name,
        "utc_days_until": _iso(days.border, LocalDays()) if answer.has_old_days else None,
        "by": list(answer.by),
        "step": answer.step or None,
        "total": _with_income(answer.total, per_thousand),
        "funnel": [
            {
                "name": step.name,
                "count": step.count,
                "share": step.share.as_dict(),
                "earlier": step.earlier,
            }
            for step in answer.total.funnel()
        ],
        "unheard": answer.unheard
        and {
            **answer.unheard.share.as_dict(),
            "not_measurable": answer.unheard.not_measurable,
            "passed": answer.unheard.passed,
        },
        "health": answer.health,
        "refused": answer.refused,
        "cells": [
            {
                **dict(zip(answer.by, cell.values, strict=True)),
                **({"start": _iso(cell.start, days)} if answer.step else {}),
                "figures": _with_income(cell.figures, per_thousand),
            }
            for cell in answer.cells
        ],
    }


def as_csv(answer: Answer, per_thousand: float | Price | None = None) -> str:
    """Return the cells as lines, or the total if none were requested.

    No text can be interpreted as a formula by a spreadsheet.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    money = [] if per_thousand is None else ["lost"]
    time = ["start", "time_zone"] if answer.step else []
    writer.writerow(
        [
            *(*time, *answer.by, "views", "measured", *STATES, *NOTICE_ACTIONS, "recovered"),
            *("ad_free", "disputed_low", "disputed_high"),
            *("without_verdict", "blocked_from", "blocked_to", *TEST_ACTIONS, *money),
        ]
    )
    rows: list[tuple[list[str], Figures]] = [
        (
            [*(_start(cell.start or 0, answer.days) if time else []), *map(safe, cell.values)],
            cell.figures,
        )
        for cell in answer.cells
    ]
    if not answer.by and not answer.step:
        rows = [([], answer.total)]
    for head, figures in rows:
        lost = [] if per_thousand is None else [f"{figures.income(per_thousand).lost:.2f}"]
        counts = [figures.views, figures.measured, *figures.verdicts.values()]
        interval = figures.disputed.interval or ("", "")
        rest = [*figures.actions.values(), figures.recovered, figures.ad_free]
        found = figures.blocked_bounds
        between = [found.unknown, found.low, found.high] if found else [0, "", ""]
        ends = [*between, *figures.sessions.values(), *lost]
        writer.writerow([*head, *counts, *rest, *interval, *ends])
    return out.getvalue()


def safe(text: str) -> str:
    """Return a text that a spreadsheet does not interpret as a formula."""
    return "'" + text if text.lstrip(" ").startswith(_FORMULA) else text


def _with_income(figures: Figures, per_thousand: float | Price | None) -> dict[str, Any]:
    found = figures.as_dict()
    if per_thousand is not None:
        income = figures.income(per_thousand)
        found["income"] = {
            "per_thousand": income.per_thousand,
            "views": income.views,
            "weight": income.weight,
            "currency": income.currency,
            "lost": round(income.lost, 2),
            "recovered": income.recovered,
            "won": round(income.won, 2),
        }
    return found


def _start(seconds: int, days: LocalDays) -> list[str]:
    at = days.at(seconds)
    return [at.isoformat(), str(at.tzinfo)]


def _iso(seconds: int | None, days: LocalDays) -> str | None:
    return None if seconds is None else days.at(seconds).isoformat()
