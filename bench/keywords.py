"""An emulation, not a timing: devices on the way that answer for each URL with some keyword.

Every view of a simulated site and day meets every device: a keyword, one of five answers, and an
engine. Two missing baits would accuse a visitor who blocks nothing, so no keyword may take two.
"""

from __future__ import annotations

from bench.table import Row
from detector.core.baits import pool
from detector.core.baits.pool import Pool, Type
from detector.core.baits.site_baits import Baits
from detector.core.served_names import ServedNames

DAYS = 3000
QUICK = 300
_DAYS_A_SITE = 30
KEYWORDS = (
    *("/ads/", "/ad/", "ads", "ad", "/banner/", "banner", "sponsor", "promo", "pop", "track"),
    *("728x90", "468x60", "300x250", "160x", "x600", "x90", "delivery", "taboola", "adserver"),
)
# What a device sends in our place, and the baits that are then without their proof in Chromium and
# in Firefox: a script that sets nothing, an image of another width, another text.
_ALL: tuple[Type, ...] = ("script", "image", "fetch")
ANSWERS: dict[str, tuple[tuple[Type, ...], tuple[Type, ...]]] = {
    "200 and a page": (_ALL, _ALL),
    "204": (_ALL, _ALL),
    "302 to a page": (_ALL, _ALL),
    "reset": (_ALL, _ALL),
    "403": ((), ()),  # refused: no sign of a blocker
}


def run(quick: bool = False) -> list[Row]:
    """Return, for each answer, the views of all devices in which a keyword takes two baits."""
    days = QUICK if quick else DAYS
    found = accused(pool.load(), days)
    note = f"{days:,} site-days, {len(KEYWORDS)} keywords, 2 engines"
    return [
        Row(f"accused where the device answers {answer}", count, "views", at_most=0, note=note)
        for answer, count in found.items()
    ]


def accused(baits: Pool, days: int) -> dict[str, int]:
    """Return how many views miss two baits, by what the device answers."""
    found = dict.fromkeys(ANSWERS, 0)
    for number in range(days):
        site, day = divmod(number, _DAYS_A_SITE)
        names = ServedNames(f"a secret of a sample site {site}")
        choice = Baits(names, baits).choose(day, again=number % 2 == 1)
        urls = [(f"/{names.prefix}/{bait.url}", bait.type) for bait, _ in choice.requests]
        for keyword in KEYWORDS:
            taken = [kind for url, kind in urls if keyword in url.lower()]
            for answer, engines in ANSWERS.items():
                missing = (sum(kind in unproven for kind in taken) for unproven in engines)
                found[answer] += sum(count > 1 for count in missing)
    return found
