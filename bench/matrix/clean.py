"""Environments without a blocker: no verdict may be blocked, and with ads it is `clear`."""

from __future__ import annotations

from functools import partial

from bench.matrix import changes, visits
from bench.matrix import conditions as seen
from bench.matrix.browsers import AD_HOSTS
from bench.matrix.bundles import NotInstalled, bundle, react_page
from bench.matrix.environment import (
    CLEAR,
    HIDDEN,
    UNREACHABLE,
    Answer,
    Change,
    Environment,
    NotRun,
    Read,
    Tab,
    Visit,
)


def react() -> tuple[Change, Visit]:
    """Return the page that React hydrates, and its visit, which raises if React is missing."""
    try:
        page, script = react_page(), bundle("hydrate.js")
    except NotInstalled as error:
        reason = str(error)

        def missing(tab: Tab, url: str, read: Read) -> Answer:
            raise NotRun(reason)

        return Change(), missing
    files = {"/files/react.js": ("text/javascript", script)}
    return Change(lambda _, classes: page, files=files), visits.hydrated


def clean() -> list[Environment]:
    """Return every clean environment."""
    row = partial(Environment, group="clean", wanted=(CLEAR,))
    maybe = (CLEAR, UNREACHABLE)
    hydrating, hydrated = react()
    rows = []
    for browser in ("chromium", "firefox"):
        r = partial(row, browser=browser)
        rows += [
            r("clean", how="the newspaper, all its ads arrive", holds=seen.ads_arrive),
            r(
                "third parties down",
                wanted=(("unknown", None),),
                how="no host but the site answers",
                holds=seen.third_parties_fail,
                faults=lambda net: net.third_parties_down(),
            ),
            r(
                "ad hosts slow by 3 s",
                how="ad hosts answer after 3 s",
                holds=seen.ads_late(3),
                faults=lambda net: net.slow(AD_HOSTS, 3),
                visit=visits.slow,
            ),
            r(
                "ad hosts slow by 10 s",
                how="ad hosts answer after 10 s",
                holds=seen.ads_late(10),
                faults=lambda net: net.slow(AD_HOSTS, 10),
            ),
            r(
                "ad hosts answer 500",
                wanted=maybe,
                how="status 500, no body",
                holds=seen.ads_answer(500),
                faults=lambda net: net.status(AD_HOSTS, 500),
            ),
            r(
                "ad hosts answer nothing",
                wanted=maybe,
                how="status 200, no body",
                holds=seen.ads_answer(200),
                faults=lambda net: net.empty(AD_HOSTS),
            ),
            r(
                "strict policy",
                how="script-src with a nonce and 'strict-dynamic'",
                holds=seen.every(seen.policy_acts, seen.ads_arrive),
                site=Change(changes.with_nonces, {"Content-Security-Policy": changes.STRICT}),
            ),
            r(
                "no ads",
                how="a page without any ad",
                holds=seen.no_ads,
                site=Change(changes.without_ads),
            ),
            r(
                "consent tool",
                how="ad tags are text/plain until a button is pressed",
                holds=seen.by_visit,
                site=Change(changes.held_back),
                visit=visits.after_consent,
            ),
            r(
                "restored",
                how="left, and restored from the cache",
                holds=seen.by_visit,
                visit=visits.restored,
            ),
            r(
                "body hidden at first",
                how="body has display: none for a second",
                holds=changes.body_was_hidden,
                site=changes.at_head(changes.HIDE + changes.SHOW),
            ),
            r(
                "twenty loads",
                how="twenty loads in a row, warm cache",
                holds=seen.script_cached,
                visit=visits.warm,
            ),
            r(
                "service worker",
                how="passes every fetch on",
                holds=seen.worker_passes_on,
                site=changes.SERVICE,
                visit=visits.worker,
            ),
            r(
                "own css hides baits",
                how="two of the day's classes",
                holds=changes.own_css_acts,
                site=Change(changes.hides_classes),
            ),
            r(
                "fetch replaced",
                how="by the page's own wrapper",
                holds=changes.fetch_was_replaced,
                visit=visits.with_script(changes.FETCH),
            ),
            r(
                "React hydrates",
                how="the whole document",
                holds=seen.by_visit,
                site=hydrating,
                visit=hydrated,
            ),
            r(
                "import map",
                how="behind our tag",
                holds=changes.map_was_used,
                site=changes.at_head(changes.MAP),
            ),
            r(
                "phone",
                how="viewport of 390 × 844",
                holds=seen.is_narrow,
                options={"viewport": PHONE},
            ),
            r(
                "Save-Data",
                how="header on every request",
                holds=seen.saves_data,
                options={"extra_http_headers": SAVE},
            ),
        ]
    rows += [
        row(
            "clean",
            browser="webkit",
            how="the newspaper, all its ads arrive",
            holds=seen.ads_arrive,
        ),
        row(
            "private window",
            browser="firefox, private",
            how="private windows only",
            holds=seen.is_private,
        ),
        row(
            "hidden tab",
            browser="firefox",
            wanted=((HIDDEN + "clear", None),),
            how="loaded behind another tab, then shown",
            holds=seen.by_visit,
            visit=visits.in_background,
        ),
    ]
    return rows


PHONE = {"width": 390, "height": 844}
SAVE = {"Save-Data": "on"}
