"""What others require of such a notice, in our own words, with where and when it was read.

Policies change; before relying on one, read it at its address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Guidance:
    """One organisation's guidance: what it requires, its address, and when it was last read.

    `primary` is False if a report by others was read instead of its own page.
    """

    name: str
    asks: str
    url: str
    read_on: date
    primary: bool = True

    def __str__(self) -> str:
        how = "read" if self.primary else "read second-hand"
        return f"{self.name}, {how} {self.read_on}: {self.url}"


ADGUARD: Final = Guidance(
    "AdGuard's filter policy",
    "A message is left alone that lets people use the site and covers no large part of it, or "
    "offers another way than switching the blocker off, or lets people go on. Walls that insist, "
    "mislead or harm privacy are blocked.",
    "https://adguard.com/kb/general/ad-filtering/filter-policy/",
    date(2026, 8, 1),
)
GOOGLE: Final = Guidance(
    "Google's guidance on intrusive interstitials",
    "What covers the page or a part of it keeps people and search engines from the content, and "
    "may cost a page its rank; a banner that takes a small part of the window is advised in its "
    "place, and what the law requires is shown over the content, not instead of it.",
    "https://developers.google.com/search/docs/appearance/avoid-intrusive-interstitials",
    date(2026, 11, 23),
)
WCAG: Final = Guidance(
    "WCAG 2.2, 1.4.3 and 1.4.11",
    "Text has a contrast of 4.5 to 1 with what is behind it; edges of controls and the mark of "
    "focus have 3 to 1.",
    "https://www.w3.org/TR/WCAG22/#contrast-minimum",
    date(2026, 11, 23),
    primary=False,
)
