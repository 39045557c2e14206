"""Reads the TOML file of `detector serve`: one table for each site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from detector.core.config.layer import Given, unknown
from detector.core.config.loading import join
from detector.core.config.options import Config
from detector.core.config.toml_file import load, options_of, place
from detector.core.config.validators import check_secret
from detector.core.counting.store_url import open_store
from detector.core.errors import ConfigError

OWN = ("hosts", "origins", "mount")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?|[0-9a-f:]*:[0-9a-f:.]*")
_MOUNT = re.compile(r"(/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class ServedSite:
    """One site as its file describes it; `origins` is None if all of its hosts are valid."""

    name: str
    config: Config
    hosts: frozenset[str]
    origins: frozenset[str] | None
    mount: str


def read(file: Path) -> dict[str, ServedSite]:
    """Read all sites, by name; raise ConfigError with the file, the line and the fix."""
    text, data = load(file)
    for key in data:
        if key != "sites":
            raise ConfigError(f"{place(text, file, key)}: {unknown(key, ['sites'])}")
    tables = data.get("sites")
    if not isinstance(tables, dict) or not tables:
        raise ConfigError(f"{file} has no site: write a table [sites.NAME] with secret and hosts")
    found = {name: _site(file, text, name, table) for name, table in tables.items()}
    _differ(file, found.values())
    return found


def _site(file: Path, text: str, name: str, table: Any) -> ServedSite:
    title = f"[sites.{name}] in {file.name}"
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{title}: a site's name has the characters A-Z a-z 0-9 _ -, at most 64 of them"
        )
    if not isinstance(table, dict):
        raise ConfigError(
            f"{title} must be a table: write its options below the line [sites.{name}]"
        )
    layer = options_of(table, file, text, f"sites.{name}", OWN)
    if "secret" not in layer:
        check_secret(f"secret of {title}", "")
    store = str(file.absolute().parent / f"{name}.sqlite")
    config = join([layer, {"store": Given(store, "store", "default")}]).config
    try:
        open_store(config.store)
    except ValueError as error:
        raise ConfigError(f"{title}: {error}") from None

    def where(key: str) -> str:
        return f"{key} ({place(text, file, key, f'sites.{name}')})" if key in table else title

    return ServedSite(
        name,
        config,
        _hosts(where("hosts"), table),
        _origins(where("origins"), table),
        _mount(where("mount"), table),
    )


def _hosts(where: str, table: Mapping[str, Any]) -> frozenset[str]:
    hosts = table.get("hosts")
    if not isinstance(hosts, list) or not hosts:
        raise ConfigError(
            f"{where}: hosts must be a list of the site's host names, for instance "
            'hosts = ["news.example", "www.news.example"]'
        )
    for host in hosts:
        if not isinstance(host, str) or not _HOST.fullmatch(host.lower()):
            raise ConfigError(
                f"{where}: {host!r} is not a host name; write it without scheme, port and path, "
                "for instance news.example"
            )
    return frozenset(host.lower() for host in hosts)


def _origins(where: str, table: Mapping[str, Any]) -> frozenset[str] | None:
    origins = table.get("origins")
    if origins is None:
        return None
    if not isinstance(origins, list) or not origins:
        raise ConfigError(f"{where}: origins must be a list, or be omitted for all of the hosts")
    for origin in origins:
        if not isinstance(origin, str) or not _is_origin(origin):
            raise ConfigError(
                f"{where}: {origin!r} is not an origin; write scheme and host, and the port unless "
                "it is the default, for instance https://news.example"
            )
    return frozenset(origins)


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    netloc = parts.netloc
    return (
        parts.scheme in ("http", "https")
        and text == f"{parts.scheme}://{netloc}"
        and bool(_HOST.fullmatch(parts.hostname or ""))
        and netloc == netloc.lower()
        and "@" not in netloc
    )


def _mount(where: str, table: Mapping[str, Any]) -> str:
    mount = table.get("mount", "")
    if not isinstance(mount, str) or not _MOUNT.fullmatch(mount):
        raise ConfigError(
            f"{where}: mount is {mount!r}; it must be the path that the site is below, with a "
            'leading slash and no trailing one, for instance mount = "/blog"'
        )
    return mount


def _differ(file: Path, sites: Iterable[ServedSite]) -> None:
    """Raise for a secret that two sites share: their names would be the same."""
    owner: dict[str, str] = {}
    for site in sites:
        for secret in {site.config.secret, *site.config.previous_secrets}:
            other = owner.setdefault(secret, site.name)
            if other != site.name:
                raise ConfigError(
                    f"{file}: [sites.{other}] and [sites.{site.name}] share a secret: "
                    "use a different one for each"
                )
