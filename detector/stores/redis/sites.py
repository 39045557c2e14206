"""The sites of a server, and the schema version of each."""

from __future__ import annotations

from typing import Any

from detector.core.errors import StoreError
from detector.stores.redis import keys
from detector.stores.redis.connection import RedisServer

VERSION = 2


class RedisSites(RedisServer):
    """The part of a server that knows its sites."""

    def sites(self) -> list[str]:
        """Return the names of the sites that have counts, in order."""
        with self._using() as client:
            names = sorted(client.smembers(keys.SITES))
            asked = client.pipeline(transaction=False)
            for name in names:
                asked.exists(keys.hours(name))
                asked.exists(keys.days(name))
                asked.exists(keys.first_hours(name))
            found = asked.execute() if names else []
        return [name for at, name in enumerate(names) if any(found[3 * at : 3 * at + 3])]

    def _check(self, client: Any, site: str, *, write: bool = False) -> None:
        """Check the site's schema version, once per connection; StoreError if it is newer."""
        if site in self._checked:
            return
        name = keys.key(site, "schema")
        found = int(client.get(name) or 0)
        if found > VERSION:
            raise StoreError(
                f"{self.name} has schema version {found} for site {site!r}, this adblock-detector "
                f"knows {VERSION} at most: install the newer release that wrote it, or name "
                "another server or database (option store; on the command line --db)"
            )
        if write and found < VERSION:
            client.set(name, VERSION)
        if write:
            client.sadd(keys.SITES, site)
        if write or found:
            self._checked.add(site)
