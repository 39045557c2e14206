"""The dashboard in several languages: which one, that no text is left in English, and escaping."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from gettext import NullTranslations
from html.parser import HTMLParser

import pytest
from werkzeug.test import Client

from detector.analytics.variants import Arm, Design, compare
from detector.core.counting.annotations import BAITS, Annotation
from detector.core.counting.counters import Counters
from detector.core.vocabulary import MODES, REASONS
from detector.dashboard import app, texts
from detector.dashboard.conclusion import conclusion
from detector.demo.traffic import fill
from detector.stores.sqlite.store import SqliteStore

_OURS = re.compile(r"⟦[^⟦⟧]*⟧")
# Names, dates, and what a site chose itself.
_NAMES = re.compile(
    r"CSV|JSON|English|UTC|[\w./{}-]*\.(?:js|png|gif)|<section>|<slug>|/[\w/-]*|"
    r"\d (?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)|^(?:January|February|March|April|May|June|"
    r"July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|"
    r"Nov|Dec)(?= 2\d)"
)
_DATA = {
    *("chrome", "firefox", "safari", "edge", "opera", "brave", "samsung", "none"),
    *(*MODES, *REASONS, "site", "newspaper", "warm", "holdout"),
}


GOALS = ["blocked<20", "allowed>5"]


class Bracketed(NullTranslations):
    """A language in which each text stands in brackets."""

    def gettext(self, message: str) -> str:
        """Return the text in brackets."""
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form in brackets."""
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


class _Texts(HTMLParser):
    """Collects what a reader or a screen reader is told."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._skip = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skip = tag == "style" or ("lang" in dict(attrs) and tag == "a")
        self.found += [value for name, value in attrs if name in ("aria-label", "title") and value]

    def handle_endtag(self, tag: str) -> None:
        self._skip = False

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.found.append(data)


def _outside(text: str) -> str:
    while "⟦" in text:
        text = _OURS.sub("", text)
    return text


def unmarked(page: str) -> list[str]:
    """Return the texts of a page outside of all brackets that have a word."""
    parser = _Texts()
    parser.feed(re.sub(r"</?(?:b|bdi|small|br)>", "", page))
    rest = (_NAMES.sub("", _outside(text)).strip() for text in parser.found)
    return [text for text in rest if re.search(r"[A-Za-z]{3}", text) and text not in _DATA]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """Yield a store of an invented month, of a site named like markup; it is only read."""
    made = SqliteStore(tmp_path_factory.mktemp("languages") / "counts.sqlite")
    fill(made, time.time(), days=10, views=12.0, pairs=[("browser", "device")])
    counters = Counters("<b>")
    counters.count("view", group="/x")
    made.add(counters.drain())
    made.annotate(Annotation(int(time.time()) - 3600, "2026-01-31", "", BAITS))
    yield made
    made.close()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "by=kind",
        "by=device",
        "by=browser%2Bdevice",
        "price=4",
        "range=24h",
        "range=12m",
        "by=mode",
    ],
)
def test_no_text_is_left_in_english(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """Every text of a page is marked for translation: brackets enclose all that is not data."""
    monkeypatch.setattr(texts, "read", lambda _: Bracketed())
    client = Client(app(store, allowed=lambda _: True, pairs=[("browser", "device")], goals=GOALS))
    assert unmarked(client.get(f"/?{query}").text) == []


@pytest.mark.parametrize("path", ["/sign-in", "/export/x.csv", "/sign-out"])
def test_no_text_of_other_pages_is_left_in_english(
    store: SqliteStore, quick: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """So it is on the page to sign in and on those with a message."""
    monkeypatch.setattr(texts, "read", lambda _: Bracketed())
    page = Client(app(store, password=quick)).get(path).text
    assert "⟦" in page
    assert unmarked(page) == []


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_stored_text_stays_text(store: SqliteStore, language: str) -> None:
    """A site named like markup is shown as text in each language."""
    page = Client(app(store, allowed=lambda _: True)).get(f"/?lang={language}&site=%3Cb%3E").text
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    assert "&lt;b&gt;</option>" in page
    assert "<b></" not in page


@pytest.mark.parametrize("asked", ["xx", "<b>", "de" * 40, "../../etc", "%00", ""])
def test_unknown_language(store: SqliteStore, asked: str) -> None:
    """A language that there is not falls back to English without an error."""
    answer = Client(app(store, allowed=lambda _: True)).get(f"/?lang={asked}")
    assert answer.status_code == 200
    assert '<html lang="en" dir="ltr">' in answer.text


def test_unknown_option(store: SqliteStore) -> None:
    """An unknown language of the option is refused, with the names that there are."""
    with pytest.raises(ValueError, match=r"option language: .*en"):
        app(store, open=True, language="xx")


def test_exports_are_in_english(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export is the same in every language."""
    client = Client(app(store, allowed=lambda _: True))
    found = [
        client.get("/export/kind.json", headers={"Accept-Language": language}).text
        for language in ("en", "de", "ar")
    ]
    assert len(set(found)) == 1
    assert json.loads(found[0])["title"] == "By kind"


@pytest.mark.parametrize(
    "arms",
    [
        [],
        [("a", 10, 100), ("b", 12, 100)],
        [("a", 10, 1000), ("b", 200, 1000)],
        [("a", 100, 1000), ("b", 130, 1000)],
        [("a", 10, 100), ("b", 12, 100), ("c", 13, 100)],
        [("a", 10, 1000), ("b", 200, 1000), ("c", 13, 1000), ("d", 1, 2), ("e", 1, 3)],
    ],
)
@pytest.mark.parametrize("design", [Design(), Design({"a": 1, "b": 9}), Design({}, False)])
def test_conclusion(arms: list[tuple[str, int, int]], design: Design) -> None:
    """In English the page says what the terminal says of a comparison."""
    found = compare([Arm(*each) for each in arms], design=design)
    assert conclusion(found) == found.sentence
