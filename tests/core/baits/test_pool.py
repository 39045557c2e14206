"""The option `baits_file`: the owner's own pool, checked when the site starts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from detector.core.baits import age, pool
from detector.core.baits.pool import SLOTS, keywords
from detector.core.config.loading import make_config
from detector.core.errors import ConfigError
from detector.core.site import Site
from tests.conftest import SECRET

SHIPPED = json.loads(Path(pool.__file__).with_name("pool.json").read_text("utf-8"))


def requests(*entries: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Return a pool's requests from rules, types and paths."""
    return [
        {"rule": rule, "type": kind, "path": path, "everywhere": True}
        for rule, kind, path in entries
    ]


ONE_FAMILY = requests(
    ("one", "script", "ads/{w}.js"),
    ("two", "image", "{w}/header.png"),
    ("ad", "fetch", "ad/x.json"),
)
ONE_RULE = requests(("one", "script", "lane/{w}.js"), ("two one", "fetch", "{w}/spot.json"))
ONE_TYPE = requests(("one", "script", "lane/{w}.js"), ("two", "script", "{w}/spot.js"))
(LONE,) = requests(("one", "fetch", "plain/x"))
SAME = SHIPPED["requests"] + requests(
    ("one", "script", "plain/x.js?"), ("two", "script", "plain/x.js?y=")
)
# As pools were made before baits had families: one rule each, and `ads` in most of the paths.
OLD = requests(
    ("delivery", "script", "www/delivery/{w}.js"),
    ("adx", "script", "{w}/jquery.adx.js?"),
    ("curveball", "image", "curveball/ads/{w}.png"),
) + [
    {**entry, "everywhere": False}
    for entry in requests(
        ("728x90-dash", "image", "{w}-728x90.png"),
        ("468x60", "fetch", "{w}-468x60.json"),
        ("adverts", "script", "adverts/{w}.js"),
    )
]


@pytest.fixture
def own(tmp_path: Path) -> Callable[[Any], str]:
    """Return a function that writes a pool's file: JSON, or a text as it is."""

    def own(data: Any) -> str:
        file = tmp_path / "own.json"
        file.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
        return str(file)

    return own


def changed(**change: Any) -> dict[str, Any]:
    """Return the shipped pool's JSON with some keys replaced."""
    return {**SHIPPED, **change}


def with_request(**change: Any) -> dict[str, Any]:
    """Return the shipped pool's JSON with its first request changed."""
    return changed(requests=[{**SHIPPED["requests"][0], **change}, *SHIPPED["requests"][1:]])


def test_empty_is_the_one_that_ships() -> None:
    """Without the option the pool of the package is used."""
    assert make_config(secret=SECRET).baits_file == ""
    assert pool.load("") is pool.load()


def test_site_uses_its_own_pool(own: Callable[[Any], str], make_site: Callable[..., Site]) -> None:
    """A site whose option names a pool picks its baits from that pool alone."""
    elements = [f"lane-{number}" for number in range(50)]
    site = make_site(baits_file=own(changed(elements=elements)))
    (baits,) = site.baits.values()
    assert {name for day in range(200) for name in baits.choose(day).elements} == set(elements)


def test_baits_of_its_own_pool_are_switched_off(own: Callable[[Any], str]) -> None:
    """The option `without_baits` names paths of that pool, and none of the package's."""
    file = own(changed(requests=OLD))
    for path in ("www/delivery/{w}.js", "{w}/jquery.adx.js", "{w}/jquery.adx.js?"):
        config = make_config(secret=SECRET, baits_file=file, without_baits=[path])
        assert config.without_baits == (path,)
        with pytest.raises(ConfigError, match="which is not a request bait of the pool"):
            make_config(secret=SECRET, without_baits=[path])


