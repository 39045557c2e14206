"""The demo newspaper's articles, its archive and its tide table; independent of frameworks."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

PAPER = "The Wrenmouth Courier"
EDITION = date(2026, 6, 6)
ARCHIVE_NOTES = 336


@dataclass(frozen=True)
class Section:
    """One part of the newspaper."""

    slug: str
    name: str
    about: str


@dataclass(frozen=True)
class Comment:
    """What a reader wrote, under an article or as a letter."""

    name: str
    text: str


@dataclass(frozen=True)
class Article:
    """One story; its illustration is `static/<slug>.svg`."""

    slug: str
    section: Section
    headline: str
    standfirst: str
    author: str
    published: date
    alt: str
    caption: str
    quote: str
    quote_by: str
    paragraphs: tuple[str, ...]
    comments: tuple[Comment, ...]

    @property
    def minutes(self) -> int:
        """Reading time at 220 words a minute, never less than one."""
        return max(1, round(sum(len(text.split()) for text in self.paragraphs) / 220))


@dataclass(frozen=True)
class Edition:
    """Everything in today's newspaper; the first article leads."""

    sections: tuple[Section, ...]
    articles: tuple[Article, ...]
    letters: tuple[Comment, ...]

    def section(self, slug: str) -> Section | None:
        """Return the section with this slug, if there is one."""
        return next((section for section in self.sections if section.slug == slug), None)

    def article(self, section: str, slug: str) -> Article | None:
        """Return the article with this slug, if it is in this section."""
        found = (a for a in self.articles if a.slug == slug and a.section.slug == section)
        return next(found, None)

    def within(self, section: Section) -> tuple[Article, ...]:
        """Return the articles of one section, newest first."""
        mine = [article for article in self.articles if article.section == section]
        return tuple(sorted(mine, key=lambda article: article.published, reverse=True))

    def related(self, article: Article, count: int = 3) -> tuple[Article, ...]:
        """Return other articles, those of the same section first."""
        others = [other for other in self.articles if other != article]
        others.sort(key=lambda other: other.section != article.section)
        return tuple(others[:count])


def _article(raw: dict[str, Any], sections: dict[str, Section]) -> Article:
    paragraphs = tuple(" ".join(part.split()) for part in raw.pop("text").split("\n\n"))
    comments = tuple(Comment(**comment) for comment in raw.pop("comments"))
    section = sections[raw.pop("section")]
    return Article(section=section, paragraphs=paragraphs, comments=comments, **raw)


@cache
def edition() -> Edition:
    """Load today's newspaper, once, from `articles.toml`."""
    raw = tomllib.loads(files(__package__).joinpath("articles.toml").read_text("utf-8"))
    sections = {item["slug"]: Section(**item) for item in raw["sections"]}
    articles = tuple(_article(item, sections) for item in raw["articles"])
    letters = tuple(Comment(**item) for item in raw["letters"])
    return Edition(tuple(sections.values()), articles, letters)


@dataclass(frozen=True)
class Note:
    """A line of the archive."""

    published: date
    headline: str
    text: str


_WHO = (
    "The harbour board",
    "A reader on Mill Street",
    "The parish",
    "The night baker",
    "Class four",
    "The brass band",
    "The island trust",
    "A retired pilot",
    "The ice house",
    "The tide clerk",
)
_DID = ("mends", "opens", "paints", "counts", "borrows", "argues about", "measures", "welcomes")
_WHAT = (
    "the old slip",
    "nine lanterns",
    "a borrowed barge",
    "the long bench",
    "the spring tide",
    "a lost weathercock",
    "the rope works",
)
_THEN = (
    "It took an afternoon and most of the biscuits, and those who were there would do it again.",
    "A short account was read aloud at the quay, and then, because of the wind, read again.",
    "The council has noted the matter, thanked everybody by name, and asked for the key back.",
)


def archive(count: int = ARCHIVE_NOTES) -> Iterator[Note]:
    """Yield invented old news, newest first and always the same, for a page of about 100 KB."""
    for i in range(count):
        # The steps share no factor with the lengths, so a headline returns only after 280 notes.
        headline = f"{_WHO[i % 10]} {_DID[i * 3 % 8]} {_WHAT[i * 5 % 7]}"
        yield Note(EDITION - timedelta(days=7 + 5 * i), headline, _THEN[i % 3])


@dataclass(frozen=True)
class Tide:
    """One high or low water at the quay; `height` is in metres."""

    at: datetime
    kind: str
    height: float


def tides(days: int = 28) -> Iterator[Tide]:
    """Yield plausible tides of an invented harbour, one at a time, for a page that streams."""
    start = datetime(EDITION.year, EDITION.month, EDITION.day, 4, 12)
    for i in range(round(days * 24 / 6.21)):
        # Springs and neaps: the range swells and shrinks over 14.77 days.
        swell = 0.7 * math.cos(2 * math.pi * i * 6.21 / 24 / 14.77)
        high = i % 2 == 0
        height = 4.1 + swell if high else 1.3 - swell
        yield Tide(start + timedelta(hours=6.21 * i), "High" if high else "Low", round(height, 1))
