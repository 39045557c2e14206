"""Starts Firefox with the engine for filter lists that it has from version 149 on, switched off.

It is Brave's (`adblock` in Rust) and looks at third-party requests only: nothing of the site's own
is blocked, and nothing is hidden (toolkit/components/content-classifier in Firefox's source). In
153.8 a rule for a sub-domain (`||ads.host.example^`) stops nothing: it is asked about the site.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from detector.testing.blockers.firefox import start_firefox
from detector.testing.blockers.lists import FilterList, filter_lists, newest
from detector.testing.blockers.model import Blocker, BlockerError, Options
from detector.testing.blockers.readiness_probe import HOST, wait_until_acting
from detector.testing.blockers.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

ENGINE = "privacy.trackingprotection.content.protection"
STOPPED, ANSWERED = "stopped.example", "answered.example"
# A third-party host that a rule of ours names, and one that no list does.
CHECK = f"""async () => {{
  const asks = (host) => fetch(location.href.replace("{HOST}", host),
    {{ cache: "no-store", mode: "no-cors" }}).then(() => true, () => false);
  return await asks("{ANSWERED}") && !(await asks("{STOPPED}"));
}}"""


def native_prefs(lists: Sequence[FilterList]) -> dict[str, str | float | bool]:
    """Return the preferences that switch the engine on with these lists."""
    for one in lists:
        one.text()  # The engine ignores a file that is not a list; this raises.
    # Addresses are separated by |, which as_uri encodes. All become one engine, so a rule that acts
    # shows that every list does.
    urls = [one.path.resolve().as_uri() for one in lists]
    urls.append(f"data:text/plain,%7C%7C{STOPPED}%5E")
    return {
        f"{ENGINE}.enabled": True,
        # Lists given by address are read at the start only beside a feature from Mozilla's server.
        f"{ENGINE}.engines": "test_block,minor-exceptions",
        f"{ENGINE}.test_list_urls": "|".join(urls),
        # Nothing is fetched from that server: the feature stays empty.
        "services.settings.server": "data:,#remote-settings-dummy/v1",
        "network.dns.localDomains": ",".join((HOST, STOPPED, ANSWERED)),
    }


@contextmanager
def start_native(blocker: Blocker, playwright: Playwright, options: Options) -> Iterator[Running]:
    """Start Firefox with its engine acting on the user's lists, and wait until it does."""
    lists = filter_lists(options)
    known = replace(blocker, list_date=newest(lists))
    with start_firefox(known, playwright, options, native_prefs(lists)) as running:
        try:
            wait_until_acting(running, options.net, CHECK, (STOPPED, ANSWERED))
        except BlockerError:
            raise BlockerError(
                f"{known.name}: Firefox {running.version} does not act on filter lists; versions "
                "from 149 on do"
            ) from None
        yield running
