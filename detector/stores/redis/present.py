"""The present hour as Redis keeps it: for each site, by which its writes are dated, and for all.

By that of all, counts of a site that has ended expire too. No site's own hour would do for it: a
machine whose clock is wrong may have sites of its own. So there only another site confirms what a
site reported, and those that are more than a day ahead are one writer for each site: however many
processes of one agree, they move it on alone only after a day in which no other wrote at the known
hour.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from detector.core.counting.store import Batch
from detector.stores.present_hour import DAY, Dating, Present
from detector.stores.redis import keys

_BITS = 34
"""A writer's number has fewer; above them there is its site's."""

# KEYS: the present hour. ARGV: what it was, what it is now.
_SET = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""


def parsed(text: str | None) -> Present | None:
    """Return what is kept as a text, None for an empty one."""
    return Present(*json.loads(text)) if text else None


def texts(client: Any, site: str) -> tuple[str, str]:
    """Return what a site knows of the present, and what the store knows, as texts."""
    asked = client.pipeline(transaction=False)
    asked.get(keys.present(site))
    asked.get(keys.PRESENT)
    own, whole = asked.execute()
    return own or "", whole or ""


def tell(
    client: Any, dating: Dating, whole: str, site: str, hours: set[int], batch: Batch | None
) -> None:
    """Date a write of a site for the store as a whole, given what it knew."""
    now = parsed(whole)
    held = None if now else _newest_of_all(client)
    name, of_site = batch, zlib.crc32(site.encode()) << _BITS
    if batch and max(hours, default=0) > (now.hour if now else held or 0) + DAY:
        name = ("", 0)
    dated = dating.date(now, hours, held, name, of_site)
    if dated is None:
        return
    found = dated[0]
    if now and now.by >> _BITS == of_site >> _BITS and not found.by:
        found = found._replace(by=now.by)
    # If another process was faster, the next write does it.
    if found == now or client.eval(_SET, 1, keys.PRESENT, whole, json.dumps(found)):
        dating.wrote()


def known(client: Any, site: str) -> Present | None:
    """Return what decides what is old: the site's own hour or the store's, whichever is later."""
    return max((one for one in map(parsed, texts(client, site)) if one), default=None)


def newest(client: Any, site: str) -> int | None:
    """Return the newest hour of a site that has counts."""
    asked = client.pipeline(transaction=False)
    for name in (keys.hours(site), keys.days(site), keys.first_hours(site)):
        asked.zrevrange(name, 0, 0)
    return max((int(hour) for found in asked.execute() for hour in found), default=None)


def _newest_of_all(client: Any) -> int | None:
    """Return the newest hour that two sites know, for a store of an earlier release.

    That of a single site may be wrong, but where there is no other.
    """
    every = [parsed(client.get(keys.present(site))) for site in client.smembers(keys.SITES)]
    newest = sorted(one.hour for one in every if one)[-2:]
    return newest[0] if newest else None