def test_switching_off_too_many_or_a_wrong_one() -> None:
    """The error says what is left, or which bait was probably meant."""
    shipped = pool.load()
    with pytest.raises(
        pool.PoolError, match=r"which is not a request bait .*; did you mean \S+\?$"
    ):
        pool.switched_off(shipped, ["300x250-x.js"])
    with pytest.raises(pool.PoolError) as error:
        pool.switched_off(shipped, [entry.path for entry in shipped.requests])
    assert str(error.value) == (
        "leaves no two baits without a common rule or keyword, and a verdict needs two; "
        "switch off fewer, or fix what refuses them: detector doctor URL"
    )


def test_what_just_does(own: Callable[[Any], str]) -> None:
    """Forty classes are enough; each entry has its own word, so a query tells two apart."""
    twins = requests(("a", "script", "{w}/one.js?"), ("b", "script", "{w}/one.js?x="))
    data = changed(elements=SHIPPED["elements"][:40], requests=[*SHIPPED["requests"], *twins])
    assert len(pool.load(own(data)).requests) == len(SHIPPED["requests"]) + 2


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ("", "is not JSON (line 1: "),
        ('{\n"date": }', "is not JSON (line 2: "),
        ("[" * 100_000, "cannot be read ("),
        ([], ".json is not a pool: it must be an object with date, requests and elements;"),
        ({}, "has the date None"),
        (changed(date="yesterday"), "has the date 'yesterday', not one like 2026-01-31"),
        (changed(date="2026-02-30"), "cannot be read ("),
        (changed(requests={}), ".json is not a pool: its requests and elements must be lists;"),
        (changed(requests=SAME), "names 'plain/x.js' twice in its requests"),
        (changed(requests=[*ONE_TYPE, LONE, LONE]), "names 'plain/x' twice in its requests"),
        (changed(elements="ad"), "its requests and elements must be lists"),
        (changed(requests=["x"]), "has requests[0] 'x', which must have only rule, type, path"),
        (with_request(more=1), "which must have only rule, type, path and everywhere"),
        (with_request(rule=""), "has requests[0].rule '', which must be a text"),
        (with_request(type="audio"), "'audio'; allowed are script, image and fetch"),
        (with_request(type=["script"]), "allowed are script, image and fetch"),
        (with_request(everywhere=1), "has requests[0].everywhere 1; allowed are true and false"),
        (with_request(path="/x.js"), "has requests[0].path '/x.js', which is not a path"),
        (with_request(path="a/../x.js"), "which is not a path"),
        (with_request(path="a//x.js"), "which is not a path"),
        (with_request(path="{x}/a.js"), "which is not a path"),
        (with_request(path="a.js?b=c"), "which is not a path"),
        (with_request(path="a.js\n"), "which is not a path"),
        (with_request(path=7), "which is not a path"),
        (with_request(path=SHIPPED["requests"][1]["path"]), "twice in its requests"),
        (changed(elements=["a b"]), "has elements[0] 'a b', which is not a class name"),
        (changed(elements=[7]), "has elements[0] 7, which is not a class name"),
        (changed(elements=["lane", "lane"]), "names 'lane' twice in its elements"),
        (changed(elements=[]), "has 0 element classes, not 40"),
        (changed(requests=[]), "has one family of request baits only"),
        (changed(requests=ONE_FAMILY), "has one family of request baits only: no two share"),
        (changed(requests=ONE_RULE), "has one family of request baits only: no two share"),
        (changed(requests=ONE_TYPE), "has no bait of the type fetch"),
    ],
)
def test_bad_pool_stops_the_start(own: Callable[[Any], str], data: Any, wrong: str) -> None:
    """The error for an unusable pool names the option, the file, the fault and the fix."""
    file = own(data)
    with pytest.raises(ConfigError) as error:
        make_config(secret=SECRET, baits_file=file)
    text = str(error.value)
    assert text.startswith(f"DETECTOR_BAITS_FILE: {file} ")
    assert wrong in text
    assert "create it again: detector baits pick LIST... --brave LIST --out" in text
    assert "leave DETECTOR_BAITS_FILE empty" in text


DAY = 86400.0
MADE = date(2026, 1, 31)


