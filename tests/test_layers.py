"""Which part of the package may import which; lazy and typing-only imports count too."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.imports import circles, graph, modules, top_level
from tests.support.lines import code_lines
from tests.support.root import ROOT

PACKAGE = ROOT / "detector"
DEPENDENCIES = {"itsdangerous", "user_agents", "ua_parser", "crawleruseragents"}
"""What the core may import beside the standard library: `dependencies` in pyproject.toml."""
ADAPTERS = ("flask", "wsgi", "asgi", "django")
MOST_MODULES = 62
MOST_LINES = 4268

PAGE_VIEW = """
import json, sys, tempfile
from flask import Flask
from detector.flask import Detector

agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
with tempfile.TemporaryDirectory() as folder:
    app = Flask("counted", instance_path=folder)
    # On a busy machine the first flush, which loads the store, came before the count.
    Detector(app, secret="a secret for tests, long enough", flush_seconds=60)
    app.route("/")(lambda: "<!doctype html><html><head></head><body></body></html>")
    client, site = app.test_client(), app.extensions["detector"]
    assert b"<script" in client.get("/", headers=agent).data
    ours, page = f"/{site.names.prefix}/", site.tokens.page("/")
    control = f"{ours}{site.tagger.file()}on?v={'1' * 20}&p={page}&w=false"
    told = client.get(control, headers=agent).get_json()
    assert client.get(ours + told["b"][0][2] + told["t"], headers=agent).status_code == 200
    report = {"t": told["t"], "p": page, "s": "clear", "i": "", "f": []}
    assert client.post(ours + told["r"], json=report, headers=agent).status_code == 204
    loaded = list(sys.modules)
    site.close()
print(json.dumps([name for name in loaded if name.partition(".")[0] == "detector"]))
"""


def test_no_circles() -> None:
    """No module reaches itself by imports."""
    assert circles(graph(PACKAGE)) == []


def test_circles_are_found() -> None:
    """A cycle of three is found, and paths that only join again are none."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) == []


def test_lazy_and_typing_imports_are_seen(tmp_path: Path) -> None:
    """An import in a function and one for types alone count as any other."""
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text("def f():\n    from pack import two\n")
    typing = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pack.one import f\n"
    (package / "two.py").write_text(typing)
    assert circles(graph(package)) == [["pack.one", "pack.two"]]


def test_the_core_stands_alone() -> None:
    """The core imports itself, its four dependencies and the standard library."""
    assert list(_beyond(graph(PACKAGE))) == []


@pytest.mark.parametrize("name", ["detector.stores.sqlite.store", "detector.cli.main", "flask"])
def test_an_import_beyond_the_core_is_found(name: str) -> None:
    """An import of an extra in any module of the core is named."""
    module = "detector.core.site"
    changed = {**graph(PACKAGE), module: {*graph(PACKAGE)[module], name}}
    assert list(_beyond(changed)) == [f"{module} imports {name}"]


def _beyond(found: Mapping[str, set[str]]) -> Iterator[str]:
    for module, imported in sorted(found.items()):
        if module.startswith("detector.core"):
            for name in sorted(imported):
                outside = top_level(name) not in {*DEPENDENCIES, *sys.stdlib_module_names}
                # The package itself runs before any module of it, and has the version.
                ours = name == "detector" or name.startswith("detector.core")
                if outside and not ours:
                    yield f"{module} imports {name}"


def test_nobody_imports_the_command_line() -> None:
    """Only commands import commands."""
    for module, imported in graph(PACKAGE).items():
        if not module.startswith("detector.cli"):
            assert not [name for name in imported if name.startswith("detector.cli")], module


def test_adapters_stand_on_the_core() -> None:
    """The modules that a site imports do not import those of the extras."""
    for module, imported in graph(PACKAGE).items():
        if module.split(".")[1:2] and module.split(".")[1] in ADAPTERS:
            ours = {name for name in imported if name.startswith("detector.")}
            inner = {n for n in ours if n.split(".")[1] in ("core", *ADAPTERS)}
            assert ours == inner, module


def test_what_a_page_loads_stays_small(record_property: Callable[[str, object], None]) -> None:
    """A Flask page with one control, bait and report loads no more than this before a flush."""
    done = subprocess.run(
        [sys.executable, "-c", PAGE_VIEW], cwd=ROOT, check=True, capture_output=True, text=True
    )
    loaded = json.loads(done.stdout)
    files = modules(PACKAGE)
    lines = {name: len(code_lines(files[name].read_text("utf-8"))) for name in loaded}
    with_code = [name for name in loaded if lines[name]]
    total = sum(lines.values())
    print(
        f"a Flask page with a SQLite store loads {len(with_code)} modules with code "
        f"(and {len(loaded) - len(with_code)} that only name a package), {total} lines of code"
    )
    record_property("modules", len(with_code))
    record_property("lines", total)
    allowed = ("detector.core", "detector.flask", "detector.wsgi", "detector.stores")
    assert [n for n in loaded if n != "detector" and not n.startswith(allowed)] == []
    assert len(with_code) <= MOST_MODULES
    assert total <= MOST_LINES
