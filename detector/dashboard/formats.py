"""Numbers, percentages and dates in the current language, by Babel's CLDR data."""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, format_percent

from detector.analytics.price import Price
from detector.dashboard.texts import _, current

_SHORT = {"day": "MMMd", "week": "MMMd", "month": "yMMM"}


def locale() -> Locale:
    """Return the current language as Babel knows it; English dates begin with the day."""
    return _parsed("en_GB" if current() == "en" else current().replace("-", "_"))


@cache
def _parsed(tag: str) -> Locale:
    return Locale.parse(tag)


def language_name(language: str) -> str:
    """Return the name of a language in itself."""
    return _parsed(language.replace("-", "_")).get_display_name() or language


def number(value: float) -> str:
    """Format a number with its groups of three digits; a float with two decimals."""
    return _decimal(str(value), "#,##0.00" if isinstance(value, float) else "#,##0", locale())


def plain(value: float, pattern: str = "#,##0.###") -> str:
    """Format a number without zeros at its end."""
    return _decimal(str(value), pattern, locale())


def price(value: Price) -> str:
    """Format a price with its currency, as the owner writes it."""
    pattern = "#,##0" if value.amount.is_integer() else "#,##0.00##"
    return f"{plain(value.amount, pattern)} {value.currency}".rstrip()


def fixed(value: float, digits: int = 1) -> str:
    """Format a number with this many decimals."""
    return _decimal(str(value), _pattern(digits), locale())


def percent(value: float, digits: int = 1) -> str:
    """Format a share of 0 to 1 with its percent sign."""
    form = "#,##0 %" if current() == "en" else locale().percent_formats[None].pattern
    return _percent(str(value), form.replace("#,##0", _pattern(digits)), locale())


# A page has hundreds of numbers, many of them again and again. By their texts, since 0 equals -0.0.
@lru_cache(10_000)
def _decimal(value: str, pattern: str, of: Locale) -> str:
    return format_decimal(value, format=pattern, locale=of)


@lru_cache(10_000)
def _percent(value: str, pattern: str, of: Locale) -> str:
    return format_percent(value, format=pattern, locale=of)


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")


def moment(at: datetime, step: str) -> str:
    """Return a bucket's start in words."""
    if step == "hour":
        day = format_skeleton("MMMd", at, locale=locale())
        return f"{day} {clock(at)}"
    if step == "month":
        return format_skeleton("yMMMM", at, locale=locale())
    day = format_date(at, "long", locale=locale())
    return _("week of %(day)s", day=day) if step == "week" else day


def clock(at: datetime) -> str:
    """Return the time of day, with its offset from UTC where the clock shows it twice."""
    twice = at.utcoffset() != at.replace(fold=1 - at.fold).utcoffset()
    return f"{at:%H:%M} (UTC{at.isoformat()[-6:]})" if twice else f"{at:%H:%M}"


def label(at: datetime, step: str) -> str:
    """Return a bucket's start as a short label of an axis."""
    return f"{at:%H:%M}" if step == "hour" else format_skeleton(_SHORT[step], at, locale=locale())
