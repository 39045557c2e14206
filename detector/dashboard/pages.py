"""The dashboard's HTML: templates, and the few ways in which values are formatted."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from detector.analytics.bounds import Bounds
from detector.analytics.comparison import points
from detector.analytics.figures import Figures, Share
from detector.analytics.goals import MISSED, OPEN, REACHED, Goal
from detector.analytics.local_days import LocalDays
from detector.core.counting.annotations import Annotation
from detector.dashboard import compared, filtering, formats, marks, picture, texts
from detector.dashboard.annotating import NoteForm
from detector.dashboard.choice import RANGES
from detector.dashboard.conclusion import conclusion
from detector.dashboard.formats import fixed, number
from detector.dashboard.funnel import choices
from detector.dashboard.hints import Hints
from detector.dashboard.http import Answer
from detector.dashboard.overview import Overview
from detector.dashboard.tables import Column, Table, Term, Value
from detector.dashboard.texts import _

_ROWS = 10


def dashboard(
    found: Overview,
    sites: list[str],
    wrong: str,
    token: str,
    status: int = 200,
    pairs: Iterable[str] = (),
    checked: bool = False,
    annotations: Sequence[Annotation] = (),
    goals: Sequence[Goal] = (),
    hints: Hints | None = None,
    form: NoteForm | None = None,
) -> Answer:
    """Return the page with everything; `token` is "" where there is no sign-out.

    `checked` says whether the weights of the variants are known. `annotations` are those of all
    times.
    """
    limit = next((goal.limit for goal in goals if goal.measure == "blocked"), None)
    buckets = picture.points(found)
    first, end = found.choice.noted
    shown = [one for one in annotations if first <= one.at < end]
    return _page(
        "dashboard.html",
        status,
        found=found,
        choice=found.choice,
        total=found.total,
        conclusion=_conclusion(found),
        tables=found.tables,
        pictures=picture.pictures(found, buckets, shown, limit) if buckets else {},
        partial=any(bucket.partial for bucket in buckets),
        compared=picture.compared_with(found),
        comparisons={name: _(text) for name, text in compared.COMPARISONS.items()},
        ranges={name: _(text) for name, text in RANGES.items()},
        sites=sites,
        splits=choices(pairs),
        wrong=wrong,
        token=token,
        checked=checked,
        annotations=shown,
        other_annotations=[one for one in annotations if one not in shown],
        goals={goal.measure: _goal(goal, found.total) for goal in goals},
        limit=limit,
        rows=_ROWS,
        hints=hints,
        form=form,
    )


def _conclusion(found: Overview) -> str:
    only = found.choice.only
    if only is not None and only.dimension == "variant":
        return _("One variant alone has nothing to be compared with: remove the filter to compare.")
    return conclusion(found.comparison)


def _goal(goal: Goal, total: Figures) -> str:
    """Return a goal in words, with whether it is reached."""
    limit = formats.percent(goal.limit, 0 if round(goal.limit * 1000) % 10 == 0 else 1)
    aim = _("goal: below %(limit)s", limit=limit)
    if not goal.below:
        aim = _("goal: above %(limit)s", limit=limit)
    state = {REACHED: _("reached"), MISSED: _("not reached"), OPEN: _("too few to say")}
    return f"{aim} – {state[goal.state(total)]}"


def sign_in(token: str, wrong: str = "", status: int = 200, lang: str = "") -> Answer:
    """Return the form that asks for the password."""
    return _page("sign-in.html", status, token=token, wrong=wrong, lang=lang)


def message(status: int, text: str) -> Answer:
    """Return a page with one message."""
    return _page("message.html", status, text=text)


def render(name: str, **values: Any) -> str:
    """Return a template as HTML."""
    return _environment().get_template(name).render(values)


def _languages() -> dict[str, str]:
    return {each: formats.language_name(each) for each in texts.LANGUAGES}


def _page(name: str, status: int, **values: Any) -> Answer:
    nonce = secrets.token_urlsafe(16)
    values |= {"nonce": nonce, "style": _style(), "language": texts.current()}
    values |= {"dir": texts.current_direction(), "languages": _languages()}
    return Answer(_environment().get_template(name).render(values), status, nonce=nonce)


@functools.cache
def _style() -> Markup:
    return Markup(resources.files(__package__).joinpath("style.css").read_text("utf-8"))


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("detector.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # Values are escaped in translated texts, too.
    install = made.install_gettext_callables  # type: ignore[attr-defined]
    install(texts.gettext, texts.ngettext, newstyle=True)
    made.filters |= {"percent": percent, "number": number, "cell": cell, "bar": bar, "range": span}
    made.filters |= {"price": formats.price, "plain": formats.plain}
    made.filters |= {"between": between, "change": change, "changes": changes}
    made.filters |= {"filtered": filtering.words}
    made.tests["term"] = lambda value: isinstance(value, Term) and value.value != ""
    made.filters |= {"iso": iso, "minute": minute, "hour": hour, "words": marks.words}
    return made


def percent(share: Share | float | None, digits: int = 1) -> str:
    """Format a share with one decimal, or a dash where there is none."""
    value = share.value if isinstance(share, Share) else share
    return "–" if value is None else formats.percent(value, digits)


def between(share: Share | Bounds) -> str:
    """Format the interval of a share, or a range; nothing where there is none."""
    ends = share[:2] if isinstance(share, Bounds) else share.interval
    if ends is None:
        return ""
    low, high = ends
    return _("%(low)s–%(high)s", low=fixed(low * 100), high=formats.percent(high))


def change(value: float) -> str:
    """Format a difference in points, with its sign."""
    return changes([value])


def changes(values: Sequence[float]) -> str:
    """Format differences in points with a common number of digits, joined by "to"."""
    found = points(*(value / 100 for value in values))
    return _to([_signed(text) for text in found])


def _to(values: Sequence[str]) -> str:
    return (
        values[0] if len(values) == 1 else _("%(low)s to %(high)s", low=values[0], high=values[1])
    )


def _signed(text: str) -> str:
    size = fixed(abs(float(text)), len(text.partition(".")[2]))
    if float(text) == 0:
        return size
    # The mark keeps a sign before its number where text runs from right to left.
    mark = "\u200e" if texts.current_direction() == "rtl" else ""
    return f"{mark}{'−' if text.startswith('-') else '+'}{size}"


def cell(value: Value, column: Column, step: str = "day") -> Markup:
    """Format one cell of a table."""
    if isinstance(value, Share):
        if not value.whole:
            return Markup("–")
        part, whole = number(value.part), number(value.whole)
        of = part if column.form == "part" else _("%(part)s of %(whole)s", part=part, whole=whole)
        few = Markup('<span class="few">{}</span>').format(_(": few")) if value.few else ""
        shown = (percent(value), between(value), of, few)
        return Markup("<b>{}</b> <small>{}<br>{}{}</small>").format(*shown)
    if isinstance(value, datetime):
        words = formats.moment(value, step)
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), words)
    if column.form == "change":
        return Markup("{}").format(change(float(value)))
    if column.form == "points":
        return Markup("{}").format(formats.percent(float(value) / 100))
    return Markup("{}").format(number(value) if isinstance(value, int | float) else value)


def iso(at: int) -> str:
    """Format a time for machines."""
    return datetime.fromtimestamp(at, UTC).isoformat()


def minute(at: int, days: LocalDays) -> str:
    """Format a time to the minute, in the time zone."""
    return _minute(days.local(at))


def hour(at: int, days: LocalDays) -> str:
    """Format the start of an hour, or of an old day, which is one of UTC."""
    return _minute(days.at(at))


def _minute(at: datetime) -> str:
    return f"{formats.moment(at, 'day')}, {formats.clock(at)}"


def bar(value: Value) -> Markup:
    """Draw a share as a bar, for tables: the number is beside it."""
    if not isinstance(value, Share) or value.value is None:
        return Markup("")
    wide = min(100.0, value.value * 100)
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rail" width="100" height="8"/><rect width="{}" height="8"/></svg>'
    ).format(f"{wide:.1f}")


def span(row: tuple[Value, ...], table: Table) -> Markup:
    """Draw a variant's rate with its interval, on a scale common to all variants of the table."""
    most = max((float(r[4]) for r in table.rows if isinstance(r[4], int | float)), default=0) or 1
    scale = 96 / most
    rate, low, high = row[2], row[3], row[4]
    if not isinstance(rate, Share) or not isinstance(low, int | float):
        return Markup("")
    assert isinstance(high, int | float)
    return Markup(
        '<svg class="range" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rail" y="5" width="100" height="2"/>'
        '<rect class="between" x="{}" y="2" width="{}" height="8"/>'
        '<rect x="{}" width="1.2" height="12"/></svg>'
    ).format(
        f"{2 + low * scale:.1f}",
        f"{max(0.5, (high - low) * scale):.1f}",
        f"{2 + (rate.value or 0) * 100 * scale - 0.6:.1f}",
    )
