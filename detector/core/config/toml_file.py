"""Reads options from a TOML file; loaded only where one is named."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from detector.core.config.layer import FILE, OPTIONS, Given, Layer, unknown
from detector.core.errors import ConfigError

PATHS = ("store", "baits_file", "switch_file")
"""The options whose relative paths are resolved from the file's folder."""


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
