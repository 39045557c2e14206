"""Answers as JSON and CSV, for `detector stats` and other exports."""

from __future__ import annotations

import csv
import io
from typing import Any

from detector.analytics.figures import Figures
from detector.analytics.local_days import UTC_DAYS, LocalDays
from detector.analytics.price import Price
from detector.analytics.query import Answer
from detector.analytics.unknown import unknown
from detector.core.vocabulary import NOTICE_ACTIONS, STATES, TEST_ACTIONS

_COLUMNS = {
    "views": ("views",),
    "measured": ("measured",),
    "verdicts": STATES,
    "actions": NOTICE_ACTIONS,
    "recovered": ("recovered",),
    "ad_free": ("ad_free",),
    "disputed": ("disputed_low", "disputed_high"),
    "without_verdict": ("without_verdict", "blocked_from", "blocked_to"),
    "sessions": TEST_ACTIONS,
}
"""The columns of a line by the figures that they show."""
_INCOME = ("lost",)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def as_dict(answer: Answer, per_thousand: float | Price | None = None) -> dict[str, Any]:
    """Return an answer with plain types."""
    days = answer.days
    return {
        "site": answer.site,
        "since": _iso(answer.since, days),
        "until": _iso(answer.until, days),
        "time_zone": days.name,
        "utc_days_until": _iso(days.border, UTC_DAYS) if answer.has_old_days else None,
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

    What is not known of a value, such as the views of a kind, is empty. No text can be interpreted
    as a formula by a spreadsheet.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    columns = [name for names in _COLUMNS.values() for name in names]
    if per_thousand is not None:
        columns += _INCOME
    time = ["start", "time_zone"] if answer.step else []
    writer.writerow([*time, *answer.by, *columns])
    hidden = unknown(answer.by)
    blank = {name for figure, names in _COLUMNS.items() if figure in hidden for name in names}
    if "income" in hidden:
        blank.update(_INCOME)
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
        values = _values(figures, per_thousand)
        writer.writerow([*head, *("" if name in blank else values[name] for name in columns)])
    return out.getvalue()


def _values(figures: Figures, per_thousand: float | Price | None) -> dict[str, Any]:
    """Return the figures by the columns of the lines."""
    low, high = figures.disputed.interval or ("", "")
    found = figures.blocked_bounds
    return {
        "views": figures.views,
        "measured": figures.measured,
        **figures.verdicts,
        **figures.actions,
        "recovered": figures.recovered,
        "ad_free": figures.ad_free,
        "disputed_low": low,
        "disputed_high": high,
        "without_verdict": found.unknown if found else 0,
        "blocked_from": found.low if found else "",
        "blocked_to": found.high if found else "",
        **figures.sessions,
        "lost": "" if per_thousand is None else f"{figures.income(per_thousand).lost:.2f}",
    }


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
