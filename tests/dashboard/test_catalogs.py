"""The dashboard's catalogs: complete, with equal placeholders, and negotiated like the notice's."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from werkzeug.test import Client

from detector.analytics.variants import Arm, Design, compare
from detector.core.texts.negotiation import direction
from detector.dashboard import app, texts
from detector.dashboard.conclusion import WARNINGS
from detector.demo.traffic import fill
from detector.stores.sqlite.store import SqliteStore
from scripts import dashboard_texts

TRANSLATED = texts.LANGUAGES[1:]
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def placeholders(text: str) -> set[str]:
    """Return the names in a text; anything else after a percent sign would fail when shown."""
    assert "%" not in _PLACEHOLDER.sub("", text).replace("%%", ""), text
    return set(_PLACEHOLDER.findall(text))


@pytest.fixture(scope="module")
def english() -> list[dashboard_texts.Text]:
    """Return every text of the dashboard, as its code and its templates have it."""
    return dashboard_texts.sources()


@pytest.mark.parametrize("language", TRANSLATED)
def test_complete(english: list[dashboard_texts.Text], language: str) -> None:
    """Each text is translated, in every plural form, with the placeholders of the English one."""
    with (texts.FOLDER / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language.replace("-", "_"), abort_invalid=True)
    assert not any(each.fuzzy for each in catalog if each.id)
    for text in english:
        key, last = (text, text) if isinstance(text, str) else (text[0], text[-1])
        entry = catalog.get(key)
        assert entry is not None and entry.string is not None, text
        forms = [entry.string] if isinstance(entry.string, str) else list(entry.string)
        assert len(forms) == (1 if isinstance(text, str) else catalog.num_plurals), text
        for form in forms:
            assert form.strip(), text
            assert placeholders(form) == placeholders(last), text


def test_compiled() -> None:
    """The compiled catalogs are those of the `.po` files, which follow the marked texts."""
    assert [path.name for path, body in dashboard_texts.files() if path.read_bytes() != body] == []
    assert {file.stem for file in texts.FOLDER.glob("*.po")} == set(TRANSLATED)


def test_warnings_are_marked(english: list[dashboard_texts.Text]) -> None:
    """What a comparison warns of is in the catalogs, word by word."""
    design = Design({"a": 1, "b": 1}, once_a_session=False, equally_often=False)
    found = compare([Arm("a", 20, 900), Arm("b", 20, 100)], design=design)
    assert set(found.warnings) == set(WARNINGS)
    assert set(WARNINGS) <= set(english)


@pytest.mark.parametrize(
    ("asked", "option", "accepted", "language"),
    [
        ("", "", "", "en"),
        ("", "", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("", "", "hr,fr;q=0.3", "fr"),
        ("", "es", "de", "es"),
        ("ar", "es", "de", "ar"),
        ("xx", "", "de", "de"),
        ("en", "de", "de", "en"),
        ("", "", "*;q=;;,,", "en"),
    ],
)
def test_choice(asked: str, option: str, accepted: str, language: str) -> None:
    """The address decides, then the option, then the browser's first language that there is."""
    assert texts.choose(asked, option, accepted) == language


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of an invented month."""
    store = SqliteStore(tmp_path_factory.mktemp("month") / "counts.sqlite")
    fill(store, time.time(), days=30, views=12.0)
    store.close()
    return Path(store.path)


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("query", ["by=kind&price=4.5+EUR", "range=24h", "range=12m", "from=x"])
def test_pages(month: Path, language: str, query: str) -> None:
    """Each page is shown in each language, its links keep it, and no placeholder is left."""
    client = Client(app(str(month), allowed=lambda _: True))
    answer = client.get(f"/?{query}&lang={language}")
    assert answer.status_code == (400 if query == "from=x" else 200)
    assert f'<html lang="{language}" dir="{direction(language)}">' in answer.text
    assert answer.text.count(f"&amp;lang={language}") > 6
    assert not _PLACEHOLDER.search(answer.text)
    assert "%%" not in answer.text


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_signing_in(month: Path, quick: str, language: str) -> None:
    """The page to sign in keeps the language that its address asks for."""
    client = Client(app(str(month), password=quick))
    assert client.get(f"/?lang={language}").headers["Location"] == f"./sign-in?lang={language}"
    page = client.get(f"/sign-in?lang={language}").text
    assert f'<html lang="{language}"' in page
    assert f'action="./sign-in?lang={language}"' in page


def test_numbers(month: Path) -> None:
    """Numbers are written as the language writes them."""
    client = Client(app(str(month), language="de", allowed=lambda _: True))
    page = client.get("/").text
    assert re.search(r"\d,\d\xa0%", page)
    assert re.search(r"\d\.\d{3} von \d\.\d{3} gemessenen Aufrufen", page)
