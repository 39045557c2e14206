"""Browsers of the matrix, started by the QA kit, each with one tab of a new visitor at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.matrix.environment import Tab
from bench.matrix.tabs import PlaywrightTab, WebKitTab
from detector.testing import adhosts
from detector.testing.blockers import Options, Running, start
from detector.testing.internet import Internet
from detector.testing.power_button import PowerButton

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

# One of the other detectors requests this host, which always answers.
ASKED_HOST = "www3.doubleclick.net"
AD_HOSTS = tuple(sorted({*adhosts.HOSTS, ASKED_HOST} - {adhosts.HARMLESS_HOST}))
# Playwright disables the back/forward cache.
WITH_PAGE_CACHE: Mapping[str, Any] = {"ignore_default_args": ["--disable-back-forward-cache"]}
NO_WAITING: Mapping[str, Any] = {"page_load_strategy": "none"}
MEDIUM_MODE = """async (toAdd) => {
  const advanced = { what: "userSettings", name: "advancedUserEnabled", value: true };
  await vAPI.messaging.send("default", advanced);
  const rules = { what: "modifyRuleset", permanent: false, toAdd, toRemove: "" };
  await vAPI.messaging.send("dashboard", rules);
}"""


class Started:
    """A running browser: its label, and tabs of new visitors."""

    def __init__(self, label: str, tab: Callable[[Mapping[str, Any]], Tab]) -> None:
        self.label = label
        self.tab = tab


Start = Callable[["Playwright", Internet], AbstractContextManager[Started]]


def kit(name: str, **options: Any) -> Start:
    """Return a function that starts a blocker of the QA kit; options as for its `Options`."""
    return partial(_kit, name=name, options=options)


@contextmanager
def _kit(
    playwright: Playwright, net: Internet, *, name: str, options: Mapping[str, Any]
) -> Iterator[Started]:
    with running(name, playwright, net, **options) as found:
        yield Started(found.blocker.label, visitors(found))


def running(
    name: str, playwright: Playwright, net: Internet, **options: Any
) -> AbstractContextManager[Running]:
    """Start a blocker of the QA kit; the sites of the matrix treat robots as people."""
    return start(name, playwright, Options(net=net, hide_automation=False, **options))


def visitors(running: Running) -> Callable[[Mapping[str, Any]], Tab]:
    """Return a browser in which each tab is a new visitor."""

    def tab(options: Mapping[str, Any]) -> Tab:
        if running.webdriver is not None:
            return WebKitTab(running.webdriver)
        context = running.new_context(**options)
        return PlaywrightTab(context.new_page(), context.close)

    return tab


@contextmanager
def chromium(
    playwright: Playwright, net: Internet, *, label: str = "", **launch: Any
) -> Iterator[Started]:
    """Start Chromium without a blocker; `launch` are arguments for Playwright's `launch`."""
    launch = {**WITH_PAGE_CACHE, **launch}
    with running("none", playwright, net, launch=launch) as found:
        yield Started(found.blocker.label + label, visitors(found))


@contextmanager
def private_firefox(playwright: Playwright, net: Internet) -> Iterator[Started]:
    """Start Firefox with tabs of its default context, the only one in private windows."""
    prefs = {"browser.privatebrowsing.autostart": True}
    with running("none-firefox", playwright, net, launch={"firefox_user_prefs": prefs}) as found:
        context = found.contexts[0]

        def tab(options: Mapping[str, Any]) -> Tab:
            context.clear_cookies()
            page = context.new_page()
            return PlaywrightTab(page, page.close)

        yield Started(found.blocker.label, tab)


@contextmanager
def medium_mode(playwright: Playwright, net: Internet) -> Iterator[Started]:
    """Start Firefox with the real uBlock Origin in its medium mode."""
    with running("ublock-origin", playwright, net) as found:
        assert found.browser is not None
        Dashboard(found.browser).block_third_party_code()
        yield Started(f"{found.blocker.label}, medium mode", visitors(found))


class Dashboard(PowerButton):
    """uBlock Origin's settings apart from the power button."""

    def block_third_party_code(self) -> None:
        """Set what its documentation calls medium mode: the rules, and the option for them."""
        with self._opened() as page:
            page.evaluate(MEDIUM_MODE, "* * 3p-script block\n* * 3p-frame block")
