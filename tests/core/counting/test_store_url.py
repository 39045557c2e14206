"""A store stands in one table, beside its own package and its extra in pyproject.toml."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest

from detector.core.config.loading import make_config
from detector.core.counting import store_url
from detector.core.counting.store_url import (
    KINDS,
    STORES,
    StoreKind,
    check_url,
    load_driver,
    open_store,
    scheme_of,
)
from detector.core.site import Site
from tests.conftest import SECRET
from tests.support.root import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
each_store = pytest.mark.parametrize("kind", STORES, ids=lambda kind: kind.schemes[0])


class InventedStore:
    """A store that notes what it was made from."""

    def __init__(self, url: str, *, readonly: bool = False) -> None:
        self.made_from = (url, readonly)


@each_store
def test_a_store_has_its_class(kind: StoreKind) -> None:
    """The dotted name of each store leads to a class in its own package."""
    module, _, name = kind.store.partition(":")
    file = ROOT / f"{module.replace('.', '/')}.py"
    tree = ast.parse(file.read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


@each_store
def test_a_store_has_its_extra(kind: StoreKind) -> None:
    """A store that needs a driver names the extra that installs it, and `dev` has it too."""
    assert bool(kind.driver) == bool(kind.extra)
    if kind.extra:
        assert any(re.match(rf"{kind.driver}\b", need) for need in EXTRAS[kind.extra])
        ours = next(need for need in EXTRAS["dev"] if need.startswith("adblock-detector["))
        assert kind.extra in re.split(r"[\[\],]", ours)


@each_store
def test_a_store_is_documented(kind: StoreKind) -> None:
    """The reference has a row for each store, with its extra; errors show its URLs."""
    page = ROOT / "docs/reference/stores.md"
    table = page.read_text("utf-8").partition("| option `store` |")[2].partition("\n\n")[0]
    rows = [row for row in table.splitlines() if f"{kind.schemes[0]}:" in row]
    assert rows, f"add {kind.schemes[0]} to the table of stores in {page.name}"
    assert all(f"`[{kind.extra}]`" in row for row in rows if kind.extra)
    with pytest.raises(ValueError, match="no store is known") as raised:
        check_url("invented://host")
    assert kind.examples and all(url in str(raised.value) for url in kind.examples)


def test_every_package_of_stores_is_in_the_table() -> None:
    """No package below detector/stores is left out of the table."""
    packages = {file.parent.name for file in (ROOT / "detector/stores").glob("*/__init__.py")}
    assert {kind.store.split(".")[2] for kind in STORES} == packages


@each_store
def test_examples_are_urls_that_are_taken(kind: StoreKind) -> None:
    """The URLs that errors and documents show are good ones."""
    for url in kind.examples:
        check_url(url)


def test_a_store_needs_no_other_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of the table is enough to open a store by its URL."""
    name = f"{InventedStore.__module__}:{InventedStore.__name__}"
    kind = StoreKind(("invented",), name, ("invented://host",), "json", "invented")
    monkeypatch.setattr(store_url, "KINDS", {**KINDS, "invented": kind})
    store: object = open_store("invented://user@host/a", readonly=True)
    assert isinstance(store, InventedStore)
    assert store.made_from == ("invented://user@host/a", True)


@pytest.mark.parametrize("url", ["a/b.db", "sqlite:///a/b.db", "SQLite:///a/b.db"])
def test_a_file_is_opened_by_its_path(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store in a file is given the path, and may write unless it is opened to read."""
    name = f"{InventedStore.__module__}:{InventedStore.__name__}"
    monkeypatch.setattr(store_url, "KINDS", {"sqlite": StoreKind(("sqlite",), name, ())})
    store: object = open_store(url)
    assert isinstance(store, InventedStore)
    assert store.made_from == ("a/b.db", False)


def test_a_driver_is_loaded_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site loads the driver of its server at its start, and starts while the server is away."""
    loaded: list[str] = []
    monkeypatch.setattr(store_url, "import_module", loaded.append)
    for store in ("redis://127.0.0.1:1", "counts.sqlite"):
        Site(make_config(secret=SECRET, store=store)).close()
    assert loaded == ["detector.stores.redis.store"]


def test_a_driver_that_fails_stops_no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that is found, but cannot be imported, is left for the first flush to log."""
    kind = StoreKind(("invented",), "no.such.module:Store", (), "json", "invented")
    monkeypatch.setattr(store_url, "KINDS", {**KINDS, "invented": kind})
    load_driver("invented://host")
    with pytest.raises(ImportError):
        open_store("invented://host")


GOOD = (
    "allowed are a file path, sqlite:///relative/path, sqlite:////absolute/path, "
    "postgresql://user@host/database, redis://host:6379/0 and redis+cluster://host:6379"
)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://host/db", "no store is known for 'mysql://host/db'"),
        ("mysql://user:hun7er@host/db", "no store is known for 'mysql://user@host/db'"),
        ("redis://:6379/0", "'redis://:6379/0' names no host and port"),
        ("sqlite://counts.db", "'sqlite://counts.db' needs three slashes or four"),
        ("", "'' names no file"),
        (" ", "' ' names no file"),
        ("a\0b", r"'a\x00b' names no file"),
        (":memory:", "':memory:' names no file"),
        ("sqlite:///", "'sqlite:///' names no file"),
        ("sqlite:///:memory:", "'sqlite:///:memory:' names no file"),
        ("host=h password=hun7er", "'host=h password=…' holds a password and names no store"),
        ("postgres:user:hun7er@host", "'…' holds a password and names no store"),
    ],
)
def test_a_refused_url_is_explained(url: str, problem: str) -> None:
    """The error says what is wrong, without a password, and shows URLs that are good."""
    with pytest.raises(ValueError) as raised:
        check_url(url)
    assert str(raised.value) == f"option store: {problem}; {GOOD}"


@pytest.mark.parametrize("path", ["a@b.sqlite", "a=b.sqlite", "sqlite:////srv/me@site/a=b"])
def test_a_path_may_have_signs_of_passwords(path: str) -> None:
    """A file's name that only looks like one with a password is good."""
    check_url(path)


def test_a_missing_driver_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install, and shows the URL without its password."""
    kind = StoreKind(("invented",), "a:B", ("invented://host",), "no_such_driver", "invented")
    monkeypatch.setattr(store_url, "KINDS", {**KINDS, "invented": kind})
    with pytest.raises(ValueError) as raised:
        check_url("invented://user:hun7er@host")
    assert str(raised.value) == (
        "option store: 'invented://user@host' needs no_such_driver: "
        "pip install 'adblock-detector[invented]'"
    )


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("counts.sqlite", "sqlite"),
        ("sqlite:///counts.sqlite", "sqlite"),
        ("C:\\counts.sqlite", "sqlite"),
        ("PostgreSQL://host/db", "postgresql"),
        ("redis+cluster://host", "redis+cluster"),
    ],
)
def test_the_scheme_names_the_store(url: str, scheme: str) -> None:
    """A URL names its kind of store in any case; anything else is a file."""
    assert scheme_of(url) == scheme
