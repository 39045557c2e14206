"""The rules of annotations, on a store in memory; tests/stores/test_annotations.py has more."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import pytest

from detector.core.counting.annotations import (
    BAITS,
    LONGEST,
    MOST,
    OWNER,
    VERSION,
    Annotation,
    add,
    add_own,
    checked,
    of_site,
    within,
)
from detector.core.counting.store import KEPT_DAYS
from detector.core.errors import StoreError

NOW = 1_780_000_000
DAY = 24 * 3600


class Notes:
    """A store of annotations in memory."""

    def __init__(self, *known: Annotation) -> None:
        self.known = list(known)

    def annotations(self) -> list[Annotation]:
        """Return all, the earliest first."""
        return sorted(self.known)

    def annotate(self, annotation: Annotation) -> None:
        """Keep one."""
        self.known.append(annotation)

    def remove_annotations(self, names: Iterable[str]) -> None:
        """Remove those with these names."""
        gone = set(names)
        assert gone
        self.known = [one for one in self.known if one.name not in gone]


def test_names() -> None:
    """An owner's is one of its time, a change of our own the same at any time; stores keep them."""
    one = Annotation(NOW, "x", "site")
    assert one.name == Annotation(NOW, "x", "site", OWNER).name == "89de3da77b9e"
    others = [one._replace(at=NOW + 1), one._replace(text="y"), one._replace(site="")]
    ours = [Annotation(at, "1.0", "", VERSION) for at in (NOW, NOW + DAY)]
    assert len({each.name for each in (one, *others, *ours)}) == 5
    assert Annotation(NOW, "\ud800").name == Annotation(NOW, "?").name


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (OWNER, "1 {}"),
        (VERSION, "adblock-detector 1 {}"),
        (BAITS, "Pool of baits of 1 {}"),
        ("later", "1 {}"),
    ],
)
def test_words(kind: str, words: str) -> None:
    """The site's own changes are told in words; an owner's are those of the owner."""
    one = Annotation(NOW, "1 {}", "site", kind)
    assert one.words == words
    assert one.as_dict() == {
        **{"name": one.name, "at": NOW, "text": words},
        **{"site": "site", "kind": kind},
    }


OLDEST, LAST = NOW - KEPT_DAYS * DAY, NOW + 366 * DAY


@pytest.mark.parametrize(
    ("text", "at", "wrong"),
    [
        (" ", NOW, "the text is empty: say what happened"),
        (
            "x" * (LONGEST + 1),
            NOW,
            f"the text has {LONGEST + 1} characters: write at most {LONGEST}",
        ),
        ("a\x1bb", NOW, "the text has control characters: write it without them"),
        *(
            ("x", at, "the time is over 25 months ago or over a year ahead: choose another")
            for at in (OLDEST - 1, LAST + 1)
        ),
    ],
)
def test_refused(text: str, at: int, wrong: str) -> None:
    """The error says what is wrong and how to mend it."""
    with pytest.raises(ValueError) as error:
        checked(text, at, "site", NOW)
    assert str(error.value) == wrong


@pytest.mark.parametrize("at", [OLDEST, NOW, LAST])
def test_allowed(at: int) -> None:
    """The longest text at the earliest and the latest time passes, on one line."""
    text = "a\n" + "x" * (LONGEST - 2)
    assert checked(text, at, "site", NOW) == Annotation(at, text.replace("\n", " "), "site")


def test_expired_ones_go_when_another_comes() -> None:
    """The latest of our own stays, since it is still true; at 25 months to the second all stay."""
    old = [Annotation(OLDEST - 1, "banner"), Annotation(OLDEST - 2, "0.9", "", VERSION)]
    true = [Annotation(OLDEST - 1, "1.0", "", VERSION), Annotation(OLDEST - 9, "p", "", BAITS)]
    notes = Notes(*old, *true, Annotation(OLDEST, "as old as allowed"))
    for text in ("new", "newer"):
        add(notes, Annotation(NOW, text), NOW)
    assert [one.text for one in notes.annotations()] == [
        *("p", "1.0", "as old as allowed", "new", "newer"),
    ]


def test_a_full_store() -> None:
    """The last place may be taken, by an owner or by the site itself; a known one needs none."""
    known = [Annotation(NOW, str(number)) for number in range(MOST - 1)]
    notes = Notes(*known, Annotation(OLDEST - 1, "expired"))
    add(notes, Annotation(NOW, "last"), NOW)
    assert len(notes.known) == MOST
    with pytest.raises(ValueError) as error:
        add(notes, Annotation(NOW, "one more"), NOW)
    assert str(error.value) == "the store has 1,000 annotations: remove some first"
    add(notes, Annotation(NOW, "7"), NOW)
    notes = Notes(*known)
    add_own(notes, "1.0", "2026-01-31", NOW + 0.5)
    add_own(notes, "1.0", "2026-01-31", NOW + DAY)
    assert notes.known[MOST - 1 :] == [
        Annotation(NOW, "1.0", "", VERSION),
        Annotation(NOW, "2026-01-31", "", BAITS),
    ]
    notes = Notes(*known, Annotation(NOW, "last"))
    add_own(notes, "1.0", "2026-01-31", NOW)
    assert len(notes.known) == MOST


def test_of_a_site() -> None:
    """A site has its own and those of all sites; a store without annotations has none."""
    known = [Annotation(n, "x", site) for n, site in enumerate(("", "a", "b", "a"))]
    notes = Notes(*known)
    assert [one.at for one in of_site(notes, "a")] == [0, 1, 3]
    assert of_site(notes, None) == known
    assert [one.at for one in within(notes, "a", 1, 3)] == [1]
    assert [one.at for one in within(notes, None, 0, 4)] == [0, 1, 2, 3]
    assert of_site(object(), "a") == of_site(object(), None) == []
    add_own(object(), "1.0", "2026-01-31", NOW)


def test_a_store_that_fails_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """The log says on one line that the version was not noted."""

    class Failing(Notes):
        def annotations(self) -> list[Annotation]:
            raise StoreError("no\nrights")

    with caplog.at_level(logging.INFO, "detector"):
        add_own(Failing(), "1.0", "2026-01-31", NOW)
    assert caplog.messages == [r"detector: no annotation of this version: no\nrights"]
