"""Environments in which something acts on the page itself."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

from bench.matrix import conditions as seen
from bench.matrix.bundles import FOLDER, MODULES, NotInstalled
from bench.matrix.environment import (
    BLOCKED,
    EXTENSION,
    Answer,
    Environment,
    NotRun,
    Read,
    Tab,
    Visit,
)
from bench.matrix.visits import read_first
from detector.baits import pool
from detector.baits.engine import Lists
from detector.baits.fetch import Source
from detector.qa.ublock import Package

_PAGE = "https://news.example/"
Acts = Callable[[str, str, str], bool]
# Lists that Debian does not package are looked for here, beside the project's folder.
SHARED = FOLDER.parents[2] / "shared" / "lists"
PACKAGED = ("easylist", "easyprivacy", "ublock-filters", "ublock-privacy", "ublock-unbreak")
TYPES = {"xhr": "xmlhttprequest", "fetch": "xmlhttprequest", "document": "sub_frame"}


def packaged() -> list[Path]:
    """Return the lists that come with Debian's uBlock Origin."""
    return [Package.required().list_path(name) for name in PACKAGED]


@cache
def own_list() -> Path | Source:
    """Return the list that acts on a site's own URLs in Brave's standard mode.

    Where the machine has no copy of it: those of EasyList's rules that our pool says are in it.
    """
    path = SHARED / "brave-firstparty.txt"
    if path.exists():
        return path
    every = Lists(packaged())
    urls = [(f"{_PAGE}{r.path}", r.type) for r in pool.load().requests if r.everywhere]
    rules = {every.rule(url.replace("{w}", "reader"), _PAGE, kind)[0] for url, kind in urls}
    return Source("pool", "pool", tuple(sorted(rules)), len(rules), 0)


def own_title() -> str:
    """Say which list that is."""
    return "its first-party list" if isinstance(own_list(), Path) else "the pool's rules"


@cache
def brave(aggressive: bool) -> Acts:
    """Return Brave's engine; in its standard mode one list alone acts on the site's own URLs."""
    from urllib.parse import urlsplit

    own = own_list()
    every = Lists([*packaged(), own])
    first = every if aggressive else Lists([own])

    def acts(url: str, page: str, kind: str) -> bool:
        same = urlsplit(url).hostname == urlsplit(page).hostname
        return (first if same else every).hits(url, page, kind)

    return acts


@cache
def ghostery() -> Acts:
    """Return Ghostery's engine, as a process that lives as long as this one."""
    if not (MODULES / "@ghostery").exists():
        raise NotInstalled("Ghostery's engine is missing: start with bench/matrix/run")
    command = ["node", str(FOLDER / "peers" / "ghostery.js"), *map(str, packaged())]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1, cwd=FOLDER)
    assert process.stdin and process.stdout
    lines, answers = process.stdin, process.stdout
    if answers.readline().strip() != "ready":
        raise NotRun("Ghostery's engine did not start")

    def acts(url: str, page: str, kind: str) -> bool:
        lines.write(json.dumps({"url": url, "page": page, "type": kind}) + "\n")
        return answers.readline().strip() == "block"

    return acts


def routed(engine: Callable[[], Acts]) -> Visit:
    """Return a visit whose requests are stopped as an engine says."""

    def visit(tab: Tab, url: str, read: Read) -> Answer:
        acts = engine()

        def decide(route: Any) -> None:
            from playwright.sync_api import Error

            request = route.request
            kind = TYPES.get(request.resource_type, request.resource_type)
            with suppress(Error):  # the page may be gone by now
                if not request.is_navigation_request() and acts(request.url, url, kind):
                    route.abort("blockedbyclient")
                else:
                    route.continue_()

        tab.page.route("**/*", decide)
        return read_first(tab, url, read)

    return visit


def blocked() -> list[Environment]:
    """Return every environment with a blocker."""
    row = partial(Environment, group="blocked", wanted=(EXTENSION,))
    engine = partial(row, browser="chromium", wanted=(BLOCKED,), holds=seen.ads_stopped, real=False)
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
            wanted=(BLOCKED,),
            real=False,
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
        engine(
            "Brave, standard",
            how=f"its engine over Playwright; {own_title()} on the site's own URLs",
            visit=routed(partial(brave, False)),
        ),
        engine(
            "Brave, aggressive",
            how="its engine over Playwright; all lists",
            visit=routed(partial(brave, True)),
        ),
        engine("Ghostery", how="its engine over Playwright", visit=routed(ghostery)),
    ]
