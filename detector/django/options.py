"""Reads settings.DETECTOR and keeps the one Site that this process has for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from detector.core.config.layer import KNOWN, Given, Layer, unknown
from detector.core.config.loading import gather
from detector.core.config.options import Config
from detector.core.errors import ConfigError
from detector.core.secret import derived
from detector.core.site import Site

_sites: dict[Config, Site] = {}
_lock = Lock()


def site() -> Site:
    """Return the detector's Site for the current settings; raises ImproperlyConfigured.

    All middlewares of a process share it, so that there is one writer: each handler of a server,
    and each test client, creates its own middleware.
    """
    try:
        config = read()
    except ConfigError as error:
        raise ImproperlyConfigured(f"settings.DETECTOR: {error}") from None
    with _lock:
        found = _sites.get(config)
        if found is None:
            found = _sites[config] = Site(config)
        return found


def read() -> Config:
    """Read the settings, with defaults from Django's own settings; raises ConfigError."""
    own = given()
    fallback = {}
    if not own.get("secret"):
        fallback["secret"] = derived(settings.SECRET_KEY)
        if older := [derived(key) for key in settings.SECRET_KEY_FALLBACKS if key]:
            own["previous_secrets"] = [*own.get("previous_secrets", ()), *older]
    if getattr(settings, "BASE_DIR", None):
        fallback["store"] = str(Path(settings.BASE_DIR) / "detector.sqlite")
    return gather({}, named(own, "settings.DETECTOR"), fallback=fallback).config


def named(mapping: Mapping[str, Any], title: str) -> Layer:
    """Read a dict whose keys are option names, in upper or lower case; raises ConfigError."""
    layer = {}
    for key, value in mapping.items():
        name = str(key).lower()
        if name not in KNOWN or key not in (name, name.upper()):
            meant = KNOWN if str(key).islower() else [n.upper() for n in KNOWN]
            raise ConfigError(f"{title}: {unknown(str(key), meant)}")
        layer[name] = Given(value, f"{title}[{key!r}]", f"{title}[{key!r}]")
    return layer


def given() -> dict[str, Any]:
    """Return the owner's options by lower-case name; raises ConfigError."""
    mapping = getattr(settings, "DETECTOR", {})
    if not isinstance(mapping, dict):
        raise ConfigError(f"it is {type(mapping).__name__}; allowed is a dict of options")
    return {str(key).lower() if str(key).isupper() else str(key): mapping[key] for key in mapping}
