"""Chromium whose every host is behind Debian's Apache with ModSecurity and the Core Rule Set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.matrix import conditions as seen
from bench.matrix.browsers import Start, Started, chromium
from bench.matrix.devices import secrets
from bench.matrix.environment import CLEAR, NOT_ACCUSED, Environment, NotRun
from bench.matrix.privoxy import STOPPED_HOST
from detector.testing import adhosts
from detector.testing.internet import Internet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

RULE = 'SecRule REQUEST_URI "@contains /ads/" "id:1000,phase:1,nolog,{action}"'
# What an owner's rule for a word does, before the Core Rule Set at its default level.
RULES = {
    "own rules": "",
    "403": RULE.format(action="deny,status:403"),
    "302": RULE.format(action=f"redirect:https://{STOPPED_HOST}/why"),
}
NEEDED = ("/usr/sbin/apache2", "/usr/lib/apache2/modules/mod_security2.so")
ATTACK = "/x/page?q=<script>alert(1)</script>"


def firewalled(what: str) -> Start:
    """Return a function that starts Chromium behind the firewall with one of `RULES`."""
    return partial(_firewalled, what=what)


@contextmanager
def _firewalled(playwright: Playwright, net: Internet, *, what: str) -> Iterator[Started]:
    if not all(Path(path).exists() for path in NEEDED):
        raise NotRun("apt-get install apache2 libapache2-mod-security2 modsecurity-crs")
    from tests.support.firewall import firewall

    # The browser reaches a second test internet, whose hosts are all Apache's; what passes there
    # goes on to the first, as http with the host in its header.
    with firewall(net.proxy_url, 1, before=RULES[what]) as wall, Internet() as front:
        for host in (*adhosts.HOSTS, "*.example", "*.doubleclick.net"):
            front.forward(host, "127.0.0.1", wall.port)
        with chromium(playwright, front, label=f" behind ModSecurity ({what})") as started:
            yield started


def firewall_rows() -> list[Environment]:
    """Return the rows behind the firewall, which acts on the probe's host as well."""
    row = partial(Environment, group="clean", secret=secrets("/ads/", 1)[0])
    return [
        row(
            "ModSecurity",
            browser="chromium, firewall, own rules",
            wanted=(CLEAR,),
            how="the Core Rule Set at its default level",
            holds=seen.every(seen.word_stopped(ATTACK), seen.ads_arrive),
        ),
        *(
            row(
                f"ModSecurity's keyword: {answer}",
                group="unreachable",
                browser=f"chromium, firewall, {answer}",
                wanted=NOT_ACCUSED,
                how="a rule of the owner for /ads/ before the Core Rule Set",
                holds=seen.word_stopped("/x/ads/x.txt"),
            )
            for answer in RULES
            if answer != "own rules"
        ),
    ]
