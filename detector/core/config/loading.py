"""Loads options from all sources; each gets its value from the first source that sets it.

In order: arguments in code, the framework's configuration, the environment, a TOML file, the
default. All use the same names: `share` in code and files, DETECTOR_SHARE where a prefix is needed.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from detector.core.config.option import check_of
from detector.core.config.options import PREFIX, Config
from detector.core.errors import ConfigError

FILE = "config"
"""The option that names the TOML file, in code, configuration and environment."""

DEFAULT = "default"
OPTIONS = {item.name: item for item in fields(Config)}
_KNOWN = [*OPTIONS, FILE]
PATHS = ("store", "baits_file", "switch_file")
_WORDS = {"1": True, "true": True, "yes": True, "on": True}
_WORDS |= {"0": False, "false": False, "no": False, "off": False}
# Kubernetes sets such variables in every pod for a service named "detector".
_KUBERNETES = re.compile(
    r"DETECTOR_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of a site, and for each a description of where its value was set."""

    config: Config
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Given:
    """One value: how errors name it, and where it was set."""

    value: Any
    key: str
    source: str


Layer = dict[str, Given]


def gather(
    options: Mapping[str, Any] | None = None,
    framework: Layer | None = None,
    *,
    fallback: Mapping[str, Any] | None = None,
    fallback_title: str = "framework",
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Merge all sources; raises ConfigError.

    `options` are arguments by option name, `framework` comes from `prefixed` or `named`, `fallback`
    are the framework's defaults. `config` in any of them names the file.
    """
    layers = [
        arguments(options or {}),
        framework or {},
        environment(os.environ if environ is None else environ),
    ]
    files = [layer[FILE].value for layer in layers if FILE in layer]
    if file := next((file for file in files if file not in (None, "")), None):
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
        if name not in _KNOWN:
            raise ConfigError(unknown(name, _KNOWN))
    return {name: Given(v, _prefixed(name), f"argument {name}") for name, v in options.items()}


def prefixed(mapping: Mapping[str, Any], title: str) -> Layer:
    """Read the DETECTOR_* keys of a framework's configuration, which errors call `title`."""
    keys = [key for key in mapping if isinstance(key, str) and key.startswith(PREFIX)]
    return {_name(key, title): Given(mapping[key], key, f"{title} {key}") for key in keys}


def named(mapping: Mapping[str, Any], title: str) -> Layer:
    """Read a dict whose keys need no prefix, such as Django's settings.DETECTOR.

    Its keys are option names, in upper or lower case.
    """
    layer = {}
    for key, value in mapping.items():
        name = str(key).lower()
        if name not in _KNOWN or key not in (name, name.upper()):
            meant = _KNOWN if str(key).islower() else [n.upper() for n in _KNOWN]
            raise ConfigError(f"{title}: {unknown(str(key), meant)}")
        layer[name] = Given(value, f"{title}[{key!r}]", f"{title}[{key!r}]")
    return layer


def environment(environ: Mapping[str, str]) -> Layer:
    """Read the DETECTOR_* variables, converted to the option's type; empty ones are ignored."""
    layer = {}
    for key, text in environ.items():
        if not key.startswith(PREFIX) or not text.strip() or _KUBERNETES.fullmatch(key):
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


def toml(file: Any) -> Layer:
    """Read a TOML file of options; raises ConfigError with its name and the line."""
    text, table = load(file)
    if "sites" in table:
        raise ConfigError(
            f"{file} has several sites, which only detector serve --config {file} supports. "
            "Name a file that has the options themselves, without a table"
        )
    return options_of(table, file, text)


def load(file: Any) -> tuple[str, dict[str, Any]]:
    """Return a TOML file's text and its content; raises ConfigError."""
    if not isinstance(file, str | os.PathLike):
        raise ConfigError(f"{FILE} is {file!r}; allowed is the path of a TOML file")
    try:
        text = Path(file).read_text("utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        wrong = f"cannot be read ({error.strerror}): name another file, or fix its permissions"
    except UnicodeDecodeError:
        wrong = "is not UTF-8 text"
    except tomllib.TOMLDecodeError as error:
        wrong = f"is not TOML: {error}"
    raise ConfigError(f"{file} {wrong}")


def options_of(
    table: Mapping[str, Any], file: Any, text: str, header: str = "", also: Iterable[str] = ()
) -> Layer:
    """Read the options of one table; relative paths are resolved from the file's folder.

    `also` are names that the caller handles.
    """
    layer = {}
    for name, value in table.items():
        if name in also:
            continue
        where = place(text, file, name, header)
        if name not in OPTIONS:
            raise ConfigError(f"{where}: {unknown(name, [*OPTIONS, *also])}")
        if name in PATHS:
            value = beside(Path(file), value)
        layer[name] = Given(value, f"{name} ({where})", f"file {file}")
    return layer


def beside(file: Path, value: Any) -> Any:
    """Resolve a relative path in a TOML file from the file's folder; return others unchanged."""
    if not isinstance(value, str) or not value.strip():
        return value
    scheme, found, path = value.rpartition(":///")
    if value.startswith("~") or ("://" in value and scheme.lower() != "sqlite"):
        return value
    joined = file.absolute().parent / path
    return f"{scheme}:///{joined}" if found else str(joined)


def place(text: str, file: Any, name: str, header: str = "") -> str:
    """Return the file's name and, if found, the line of a key below a table's header."""
    table = ""
    key = re.compile(rf"""\s*["']?{re.escape(name)}["']?\s*[=.]""")
    for number, line in enumerate(text.splitlines(), 1):
        if opened := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            table = re.sub(r"""["'\s]""", "", opened[1])
        elif table == header and key.match(line):
            return f"{Path(file).name}, line {number}"
    return Path(file).name


def unknown(key: str, known: list[str]) -> str:
    """Return the error message for an unknown option, with the nearest known name."""
    folded = {name.lower(): name for name in known}
    found = difflib.get_close_matches(key.lower(), folded, n=1, cutoff=0.4)
    near = [folded[name] for name in found]
    if not near:
        return f"{key} is not an option of the detector; the options are {', '.join(sorted(known))}"
    return f"{key} is not an option of the detector; did you mean {near[0]}?"


def _name(key: str, title: str) -> str:
    known = [_prefixed(name) for name in _KNOWN]
    if key not in known:
        raise ConfigError(f"{title}: {unknown(key, known)}")
    return key.removeprefix(PREFIX).lower()


def _prefixed(name: str) -> str:
    return PREFIX + name.upper()
