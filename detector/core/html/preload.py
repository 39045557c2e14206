"""The query of the preload script's URL, which configures preload.js; written and parsed only here.

`FILE.MINUTES-ENTRY.SWITCHES.CONSENT`: the entry with its hyphen only where verdicts are reused, the
last with its dot only where consent is asked for. static/src/preload.js reads it in the browser.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from detector.core.served_names import ALPHABET
from detector.core.vocabulary import CONSENTS

_QUERY = re.compile(
    rf"([{ALPHABET}]{{14}})\.([0-9]{{1,2}})(?:-([{ALPHABET}]{{8}}))?\.([0-3])"
    rf"(?:\.({'|'.join(CONSENTS)}))?"
)
_SINGLE_PAGE, _SIGNALS = 1, 2


class Preload(NamedTuple):
    """What the preload script does before it loads `detect`, the name of detect.js without `.js`.

    A verdict is reused for `minutes`, and `entry` is where the browser keeps the mark of views won
    back; with `signals`, GPC and the like forbid keeping anything; `consent` is who is asked first.
    """

    detect: str
    minutes: int = 0
    single_page: bool = False
    signals: bool = False
    consent: str = ""
    entry: str = ""

    def __str__(self) -> str:
        """Return the query, without its question mark."""
        switches = _SINGLE_PAGE * self.single_page + _SIGNALS * self.signals
        parts = [
            self.detect,
            f"{self.minutes}-{self.entry}" if self.entry else str(self.minutes),
            str(switches),
            *([self.consent] * bool(self.consent)),
        ]
        return ".".join(parts)

    @classmethod
    def read(cls, query: str) -> Preload | None:
        """Parse a query; None if it is not ours."""
        found = _QUERY.fullmatch(query)
        if not found:
            return None
        detect, minutes, entry, bits, consent = found.groups(default="")
        switches = int(bits)
        single_page, signals = bool(switches & _SINGLE_PAGE), bool(switches & _SIGNALS)
        return cls(detect, int(minutes), single_page, signals, consent, entry)
