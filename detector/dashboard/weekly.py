"""What the weekly mail says: the figures of the last whole week, as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from detector.analytics.figures import Figures, Share
from detector.analytics.local_days import UTC_DAYS, LocalDays
from detector.analytics.price import Price
from detector.analytics.variants import Design
from detector.core.counting.annotations import Annotation, within
from detector.core.counting.store import Store
from detector.core.printable import printable
from detector.dashboard import charts, formats, marks, pages, picture
from detector.dashboard.choice import Choice
from detector.dashboard.conclusion import conclusion
from detector.dashboard.overview import Overview, overview
from detector.dashboard.texts import _, current, current_direction, plural

_SIZE = (640, 280)
_WEEKS = 4
"""How many weeks the chart has."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure: what it is of, its value, and what has to be known of it."""

    name: str
    value: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """A week in words."""

    title: str
    subject: str
    period: str
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    days: tuple[tuple[str, str, str], ...]
    """Of each day its name, its blocked share and what that is of."""
    chart: str
    """An SVG of the last weeks."""
    size: tuple[int, int]
    alternative: str
    """What the chart shows, for those who do not see it."""
    footer: str


def week_before(now: float, days: LocalDays) -> date:
    """Return the Monday of the last week that is over."""
    today = days.day(int(now))
    return today - timedelta(days=today.weekday() + 7)


def week_name(monday: date) -> str:
    """Return the name of a week by ISO 8601, such as 2026-W48."""
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"


def digest(
    store: Store,
    monday: date,
    *,
    now: float,
    site: str | None = None,
    price: Price | None = None,
    design: Design | None = None,
    days: LocalDays = UTC_DAYS,
) -> Digest:
    """Return the week that begins on a day, in the current language; StoreError like the store."""
    end = days.start(monday + timedelta(days=7))

    def choice(since: date) -> Choice:
        return Choice(days.start(since), end, "", site, price, "", int(now), days=days)

    week = overview(store, choice(monday), design)
    weeks = overview(store, choice(monday - timedelta(days=7 * (_WEEKS - 1))), design)
    notes = within(store, site, *weeks.choice.noted)
    blocked = week.total.state("blocked")
    first, last = (formats.moment(_noon(day), "day") for day in (monday, week.choice.last))
    title = " · ".join((_("Blocked ads"), *([printable(site)] if site else [])))
    period = f"{first} – {last}"
    nothing = _("Nothing was counted in this time")
    share = pages.percent(blocked) if week.total.measured else nothing
    subject = f"{title}: {share}, {period}"
    alternative = _(
        "Share of blocked views, %(first)s to %(last)s; table below",
        first=weeks.choice.first,
        last=weeks.choice.last,
    )
    privacy = _("Counts only, without addresses and identifiers.")
    points = picture.points(weeks)
    chart = charts.lines(points, "day", *_SIZE, alternative, notes, None, days)
    return Digest(
        title,
        subject,
        period,
        tuple(_facts(week, price)),
        tuple(_notes(week, notes, days)),
        tuple(_days(week)),
        str(chart),
        _SIZE,
        alternative,
        " ".join((privacy, _("Time zone: %(zone)s.", zone=days.name))),
    )


def as_text(found: Digest, link: str = "") -> str:
    """Return the digest as plain text."""
    parts = [f"{found.title}\n{found.period}"]
    parts += ["\n".join((f"{fact.name}: {fact.value}", *fact.lines)) for fact in found.facts]
    parts += found.notes
    parts.append("\n".join(f"{day}: {share} ({of})" for day, share, of in found.days))
    parts += [link, found.footer]
    return "\n\n".join(filter(None, map(_lines, parts))) + "\n"


def as_html(found: Digest, link: str = "", picture: str = "") -> str:
    """Return the digest as HTML; `picture` is the address of the chart, "" for none."""
    return pages.render(
        "weekly.html",
        found=found,
        link=link,
        picture=picture,
        language=current(),
        dir=current_direction(),
        end="left" if current_direction() == "rtl" else "right",
    )


def _facts(week: Overview, price: Price | None) -> Iterable[Fact]:
    total = week.total
    blocked, missing = total.state("blocked"), total.state("unreachable")
    yield Fact(_("Blocked"), pages.percent(blocked), (*_of_views(blocked), *_change(week)))
    yield Fact(_("Ads did not arrive"), pages.percent(missing), _of_views(missing))
    allowed = total.action("allowed").share
    text = plural(
        "%(part)s of %(n)s notice shown",
        "%(part)s of %(n)s notices shown",
        allowed.whole,
        part=formats.number(allowed.part),
        n=formats.number(allowed.whole),
    )
    yield Fact(_("Allowed ads"), pages.percent(allowed), (text, *_certain(allowed)))
    views = _("%(share)s of them measured", share=pages.percent(total.reach))
    yield Fact(_("Page views"), formats.number(total.views), (views,))
    if price is not None:
        yield _income(total, price)


def _income(total: Figures, price: Price) -> Fact:
    income = total.income(price)
    text = plural(
        "%(n)s view whose ads did not arrive, at %(price)s per thousand",
        "%(n)s views whose ads did not arrive, at %(price)s per thousand",
        income.views,
        n=formats.number(income.views),
        price=formats.price(price),
    )
    lost = f"{formats.number(income.lost)} {income.currency}".strip()
    return Fact(_("Lost income"), lost, (text,))


def _of_views(share: Share) -> tuple[str, ...]:
    text = plural(
        "%(part)s of %(n)s measured view",
        "%(part)s of %(n)s measured views",
        share.whole,
        part=formats.number(share.part),
        n=formats.number(share.whole),
    )
    return (text, *_certain(share))


def _certain(share: Share) -> tuple[str, ...]:
    if share.interval is None:
        return ()
    return (_("%(range)s with 95 %% certainty", range=pages.between(share)),)


def _change(week: Overview) -> tuple[str, ...]:
    change = week.change
    if change is None:
        return ()
    values = {
        "size": pages.change(change.value),
        "range": pages.changes([change.low, change.high]),
        "before": pages.percent(week.before.state("blocked")),
        "n": formats.number(week.before.measured),
    }
    if change.is_clear:
        text = "%(size)s points (%(range)s); it was %(before)s of %(n)s in the time before"
    else:
        text = (
            "no clear change: %(size)s points (%(range)s); it was %(before)s of %(n)s in the time "
            "before"
        )
    return (_(text, **values),)


def _notes(week: Overview, notes: Iterable[Annotation], days: LocalDays) -> Iterable[str]:
    if week.comparison.differences:
        yield conclusion(week.comparison)
    if silent := week.baits.silent:
        yield plural(
            "%(n)s of %(all)s request baits is silent",
            "%(n)s of %(all)s request baits are silent",
            len(silent),
            n=formats.number(len(silent)),
            all=formats.number(len(week.baits.baits)),
        )
    for number, one in enumerate(notes, 1):
        site = f" ({one.site})" if one.site and not week.choice.site else ""
        yield f"{number}. {pages.minute(one.at, days)}: {printable(marks.words(one) + site)}"


def _days(week: Overview) -> Iterable[tuple[str, str, str]]:
    for row in week.tables["time"].rows:
        start, blocked = row[0], row[2]
        assert isinstance(start, datetime) and isinstance(blocked, Share)
        part, whole = formats.number(blocked.part), formats.number(blocked.whole)
        of = _("%(part)s of %(whole)s", part=part, whole=whole)
        yield formats.moment(start, "day"), pages.percent(blocked), of


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12)


def _lines(text: str) -> str:
    """Return a text whose lines steer neither a terminal nor a mail program."""
    return printable(text, keep="\n")
