"""Environments in which a blocker acts on the page."""

from __future__ import annotations

from functools import partial

from bench.matrix import conditions as seen
from bench.matrix.engines import own_title
from bench.matrix.environment import BLOCKED, EXTENSION, SHIELDS, Environment


def blocked() -> list[Environment]:
    """Return every environment with a blocker."""
    row = partial(Environment, group="blocked", wanted=(EXTENSION,))
    both = seen.every(seen.ads_stopped, seen.hides_elements)
    return [
        row(
            "uBlock Origin",
            browser="uBlock Origin",
            how="Debian's package, as installed",
            holds=seen.ads_stopped,
        ),
        row(
            "uBlock Origin, medium mode",
            browser="uBlock Origin, medium mode",
            how="third-party scripts and frames refused everywhere",
            holds=seen.every(seen.ads_stopped, seen.third_party_scripts_stopped),
        ),
        row(
            "Ghostery's engine",
            browser="firefox, ghostery",
            how="in an extension that only starts it, with the packaged lists",
            holds=both,
            real=False,
        ),
        row(
            "AdGuard's engine",
            browser="firefox, adguard",
            how="in an extension that only starts it, with the packaged lists",
            holds=both,
            real=False,
        ),
        row(
            "AdGuard's rules",
            browser="chromium, adguard",
            how="its compiled rule sets in a Manifest V3 extension, with hiding",
            holds=both,
            real=False,
        ),
        row(
            "EasyList as rules",
            browser="chromium, easylist",
            how="converted for a Manifest V3 extension, with hiding",
            holds=both,
            real=False,
        ),
        row(
            "requests only",
            browser="chromium, requests",
            how="the same without hiding",
            holds=seen.every(seen.ads_stopped, seen.shows_elements),
            real=False,
        ),
        row(
            "requests only, http",
            browser="chromium, requests",
            how="the same over http, where a network can stop requests by path too",
            holds=seen.every(seen.ads_stopped, seen.shows_elements),
            wanted=(BLOCKED,),
            real=False,
            scheme="http",
        ),
        row(
            "elements only",
            browser="chromium, elements",
            how="the same without rules",
            holds=seen.every(seen.ads_arrive, seen.hides_elements),
            real=False,
        ),
        row(
            "content blocker",
            browser="webkit, rules",
            how="EasyList as Safari's content rules",
            holds=both,
            real=False,
        ),
        row(
            "Brave, standard",
            browser="chromium, brave-standard",
            how=f"its engine over Playwright; {own_title()} on the site's own URLs",
            holds=seen.ads_stopped,
            wanted=(SHIELDS,),
            real=False,
        ),
        row(
            "Brave, aggressive",
            browser="chromium, brave-aggressive",
            how="its engine over Playwright; all lists",
            holds=both,
            wanted=(SHIELDS,),
            real=False,
        ),
        row(
            "Ghostery",
            browser="chromium, ghostery",
            how="its engine over Playwright",
            holds=seen.ads_stopped,
            real=False,
        ),
    ]
