"""Loads options from all sources; each gets its value from the first source that sets it.

In order: arguments in code, the framework's configuration, the environment, a TOML file, the
default. All use the same names: `share` in code and files, DETECTOR_SHARE where a prefix is needed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from detector.core.config.layer import FILE, KNOWN, OPTIONS, Given, Layer, unknown
from detector.core.config.option import check_of
from detector.core.config.options import PREFIX, Config
from detector.core.errors import ConfigError

DEFAULT = "default"
_WORDS = {"1": True, "true": True, "yes": True, "on": True}
_WORDS |= {"0": False, "false": False, "no": False, "off": False}
# Kubernetes sets such variables in every pod for a service named "detector". Compiled if needed.
_KUBERNETES = (
    r"DETECTOR_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)


class Settings(NamedTuple):
    """The options of a site, and for each a description of where its value was set."""

    config: Config
    sources: Mapping[str, str]


def gather(
    options: Mapping[str, Any] | None = None,
    framework: Layer | None = None,
    *,
    fallback: Mapping[str, Any] | None = None,
    fallback_title: str = "framework",
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Merge all sources; raises ConfigError.

    `options` are arguments by option name, `framework` is a layer such as that of `prefixed`,
    `fallback` are the framework's defaults. `config` in any of them names the file.
    """
    layers = [
        arguments(options or {}),
        framework or {},
        environment(os.environ if environ is None else environ),
    ]
    files = [layer[FILE].value for layer in layers if FILE in layer]
    if file := next((file for file in files if file not in (None, "")), None):
        from detector.core.config.toml_file import toml

        layers.append(toml(file))
    made = {n: Given(v, _prefixed(n), fallback_title) for n, v in (fallback or {}).items()}
    for name in made:  # `os.environ.get` and the like return None for a missing value
        layers = [{n: g for n, g in y.items() if n != name or g.value is not None} for y in layers]
    return join([*layers, made])


def make_config(mapping: Mapping[str, Any] | None = None, **options: Any) -> Config:
    """Return the Config of `options`, DETECTOR_* keys of `mapping`, the environment and a file.

    The first of these that sets an option wins. `config` among the options, DETECTOR_CONFIG
    elsewhere, names the TOML file; `gather` also returns where each value comes from. Raises
    ConfigError.
    """
    return gather(options, prefixed(mapping or {}, "configuration")).config


def join(layers: Iterable[Layer]) -> Settings:
    """Merge layers: each option gets its value from the first that sets it; raises ConfigError."""
    winners: Layer = {}
    for layer in layers:
        for name, given in layer.items():
            # If the default is an empty string, an empty string means: not set.
            if name != FILE and (given.value != "" or OPTIONS[name].default != ""):
                winners.setdefault(name, given)
    values: dict[str, Any] = {}
    for name, given in winners.items():
        values[name] = _frozen(name, given.value)
        check_of(OPTIONS[name])(given.key, values[name])
    sources = {n: winners[n].source if n in winners else DEFAULT for n in OPTIONS}
    return Settings(Config(**values), sources)


def _frozen(name: str, value: Any) -> Any:
    """Convert lists to tuples; a pair may also be one string, as in the environment."""
    if isinstance(value, list | tuple):
        parts = [tuple(part) if isinstance(part, list) else part for part in value]
        if name == "pairs":
            parts = [tuple(part.split("+")) if isinstance(part, str) else part for part in parts]
        return tuple(parts)
    return value


def arguments(options: Mapping[str, Any]) -> Layer:
    """Return the layer of arguments by option name; raises ConfigError."""
    for name in options:
        if name not in KNOWN:
            raise ConfigError(unknown(name, KNOWN))
    return {name: Given(v, _prefixed(name), f"argument {name}") for name, v in options.items()}


def prefixed(mapping: Mapping[str, Any], title: str) -> Layer:
    """Read the DETECTOR_* keys of a framework's configuration, which errors call `title`."""
    keys = [key for key in mapping if isinstance(key, str) and key.startswith(PREFIX)]
    return {_name(key, title): Given(mapping[key], key, f"{title} {key}") for key in keys}


def environment(environ: Mapping[str, str]) -> Layer:
    """Read the DETECTOR_* variables, converted to the option's type; empty ones are ignored."""
    layer = {}
    for key, text in environ.items():
        if not key.startswith(PREFIX) or not text.strip() or re.fullmatch(_KUBERNETES, key):
            continue
        name = _name(key, "the environment")
        shown = f"{key} (environment)"
        value = text if name == FILE else _typed(shown, OPTIONS[name].default, text.strip())
        layer[name] = Given(value, shown, f"environment {key}")
    return layer


def _typed(key: str, default: Any, text: str) -> Any:
    """Convert a string to an option's type; a malformed number is left for the option's check."""
    kind = type(default)
    if kind is bool:
        if text.lower() not in _WORDS:
            raise ConfigError(f"{key} is {text!r}; allowed are {', '.join(_WORDS)}")
        return _WORDS[text.lower()]
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            return text
    if kind is tuple:
        parts = (part.strip() for part in text.split(",") if part.strip())
        whole = default and isinstance(default[0], int)
        return tuple(int(part) if whole and part.isdecimal() else part for part in parts)
    if kind is not str:
        raise ConfigError(f"{key} cannot be set from a text: set it in the code of the site")
    return text


def _name(key: str, title: str) -> str:
    known = [_prefixed(name) for name in KNOWN]
    if key not in known:
        raise ConfigError(f"{title}: {unknown(key, known)}")
    return key.removeprefix(PREFIX).lower()


def _prefixed(name: str) -> str:
    return PREFIX + name.upper()
