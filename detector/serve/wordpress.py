"""What the owner of a WordPress site enters in our plugin, `integrations/wordpress`.

The site key has nothing secret in it: names that every page shows, and a signed token for each kind
of page. So a copy of WordPress' database lets nobody sign anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from detector.core.site import Site
from detector.core.texts.locales import LOCALES
from detector.core.texts.words import PRESETS
from detector.core.vocabulary import MODES
from detector.serve.sites import ServedSite

KINDS = ("home", "article", "page", "product", "archive", "search", "other")
"""The kinds of pages that the plugin distinguishes; those of other post types are added."""

ADVICE = """\
In WordPress, under Settings, Adblock Detector, enter

  Address of detector serve   http://{address}
  Site key                    the line from the standard output

and press "Save Changes", then "Test it". Write proxies = 1 into [sites.{name}], so that reports are
limited per visitor; with a cache or load balancer before the web server, one more for each.
Hosts that are answered: {hosts}.

Print the key again after changing secret, mount, reuse_minutes, single_page or consent, and then
purge WordPress' page caches. Each further type of posts is counted as "other", or by its own name
with --group NAME.
"""


def lines(served: ServedSite, groups: Iterable[str], address: str) -> tuple[str, str]:
    """Return the site key, and the advice that belongs to it."""
    advice = ADVICE.format(name=served.name, address=address, hosts=", ".join(sorted(served.hosts)))
    return key(served, groups), advice


def key(served: ServedSite, groups: Iterable[str]) -> str:
    """Return the site key, one line of JSON; `groups` are kinds of pages besides `KINDS`."""
    site = Site(served.config, name=served.name, pasted=True)
    names = {kind: site.tokens.page(kind) for kind in (*KINDS, *groups)}
    return json.dumps(
        {
            "site": served.name,
            "folder": f"{served.mount}/{site.names.prefix}",
            "script": site.tagger.file(lasting=True),
            "attribute": site.names.attribute,
            "groups": names,
            "modes": list(MODES),
            "presets": list(PRESETS),
            "languages": list(LOCALES),
        },
        separators=(",", ":"),
    )
