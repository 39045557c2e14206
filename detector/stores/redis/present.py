"""The present hour as Redis keeps it, for each site."""

from __future__ import annotations

import json
from typing import Any

from detector.stores.present_hour import Present
from detector.stores.redis import keys


def known(client: Any, site: str) -> Present | None:
    """Return what a site knows of the present."""
    return parsed(client.get(keys.present(site)) or "")


def parsed(text: str) -> Present | None:
    """Return it as kept in a text, None for an empty one."""
    return Present(*json.loads(text)) if text else None


def newest(client: Any, site: str) -> int | None:
    """Return the newest hour of a site that has counts."""
    asked = client.pipeline(transaction=False)
    for name in (keys.hours(site), keys.days(site), keys.first_hours(site)):
        asked.zrevrange(name, 0, 0)
    return max((int(hour) for found in asked.execute() for hour in found), default=None)
