"""Stores of an earlier release, which know no present hour, and writers with wrong clocks."""

from __future__ import annotations

from detector.analytics.query import summary
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store
from tests.support.writers import NOW, YEARS, Writer, kept, view


def forget_present(url: str) -> None:
    """Change a store to look as if an earlier release had written it."""
    store = open_store(url)
    if url.startswith("redis"):
        with store._using() as client:  # type: ignore[attr-defined]
            assert client.delete("detector:{site}:present") == 1
    else:
        gone = "DELETE FROM {} WHERE name LIKE 'present-%%'"
        table = "marks" if url.startswith("sqlite") else "detector_marks"
        with store._using() as connection:  # type: ignore[attr-defined]
            assert connection.execute(gone.format(table).replace("%%", "%")).rowcount
            connection.commit()
    store.close()


def test_rows_of_the_future_that_are_there(url: str, store: Store, two: Writer) -> None:
    """In a store of an earlier release future rows do not make the others old."""
    two.write(NOW)
    two.write(NOW - 700 * 24, 1000)
    store.add({view(NOW + YEARS): 1})
    forget_present(url)
    two.write(NOW + 1)
    assert kept(store, NOW + YEARS) == 1003


def test_rows_of_an_earlier_release(url: str, store: Store, one: Writer, two: Writer) -> None:
    """In a store of an earlier release the newest row is known, whichever process writes first."""
    two.write(NOW)
    two.write(NOW - 700 * 24, 1000)
    forget_present(url)
    assert kept(store, NOW + YEARS) == 1001
    one.write(NOW + YEARS)
    assert kept(store, NOW + YEARS) == 1002
    assert summary(store).errors == 1
