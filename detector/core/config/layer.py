"""What one source sets: a layer of options, with where each value comes from."""

from __future__ import annotations

import difflib
from dataclasses import fields
from typing import Any, NamedTuple

from detector.core.config.options import Config

FILE = "config"
"""The option that names the TOML file, in code, configuration and environment."""

OPTIONS = {item.name: item for item in fields(Config)}
KNOWN = [*OPTIONS, FILE]


class Given(NamedTuple):
    """One value: how errors name it, and where it was set."""

    value: Any
    key: str
    source: str


Layer = dict[str, Given]


def unknown(key: str, known: list[str]) -> str:
    """Return the error message for an unknown option, with the nearest known name."""
    folded = {name.lower(): name for name in known}
    found = difflib.get_close_matches(key.lower(), folded, n=1, cutoff=0.4)
    near = [folded[name] for name in found]
    if not near:
        return f"{key} is not an option of the detector; the options are {', '.join(sorted(known))}"
    return f"{key} is not an option of the detector; did you mean {near[0]}?"
