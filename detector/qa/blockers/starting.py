"""Starts a blocker by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from detector.qa.blockers.chromium import start_chromium, start_extension
from detector.qa.blockers.compiled import adblock, compiled
from detector.qa.blockers.firefox import start_firefox, start_tracking_protection, start_ublock
from detector.qa.blockers.lists import brave_own, cache_folder, filter_lists, hosts, newest
from detector.qa.blockers.loopback import refusing
from detector.qa.blockers.model import Blocker, BlockerError, Options
from detector.qa.blockers.registry import BLOCKERS, find
from detector.qa.blockers.routed import Blocks, hide_elements, same_site_only, stop_requests
from detector.qa.blockers.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

    from detector.qa.contentrules import Rule

REFUSED = ("ERR_PROXY_CONNECTION_FAILED", "ERR_NAME_NOT_RESOLVED")


def start(
    name: str, playwright: Playwright | None, options: Options | None = None
) -> AbstractContextManager[Running]:
    """Start a blocker, and end it with the block.

    `playwright` may be None for a blocker whose driver is Selenium only.
    """
    options = options or Options()
    blocker = find(name, options)
    if blocker.driver == "selenium":
        clean = blocker.acts == "none"
        return _webkit(blocker, options) if clean else _content_blocker(blocker, options)
    if playwright is None:
        raise ValueError(f"blocker {name!r} needs Playwright: pass sync_playwright()'s object")
    if name not in BLOCKERS:
        return start_extension(blocker, playwright, options)
    starts: dict[str, Callable[..., AbstractContextManager[Running]]] = {
        "none": start_chromium,
        "none-firefox": start_firefox,
        "ublock-origin": start_ublock,
        "easylist": _engine,
        "brave-standard": _engine,
        "brave-aggressive": _engine,
        "dns": _dns,
        "tracking-protection": start_tracking_protection,
    }
    return starts[name](blocker, playwright, options)


@contextmanager
def _engine(blocker: Blocker, playwright: Playwright, options: Options) -> Iterator[Running]:
    lists = filter_lists(options)
    cache = cache_folder(options)
    own = [brave_own(options)] if blocker.name.startswith("brave") else []
    every = compiled([*lists, *(one for one in own if one not in lists)], cache)
    blocks: Blocks = every.blocks
    hides = every
    if blocker.name == "brave-standard":
        # It spares what comes from the site itself, but for one list of its own.
        hides = compiled(own, cache)
        blocks = same_site_only(hides.blocks, every.blocks)
    known = replace(blocker, version=adblock().__version__, list_date=newest(lists))
    prepare = (stop_requests(blocks), hide_elements(hides))
    with start_chromium(known, playwright, options, prepare=prepare) as running:
        yield running


@contextmanager
def _dns(blocker: Blocker, playwright: Playwright, options: Options) -> Iterator[Running]:
    lists = filter_lists(options)
    proxy = urlsplit(options.net.proxy_url).netloc if options.net else ""
    known = replace(blocker, list_date=newest(lists))
    with (
        refusing(hosts(lists), proxy) as pac,
        start_chromium(known, playwright, options, pac=pac, failures=REFUSED) as running,
    ):
        yield running


@contextmanager
def _webkit(
    blocker: Blocker, options: Options, rules: list[Rule] | None = None
) -> Iterator[Running]:
    from detector.qa.webkit import start_webkit

    with start_webkit(options.net, rules) as driver:
        version = str(driver.capabilities.get("browserVersion") or "") or None
        yield Running(replace(blocker, browser_version=version), webdriver=driver)


@contextmanager
def _content_blocker(blocker: Blocker, options: Options) -> Iterator[Running]:
    from detector.qa.contentrules import content_rules

    lists = filter_lists(options)
    # Of the packaged ones EasyList alone: the browser compiles its rules at every start.
    used = [one for one in lists if not one.packaged] or lists[:1]
    lines = [line for one in used for line in one.text().splitlines()]
    rules = content_rules(lines, hosts=_known_hosts())
    if not rules:
        raise BlockerError("--filter-list: no line can be made a content blocker's rule")
    with _webkit(replace(blocker, list_date=newest(used)), options, rules) as running:
        yield running


def _known_hosts() -> list[str]:
    from detector.qa import adhosts

    return list(adhosts.HOSTS)
