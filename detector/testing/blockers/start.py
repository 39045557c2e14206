"""Starts a blocker by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from detector.testing import adhosts
from detector.testing.blockers.chromium import start_chromium
from detector.testing.blockers.compiled import adblock, compiled
from detector.testing.blockers.extension import start_extension
from detector.testing.blockers.firefox import start_firefox, start_tracking_protection
from detector.testing.blockers.lists import brave_own, cache_folder, filter_lists, hosts, newest
from detector.testing.blockers.loopback import refusing
from detector.testing.blockers.model import Blocker, BlockerError, Options
from detector.testing.blockers.registry import BLOCKERS, find
from detector.testing.blockers.routed import (
    Blocks,
    as_brave,
    hide_elements,
    same_site_only,
    stop_requests,
)
from detector.testing.blockers.running import Running
from detector.testing.blockers.ublock_origin import start_ublock
from detector.testing.contentrules import Rule, content_rules
from detector.testing.webkit import start_webkit

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

REFUSED = ("ERR_PROXY_CONNECTION_FAILED", "ERR_NAME_NOT_RESOLVED")


def start(
    name: str, playwright: Playwright | None, options: Options | None = None
) -> AbstractContextManager[Running]:
    """Start a blocker, and stop it when the block ends.

    `playwright` may be None for a blocker whose driver is Selenium only.
    """
    options = options or Options()
    blocker = find(name, options)
    if blocker.driver == "selenium":
        return _webkit(blocker, options)
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
        # It exempts the site's own requests, except for those that one list of its own matches.
        hides = compiled(own, cache)
        blocks = same_site_only(hides.blocks, every.blocks)
    known = replace(blocker, version=adblock().__version__, list_date=newest(lists))
    prepare = [stop_requests(blocks), hide_elements(hides), *([as_brave] if own else [])]
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
def _webkit(blocker: Blocker, options: Options) -> Iterator[Running]:
    rules, date = (None, None) if blocker.acts == "none" else _content_rules(options)
    with start_webkit(options.net, rules, **options.launch) as driver:
        version = str(driver.capabilities.get("browserVersion") or "") or None
        known = replace(blocker, browser_version=version, list_date=date)
        yield Running(known, webdriver=driver)


def _content_rules(options: Options) -> tuple[list[Rule], str]:
    """Return a content blocker's rules and the date of the lists that they are made from."""
    lists = filter_lists(options)
    # Of the packaged ones only EasyList: the browser compiles its rules at every start.
    used = [one for one in lists if not one.packaged] or lists[:1]
    lines = [line for one in used for line in one.text().splitlines()]
    rules = content_rules(lines, hosts=adhosts.HOSTS)
    if not rules:
        raise BlockerError("--filter-list: no line can be converted to a content blocker's rule")
    return rules, newest(used)
