"""The form by which a signed-in owner notes what happened, and removes what was noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from detector.core.counting.annotations import LONGEST, MOST, Annotated, Annotation, add, checked
from detector.core.counting.store_url import open_store
from detector.dashboard.formats import number
from detector.dashboard.texts import _


@dataclass(frozen=True, slots=True)
class NoteForm:
    """The form as the page shows it: its token, and after an error what was written."""

    token: str
    wrong: str = ""
    text: str = ""
    at: str = ""
    site: str = ""
    status: int = 200
    longest: int = LONGEST


class Annotating:
    """Writes annotations; the dashboard itself keeps its store open for reading only."""

    def __init__(self, store: str, zone: tzinfo = UTC) -> None:
        self._store, self._zone = store, zone

    def apply(self, form: Mapping[str, str], sites: Sequence[str], now: float) -> str:
        """Add or remove one by a form; return what is wrong with it, or "".

        Raises StoreError, for instance where the dashboard may not write to the file.
        """
        if name := form.get("remove", ""):
            with self._open() as store:
                store.remove_annotations([name])
            return ""
        site = form.get("site", "")
        if site and site not in sites:
            return _("There is no such site: choose one from the list.")
        try:
            checked("-", at := self._moment(form.get("at", ""), now), site, now)
        except (ValueError, OverflowError):
            return _("The time must be of the last 25 months, or at most a year ahead.")
        try:
            one = checked(form.get("text", ""), at, site, now)
        except ValueError:
            return _(
                "Write what happened in 1 to %(n)s characters, without control characters.",
                n=LONGEST,
            )
        return self._add(one, now)

    def _add(self, one: Annotation, now: float) -> str:
        with self._open() as store:
            try:
                add(store, one, now)
            except ValueError:
                return _("There are %(n)s annotations: remove some first.", n=number(MOST))
        return ""

    def _moment(self, text: str, now: float) -> int:
        if not text:
            return int(now)
        at = datetime.fromisoformat(text)
        return int((at if at.tzinfo else at.replace(tzinfo=self._zone)).timestamp())

    @contextmanager
    def _open(self) -> Iterator[Annotated]:
        """Yield the store for one write."""
        store = open_store(self._store)
        try:
            assert isinstance(store, Annotated)
            yield store
        finally:
            store.close()
