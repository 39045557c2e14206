"""What an owner asks to see: a date range, a site, and the price of a thousand views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from urllib.parse import urlencode

from detector.analytics.filtered import Filter, checked
from detector.analytics.local_days import UTC_DAYS, LocalDays
from detector.analytics.price import Price
from detector.core.counting.store import borders
from detector.dashboard import filtering
from detector.dashboard.funnel import choices
from detector.dashboard.texts import N_, _, supported

RANGES = {
    "24h": N_("24 hours"),
    "7d": N_("7 days"),
    "30d": N_("30 days"),
    "90d": N_("90 days"),
    "12m": N_("12 months"),
    "25m": N_("25 months"),
}
USUAL = "30d"
_DAYS = {"7d": 7, "30d": 30, "90d": 90, "12m": 365, "25m": 761}
_DAY = 24 * 3600
_FIELDS = ("site", "range", "from", "to", "price", "by", "compare", "lang", "key")


class BadChoice(ValueError):
    """A choice that cannot be shown; the message says what would be valid."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A checked choice; times are Unix seconds."""

    since: int
    until: int
    span: str
    """One of `RANGES`, or "" for dates chosen by hand."""
    site: str | None
    price: Price | None
    """What a thousand views with ads bring."""
    by: str
    """What the funnel is split by: a dimension, a pair, or "" for nothing."""
    now: int
    """When it was asked for."""
    language: str = ""
    """The language that the address asks for, or ""."""
    only: Filter | None = None
    """The value that all figures are limited to."""
    days: LocalDays = UTC_DAYS
    """The days of the owner's time zone."""
    compare: str = ""
    """What the chart compares with: before, year, or "" for nothing."""

    @property
    def step(self) -> str:
        """The bucket size of the chart, such that it has some dozens of buckets.

        Old counts are kept by the day: by the hour they would all stand at midnight.
        """
        days = (self.last - self.first).days + 1
        hourly = self.since >= borders(self.now // 3600)[0] * 3600
        if days <= 100:
            return "hour" if days <= 3 and hourly else "day"
        return "week" if days <= 400 else "month"

    @property
    def first(self) -> date:
        """The first day."""
        return self.days.day(self.since)

    @property
    def last(self) -> date:
        """The last day."""
        return self.days.day(self.until - 1)

    @property
    def noted(self) -> tuple[int, int]:
        """The times whose annotations are shown: days of the time zone, however old."""
        if self.span == "24h":
            return self.since, self.until
        days = self.days
        return days.midnight(self.first), days.midnight(self.last + timedelta(days=1))

    def is_complete(self, start: int) -> bool:
        """Whether the bucket that begins then is over, whole, and within the range."""
        end = self.days.following(start, self.step)
        if self.step == "day" and self.days.is_mixed(start):
            return False
        return self.since <= start and end <= min(self.until, self.now)

    @property
    def before(self) -> tuple[int, int]:
        """The range of the same length that ends where this one begins."""
        if self.span == "24h":
            return self.since - _DAY, self.since
        length = self.last - self.first + timedelta(days=1)
        return self.days.start(self.first - length), self.since

    def query(self, **changed: str) -> str:
        """Return the choice as the query of a URL, with the fields in `changed` replaced."""
        found = {"site": self.site or "", "by": self.by}
        if self.price is not None:
            found["price"] = str(self.price)
        if self.span:
            found["range"] = self.span
        else:
            found |= {"from": str(self.first), "to": str(self.last)}
        if self.language:
            found["lang"] = self.language
        if self.only is not None:
            found[self.only.dimension] = self.only.value
        if self.compare:
            found["compare"] = self.compare
        found |= changed
        return urlencode({name: value for name, value in found.items() if value})

    def filtered(self, dimension: str = "", value: str = "") -> str:
        """Return the same with the figures limited to this value, in place of any other."""
        changed = {self.only.dimension: ""} if self.only is not None else {}
        return self.query(**(changed | ({dimension: value} if dimension else {})))


def read(
    asked: Mapping[str, str],
    sites: list[str],
    now: float,
    usual: Price | None = None,
    pairs: Iterable[str] = (),
    days: LocalDays = UTC_DAYS,
) -> Choice:
    """Parse a choice from the fields of a query; BadChoice says what is wrong with it.

    `usual` is the price where the query has none.
    """
    if wrong := filtering.wrong(asked, _FIELDS):
        raise BadChoice(wrong)
    site = asked.get("site", "")
    if site and site not in sites:
        raise BadChoice(_no_site(site, sites))
    price = _price(asked["price"]) if asked.get("price", "").strip() else usual
    by = asked.get("by", "")
    if by not in (known := choices(pairs)):
        names = ", ".join(list(known.values())[1:])
        raise BadChoice(_("The notice can be split by: %(names)s.", names=names))
    compare = asked.get("compare", "")
    if compare not in ("", "before", "year"):
        raise BadChoice(_("The chart compares with the time before (before) or a year (year)."))
    language = supported(asked.get("lang", ""))
    more = (site or None, price, by, int(now), language, checked(asked), days, compare)
    if asked.get("from") or asked.get("to"):
        since, until = _days(asked, now, days)
        return Choice(since, until, "", *more)
    span = asked.get("range", "") or USUAL
    if span not in RANGES:
        names = ", ".join(map(_, RANGES.values()))
        raise BadChoice(_("There is no such range: choose one of %(names)s.", names=names))
    end = int(now // 3600 + 1) * 3600
    if span == "24h":
        return Choice(end - _DAY, end, span, *more)
    tomorrow = days.day(int(now)) + timedelta(days=1)
    since = days.start(tomorrow - timedelta(days=_DAYS[span]))
    return Choice(since, days.start(tomorrow), span, *more)


def _no_site(asked: str, sites: list[str]) -> str:
    """Return what is wrong with the name of a site, with the nearest names of the store."""
    if not sites:
        return _("There is no site “%(site)s”: no site has written to this store.", site=asked[:64])
    near = get_close_matches(asked, sites, n=3, cutoff=0.4) or sites[:10]
    return _(
        "There is no site “%(site)s” in this store: choose one from the list, such as %(names)s.",
        site=asked[:64],
        names=", ".join(near),
    )


def _price(text: str) -> Price:
    try:
        return Price.read(text)
    except ValueError:
        message = _("The price of a thousand views is a number such as 4.50, or 4.50 EUR.")
        raise BadChoice(message) from None


def _days(asked: Mapping[str, str], now: float, days: LocalDays) -> tuple[int, int]:
    today = days.day(int(now))
    try:
        last = date.fromisoformat(asked.get("to") or str(today))
        first = date.fromisoformat(asked.get("from") or str(last - timedelta(days=29)))
    except (ValueError, OverflowError):
        raise BadChoice(_("A day is written like 2026-01-31.")) from None
    if first > last:
        raise BadChoice(_("The first day is after the last one: change one of them."))
    if first.year < 2000 or last.year > 2200 or (last - first).days > 800:
        raise BadChoice(_("Choose days that are no more than 25 months apart."))
    return days.start(first), days.start(last + timedelta(days=1))
