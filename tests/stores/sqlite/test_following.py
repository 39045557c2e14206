"""How the next dimension of a file is found."""

from __future__ import annotations

from pathlib import Path

from detector.core.counting.dimensions import Key
from detector.stores.sqlite.rollups import following
from detector.stores.sqlite.store import SqliteStore

FIRST = 480_000


def test_next_dimensions(tmp_path: Path) -> None:
    """Each pair of site and dimension follows the one before, from site to site."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    pairs = [("a", "all"), ("a", "group"), ("b", "all"), ("c", "kind")]
    store.add({(FIRST, *pair, "", "", "view"): 1 for pair in pairs})
    with store._using() as connection:
        assert [following(connection, pair) for pair in [("", ""), *pairs]] == [*pairs, None]
    store.close()


def test_no_rows_are_read_for_it(tmp_path: Path) -> None:
    """Finding the next dimension takes as many steps after one row as after thousands."""
    steps = []
    for number in (1, 20_000):
        store = SqliteStore(tmp_path / f"{number}.sqlite")
        rows: dict[Key, int] = {
            (FIRST, "a", "all", str(value), "", "view"): 1 for value in range(number)
        }
        store.add({**rows, (FIRST, "a", "group", "/", "", "view"): 1})
        taken = 0

        def step() -> int:
            nonlocal taken
            taken += 1
            return 0

        with store._using() as connection:
            connection.set_progress_handler(step, 1)
            assert following(connection, ("a", "all")) == ("a", "group")
            connection.set_progress_handler(None, 0)
        steps.append(taken)
        store.close()
    assert 0 < steps[1] <= steps[0] + 5
