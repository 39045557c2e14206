"""Which module of a package imports which, read from its text."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path


def modules(package: Path) -> dict[str, Path]:
    """Return the files of a package by their dotted names."""
    found = {}
    for file in package.rglob("*.py"):
        parts = file.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


@cache
def graph(package: Path) -> dict[str, set[str]]:
    """Return the dotted names that each module imports, anywhere in its source."""
    files = modules(package)
    return {
        name: {_nearest(one, files) for one in _imported(file)} - {name}
        for name, file in files.items()
    }


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _nearest(name: str, files: Mapping[str, Path]) -> str:
    """Return the module that defines an imported name; names outside the package unchanged."""
    if name in files:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in files else name


def top_level(name: str) -> str:
    """Return the package that a dotted name begins with."""
    return name.partition(".")[0]


def circles(found: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that reach each other, each sorted (Tarjan's algorithm)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in sorted(found[name]):
            if other not in found:
                continue
            if other not in number:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], number[other])
        if low[name] == number[name]:
            group = stack[stack.index(name) :]
            del stack[-len(group) :]
            if len(group) > 1:
                groups.append(sorted(group))

    for name in sorted(found):
        if name not in number:
            visit(name)
    return sorted(groups)
