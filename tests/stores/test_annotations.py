"""Annotations: every store keeps them by one set of rules."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import Client

from detector.core.counting.annotations import (
    BAITS,
    MOST,
    VERSION,
    Annotated,
    Annotation,
    add,
    add_own,
    checked,
    within,
)
from detector.core.counting.store import KEPT_DAYS
from detector.core.counting.store_url import open_store
from detector.core.errors import StoreError
from detector.dashboard import app
from tests.dashboard.conftest import quick_hash, sign_in, token_of
from tests.stores.conftest import VIEW

NOW = 1_780_000_000
DAY = 24 * 3600


@pytest.fixture
def notes(url: str) -> Iterator[Annotated]:
    """Yield an empty store."""
    store = open_store(url)
    assert isinstance(store, Annotated)
    yield store
    store.close()


def test_kept_in_order(notes: Annotated) -> None:
    """What is written is read again, the earliest first, with any character that can be shown."""
    assert notes.annotations() == []
    late = checked("Neues Banner – “größer” 🎉 <b>", NOW, "site", NOW)
    early = checked("Price rise", NOW - DAY, "", NOW)
    add(notes, late, NOW)
    add(notes, early, NOW)
    assert notes.annotations() == [early, late]


def test_written_twice(notes: Annotated) -> None:
    """The same text for the same site and time is kept once, and can be removed by its name."""
    one = Annotation(NOW, "Price rise", "site")
    add(notes, one, NOW)
    add(notes, one, NOW)
    add(notes, one._replace(site=""), NOW)
    assert len(notes.annotations()) == 2
    notes.remove_annotations([one.name])
    assert notes.annotations() == [one._replace(site="")]
    notes.remove_annotations([])
    assert len(notes.annotations()) == 1


def test_counts_first(notes: Annotated, url: str) -> None:
    """A store that only has counts has no annotations, and a reader neither creates nor fails."""
    writer = open_store(url)
    writer.add({VIEW: 1})
    writer.close()
    reader = open_store(url, readonly=True)
    assert within(reader, None, 0, 2 * NOW) == []
    with pytest.raises(StoreError):
        assert isinstance(reader, Annotated)
        reader.annotate(Annotation(NOW, "x"))
    reader.close()


def test_within(notes: Annotated) -> None:
    """A site's annotations are its own and those of all sites, from a time up to another."""
    for at, site in ((1, ""), (2, "a"), (3, "b"), (4, "a"), (9, "")):
        notes.annotate(Annotation(at, "x", site))
    assert [one.at for one in within(notes, "a", 1, 9)] == [1, 2, 4]
    assert [one.at for one in within(notes, None, 2, 10)] == [2, 3, 4, 9]


def test_own_changes(notes: Annotated) -> None:
    """A version and a pool are noted at their first hour, once for a store, and each change too."""
    for at, version, pool in (
        (NOW, "1.0", "2026-01-31"),
        (NOW + DAY, "1.0", "2026-01-31"),
        (NOW + 2 * DAY, "1.1", "2026-01-31"),
        (NOW + 3 * DAY, "1.0", "2026-01-31"),
        (NOW + 4 * DAY, "1.1", "2026-03-01"),
    ):
        add_own(notes, version, pool, at)
    assert [(one.at, one.kind, one.text) for one in notes.annotations()] == [
        *sorted(
            ((NOW, VERSION, "1.0"), (NOW, BAITS, "2026-01-31")),
            key=lambda row: Annotation(row[0], row[2], "", row[1]).name,
        ),
        (NOW + 2 * DAY, VERSION, "1.1"),
        (NOW + 4 * DAY, BAITS, "2026-03-01"),
    ]


def test_at_once(url: str) -> None:
    """Many processes that start at once note a version once."""
    stores = [open_store(url) for _ in range(4)]
    for store in stores:
        store.sites()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda store: add_own(store, "1.0", "2026-01-31", NOW), stores))
    assert isinstance(stores[0], Annotated)
    assert len(stores[0].annotations()) == 2
    for store in stores:
        store.close()


def test_expired(notes: Annotated) -> None:
    """What is over 25 months old goes when another is added, except what is still true of us."""
    old = NOW - (KEPT_DAYS + 1) * DAY
    add_own(notes, "0.9", "2024-01-31", old - DAY)
    add_own(notes, "1.0", "2024-01-31", old)
    notes.annotate(Annotation(old, "Old banner"))
    add(notes, Annotation(NOW, "New banner"), NOW)
    texts = {one.text for one in notes.annotations()}
    assert texts == {"1.0", "2024-01-31", "New banner"}


def test_too_many(notes: Annotated) -> None:
    """A store holds a bounded number, and says so; the site's own are left out then, silently."""
    for number in range(MOST):
        notes.annotate(Annotation(NOW, str(number)))
    with pytest.raises(ValueError, match="has 1,000 annotations: remove some first"):
        add(notes, Annotation(NOW, "one more"), NOW)
    add(notes, Annotation(NOW, "7"), NOW)
    add_own(notes, "1.0", "2026-01-31", NOW)
    assert len(notes.annotations()) == MOST


def test_unwritable() -> None:
    """A store that cannot note a version is no error: counting goes on."""

    class Failing:
        def annotations(self) -> list[Annotation]:
            raise StoreError("no rights to create a table")

        def annotate(self, annotation: Annotation) -> None:
            raise AssertionError

        def remove_annotations(self, names: object) -> None:
            raise AssertionError

    add_own(Failing(), "1.0", "2026-01-31", NOW)
    add_own(object(), "1.0", "2026-01-31", NOW)


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        (" \n ", NOW, "is empty"),
        ("x" * 201, NOW, "201 characters"),
        ("a\x1b[2J", NOW, "control characters"),
        ("a\u202eb", NOW, "control characters"),
        ("a\ud800", NOW, "control characters"),
        ("x", NOW - 762 * DAY, "over 25 months ago"),
        ("x", NOW + 400 * DAY, "over a year ahead"),
    ],
)
def test_refused(text: str, at: int, words: str) -> None:
    """A text that cannot be shown, or a time that no chart has, is refused in words."""
    with pytest.raises(ValueError, match=words):
        checked(text, at, "", NOW)


def test_one_line() -> None:
    """Line breaks become spaces."""
    assert checked(" New\r\n banner ", NOW, "", NOW).text == "New banner"


def test_by_the_dashboard(url: str) -> None:
    """A signed-in owner's form writes to every store, which the dashboard reads otherwise."""
    store = open_store(url)
    store.add({(480_000, "news", "all", "", "", "view"): 1})
    made: Any = app(url, password=quick_hash())
    client = Client(made)
    sign_in(client)
    form = {"token": token_of(client.get("/").text), "text": "New banner", "site": "news"}
    assert client.post("/annotate", data=form).status_code == 303
    assert isinstance(store, Annotated)
    found = store.annotations()
    assert [(one.text, one.site) for one in found] == [("New banner", "news")]
    removed = client.post("/annotate", data={"token": form["token"], "remove": found[0].name})
    assert removed.status_code == 303
    assert store.annotations() == []
    made._store.close()
    store.close()
