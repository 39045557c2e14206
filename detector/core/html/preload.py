"""The query of the preload script's URL, which configures preload.js; written and parsed only here.

`FILE.MINUTES.SWITCHES.CONSENT`, the last with its dot only where consent is asked for. The browser
reads it in static/src/preload.js: `src.search.slice(1).split(".")`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from detector.core.served_names import ALPHABET
from detector.core.vocabulary import CONSENTS

_QUERY = re.compile(rf"([{ALPHABET}]{{14}})\.([0-9]{{1,2}})\.([0-3])(?:\.({'|'.join(CONSENTS)}))?")
_SINGLE_PAGE, _SIGNALS = 1, 2


class Preload(NamedTuple):
    """What the preload script does before it loads `detect`, the name of detect.js without `.js`.

    A verdict is reused for `minutes`; with `signals`, GPC and the like forbid keeping anything;
    `consent` is who is asked first.
    """

    detect: str
    minutes: int = 0
    single_page: bool = False
    signals: bool = False
    consent: str = ""

    def __str__(self) -> str:
        """Return the query, without its question mark."""
        switches = _SINGLE_PAGE * self.single_page + _SIGNALS * self.signals
        parts = [
            self.detect,
            str(self.minutes),
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
        switches = int(found[3])
        single_page, signals = bool(switches & _SINGLE_PAGE), bool(switches & _SIGNALS)
        return cls(found[1], int(found[2]), single_page, signals, found[4] or "")