@pytest.fixture
def aging(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the age from which a pool is old, which tests of anything else switch off."""
    monkeypatch.setattr(pool, "FRESH_DAYS", 120)


@pytest.mark.usefixtures("aging")
@pytest.mark.parametrize(("days", "old"), [(-20_484, 0), (-1, 0), (0, 0), (120, 0), (121, 1)])
def test_old_pool_warns_once(
    own: Callable[[Any], str], caplog: pytest.LogCaptureFixture, days: int, old: int
) -> None:
    """A pool older than 120 days warns once for all sites; one with a date to come does not."""
    age._log.cache_clear()
    config = make_config(secret=SECRET, baits_file=own(changed(date=MADE.isoformat())))
    now = (MADE - date(1970, 1, 1)).days * DAY + days * DAY
    for name in ("one", "two"):
        Site(config, lambda: now, name=name).close()
    said = [one.getMessage() for one in caplog.records if "pool of baits" in one.getMessage()]
    assert len(said) == old
    for text in said:
        assert "of 2026-01-31 is 121 days old" in text
        assert "baits_file" in text


@pytest.mark.usefixtures("aging")
def test_what_an_old_pool_is_told() -> None:
    """From the 121st day on the text says what to do."""
    made = pool.Pool("1970-01-02", (), ())
    assert age.outdated(made, 121 * DAY + DAY - 1) == ""
    assert age.outdated(made, 122 * DAY) == (
        "the pool of baits of 1970-01-02 is 121 days old by this machine's clock, and lists drop "
        "rules; check it with: detector baits check, or take a newer pool without an upgrade of "
        "the package: a file made by detector baits pick, named in the option baits_file"
    )


def test_age_of_the_package() -> None:
    """Outside the tests a pool is old after 120 days."""
    source = Path(pool.__file__).read_text("utf-8")
    assert "\nFRESH_DAYS = 120\n" in source


@pytest.mark.parametrize("value", [7, None, ["own.json"]])
def test_value_that_is_no_path(value: Any) -> None:
    """The option's value must be a string."""
    with pytest.raises(ConfigError, match=r"DETECTOR_BAITS_FILE is .*the path of a pool"):
        make_config(secret=SECRET, baits_file=value)


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    """The error says whether the file is missing, a folder, or not text."""
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff")
    for name, wrong in (
        *(("none", "No such file"), (".", "directory"), ("picture", "picture is not UTF-8 text;")),
    ):
        with pytest.raises(ConfigError, match=rf"DETECTOR_BAITS_FILE: .*{wrong}"):
            make_config(secret=SECRET, baits_file=str(tmp_path / name))
    with pytest.raises(ConfigError, match=r"DETECTOR_BAITS_FILE: .*cannot be read"):
        make_config(secret=SECRET, baits_file="nul\0l")


def test_pool_from_before_families(
    own: Callable[[Any], str], make_site: Callable[..., Site]
) -> None:
    """A pool from before baits had families loads; a day has as many as share no keyword."""
    site = make_site(baits_file=own(changed(requests=OLD)))
    (baits,) = site.baits.values()
    for day in range(50):
        chosen = [entry for entry, _ in baits.choose(day).requests]
        assert 3 <= len(chosen) <= 4 < len(SLOTS)
        assert sum("ad" in bait.path for bait in chosen) == 1


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("{w}/ad/x1.js", {"ad"}),
        ("ads/{w}.png", {"ad", "ads"}),
        ("{w}/Header-{w}.js", {"ad", "hea", "ead", "ade", "der"}),
        ("728x90-{w}/{w}_728x90.{w}.json", {"728", "28x", "8x9", "x90"}),
        ("{w}/ads?client=", {"ad", "ads", "cli", "lie", "ien", "ent"}),
        ("tag.js/{w}.js", {"tag"}),
        ("{w}/x.js", set()),
    ],
)
def test_keywords(path: str, found: set[str]) -> None:
    """Keywords are three characters in a row and `ad`, without neutral words and extensions."""
    assert keywords(path) == found
