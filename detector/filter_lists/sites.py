"""Whether two hosts belong to one site, as far as their names tell."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[\d.]+|.*:.*")


def site_of(host: str) -> str:
    """Return the site of a host: its last two labels, or three for endings such as `co.uk`.

    No list of such endings is used; detector/audit/page.js has the same rule.
    """
    if _ADDRESS.fullmatch(host):
        return host
    labels = host.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if short else -2 :])
