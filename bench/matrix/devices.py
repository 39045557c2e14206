"""Proxies that stop whatever has a word in its URL, on the site's own host as well.

`keyword` rows are answered by the test internet as such a device would; `privoxy` rows by Debian's
Privoxy, which opens TLS with an authority of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache, partial

from bench.matrix import conditions as seen
from bench.matrix.environment import NOT_ACCUSED, Environment, Holds
from bench.matrix.privoxy import ACTIONS, STOPPED_HOST
from detector.core.baits import pool
from detector.core.baits.site_baits import Baits
from detector.core.served_names import ServedNames
from detector.testing.internet import Internet
from detector.testing.messages import Answer, Request

BLOCK_PAGE = "<!doctype html><title>Stopped</title><h1>This address is not allowed here</h1>"
ANSWERS: dict[str, Callable[[], Answer | None]] = {
    "200": lambda: Answer(BLOCK_PAGE, "text/html; charset=utf-8"),
    "204": lambda: Answer(type=None, status=204),
    "302": lambda: Answer(
        type=None, status=302, headers=[("Location", f"https://{STOPPED_HOST}/why")]
    ),
    "reset": lambda: None,
    "403": lambda: Answer(BLOCK_PAGE, "text/html; charset=utf-8", status=403),
}
# A folder, as most devices have it; and the bare word, which strikes more of a site's own URLs.
KEYWORDS = ("/ads/", "ads")
# So many sites are drawn to find those with the most baits that one word stops.
SITES = 300


def _stops(keyword: str, request: Request) -> bool:
    return keyword in request.path


def stop(keyword: str, answer: str, net: Internet) -> None:
    """Put the device before every host."""
    net.answer(STOPPED_HOST, lambda request: Answer(BLOCK_PAGE, "text/html; charset=utf-8"))
    net.device(partial(_stops, keyword), ANSWERS[answer])


@cache
def secrets(keyword: str, count: int) -> tuple[str, ...]:
    """Return the secrets of sites of which a word stops the most baits today: where it hurts most.

    With two such baits a device looks like a blocker, unless the detector knows better.
    """
    requests, day = pool.load(), int(time.time() // 86400)

    def struck(secret: str) -> int:
        chosen = Baits(ServedNames(secret), requests).choose(day).requests
        return sum(keyword in "/" + bait.url for bait, _ in chosen)

    drawn = [f"a site behind a device, number {number}" for number in range(SITES)]
    return tuple(sorted(drawn, key=struck, reverse=True)[:count])


def acts(keyword: str) -> Holds:
    """Return the condition that the word is stopped on another host, and nothing else there."""
    return seen.word_stopped(f"/x{keyword if '/' in keyword else f'/{keyword}/'}x.txt")


def keyword_rows() -> list[Environment]:
    """Return the rows of every answer in both engines, each for two sites."""
    row = partial(Environment, group="unreachable", wanted=NOT_ACCUSED)
    rows = [
        row(
            f"keyword {keyword}: {answer}, site {number}",
            browser=browser,
            how="a device that opens TLS, before every host",
            faults=partial(stop, keyword, answer),
            holds=acts(keyword),
            secret=secret,
            real=False,
        )
        for browser in ("chromium", "firefox")
        for keyword, count in zip(KEYWORDS, (2, 1), strict=True)
        for answer in ANSWERS
        for number, secret in enumerate(secrets(keyword, count), 1)
    ]
    rows += [
        row(
            f"privoxy's keyword: {answer}",
            browser=f"privoxy, {answer}",
            how="Debian's privoxy with one rule for /ads/, TLS inspected",
            holds=acts("/ads/"),
            secret=secrets("/ads/", 1)[0],
        )
        for answer in ACTIONS
    ]
    return rows
