"""`detector baits pick`: a pool picked from the given lists."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import pytest

from detector.cli.main import main
from detector.core.baits import pool
from detector.core.baits.pool import Pool, Type
from detector.core.baits.site_baits import Baits
from detector.core.served_names import ServedNames
from detector.filter_lists.candidates import fragility, is_class, joined, path_for, word_for
from detector.filter_lists.check import check
from detector.filter_lists.fetch import Source, read_all
from detector.filter_lists.matcher import Matcher
from detector.filter_lists.odds import SiteDays, live
from detector.filter_lists.pick import ELEMENTS, dump, pick
from tests.core.baits.test_site_baits import BURNT
from tests.support.lists import debian, shared

Capture = pytest.CaptureFixture[str]
FOLDERS = ("river", "meadow", "harbour", "lantern", "orchid", "pebble", "kitten", "window", "jumpy")
SIZES = ("728x90", "468x60", "300x250", "336x280")
CLASSES = [f"##.{folder}-{number}" for folder in FOLDERS for number in range(8)]
# A list like EasyList, and one like Brave's with part of its rules.
FULL = [
    *(f"/{word}/*$script" for word in FOLDERS),
    *(f"/{word}-img.$image" for word in FOLDERS),
    *(f"{mark}{size}." for size in SIZES for mark in "-_/"),
    "/quiz/data?id=",
    *CLASSES,
]
BRAVE = [*FULL[:6], *FULL[15:18], *CLASSES[:50]]


def source(label: str, lines: list[str]) -> Source:
    """Return a list of these lines."""
    return Source(f"{label}.txt", label, tuple(lines), len(lines), 0)


def made(full: list[str], *more: list[str], brave: list[str] = BRAVE) -> Pool:
    """Pick from a list, further lists and Brave's."""
    lists = [source(f"list{number}", lines) for number, lines in enumerate([full, *more])]
    return pick(Matcher([*lists, source("brave", brave)]), "brave", "2026-01-31")


def paths(found: Pool) -> str:
    """Return all paths as one text."""
    return " ".join(request.path for request in found.requests)


def test_real_lists_give_a_pool_that_lives(tmp_path: Path, capsys: Capture) -> None:
    """A pool from the default lists suits every site on every day, and passes the check."""
    lists = [debian()[0], debian()[2]]
    brave, out = tmp_path / "brave.txt", tmp_path / "own.json"
    # Like Brave's own, it has part of EasyList.
    everywhere = [request for request in pool.load().requests if request.everywhere]
    matcher = Matcher(read_all([str(lists[0])]))
    hits = check(matcher, pool.load(), ["a secret of a sample site"]).requests
    rules = [f.hits[0].rule for f in hits if f.request in everywhere]
    brave.write_text("\n".join([*rules, *(f"##.{n}" for n in pool.load().elements)]), "utf-8")
    arguments = ["baits", "pick", *map(str, lists), "--brave", str(brave), "--out", str(out)]
    assert main(arguments) == 0
    assert "set the option baits_file" in capsys.readouterr().out
    assert (
        main(["baits", "check", "--baits-file", str(out), *map(str, lists), "--brave", str(brave)])
        == 0
    )
    assert "Result    good" in capsys.readouterr().out
    found = pool.load(str(out))
    assert set(json.loads(out.read_text("utf-8"))) == {"date", "about", "requests", "elements"}
    assert len(found.elements) == ELEMENTS
    chosen_well(found)
    nothing_burnt(found)


def test_further_lists_give_a_pool_too(tmp_path: Path, capsys: Capture) -> None:
    """From all real lists at once: every bait is matched by both EasyList and AdGuard's list."""
    more = shared()
    lists = [debian()[0], debian()[2], more["adguard-base"]]
    matcher = Matcher(read_all(map(str, [*lists, more["brave-firstparty"]])))
    found = pick(matcher, "brave-firstparty", "2026-01-31")
    result = check(matcher, found, ["a secret of a sample site"], "brave-firstparty")
    assert result.problems == ()
    for finding in (*result.requests, *result.elements):
        assert {"easylist", "adguard-base"} <= {mark.list for mark in finding.hits}
        assert finding.spared == ()
    assert result.same_rule == ()
    chosen_well(found)
    nothing_burnt(found)


def chosen_well(found: Pool) -> None:
    """Check that many sites find enough baits on many days."""
    for n in range(30):
        site = Baits(ServedNames(f"secret of site number {n}"), found)
        for day in range(20):
            choice = site.choose(day, again=day % 2 == 1)
            chosen = [found.requests[bait.number] for bait, _ in choice.requests]
            assert len(chosen) == 6
            assert all(one.marks.isdisjoint(two.marks) for one, two in combinations(chosen, 2))
            assert chosen[0].everywhere
            assert all(site.find(b.path.partition("?")[0]) == b for p in choice.requests for b in p)


def nothing_burnt(found: Pool) -> None:
    """Check that no published bait is in a pool."""
    assert not BURNT & set(found.elements)
    assert not re.search(r"prebid|fuckad|block|adsbygoogle", paths(found), re.IGNORECASE)


def test_same_lists_same_pool() -> None:
    """The same lists give the same pool, whatever their order."""
    assert made(FULL) == made(FULL)
    assert dump(made(FULL, FULL[:40])) == dump(made(FULL[:40], FULL))


def test_small_lists_give_a_pool() -> None:
    """Rules become paths of all types; those in Brave's list act everywhere."""
    found = made(FULL)
    assert pool.shortage(found) == SiteDays(found).lacks() == ""
    everywhere = {r.path for r in found.requests if r.everywhere}
    assert any(path.startswith("river/") for path in everywhere)
    assert any(path.endswith("-img.png") for path in everywhere)
    assert not any("x" in path for path in everywhere)
    assert {r.type for r in found.requests if "300x250" in r.path} == {"script", "image", "fetch"}
    assert set(found.elements) == {name[3:] for name in CLASSES}


def test_sizes_come_first_and_are_stacked() -> None:
    """A bait falls to three rules of one size, or of several families where it acts everywhere."""
    found = made(FULL)
    sized = [r for r in found.requests if not r.everywhere]
    assert {r.rule for r in sized} == {*SIZES}
    result = check(Matcher([source("full", FULL)]), found, ["a secret of a sample site"])
    hits = {f.name: {mark.rule for mark in f.hits} for f in result.requests}
    assert all(len(hits[r.path]) == 3 for r in sized)
    assert max(len(hits[r.path]) for r in found.requests if r.everywhere) == 3


def test_one_of_three_rules_is_enough() -> None:
    """When lists drop two rules of three, every bait of the pool still lives."""
    gone = [line for line in FULL if not re.match(r"[-_]\d+x", line)]
    days = SiteDays(found := made(FULL))
    left = live(Matcher([source("later", gone)]), found)
    assert days.odds(*left).requests == 1
    assert {n for n, r in enumerate(found.requests) if not r.everywhere} <= left[0]


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("@@/river/", "river"),
        ("@@/river/*$script,1p", "river"),
        ("/river/*$script,redirect=noop.js", "river"),
        ("/river/*$script,badfilter", "river"),
        ("@@_300x250.", "_300x250"),
        ("#@#.river-0", "river-0"),
        ("##.river-0:not(.adsbox)", "river-0"),
    ],
)
def test_spared_names_are_left_out(line: str, gone: str) -> None:
    """Anything that a list exempts, monitors or replaces by a stand-in is no bait."""
    before, after = made(FULL), made(FULL, [line])
    if "#" in line:
        assert gone in before.elements
        assert gone not in after.elements
    else:
        assert gone in paths(before)
        assert gone not in paths(after)
        assert pool.shortage(after) == SiteDays(after).lacks() == ""


def test_names_in_more_lists_come_first() -> None:
    """Of names that last as long, those in two lists are preferred to those in one."""
    more = ["-640x80.", "/640x80.", "_640x80."]
    found = made([*FULL[:18], *more, *FULL[18:]], FULL[18:], CLASSES[60:])
    assert [r.rule for r in found.requests if r.type == "fetch"][-1] == "640x80"
    assert set(found.elements[:10]) <= {name[3:] for name in CLASSES}


def test_classes_that_live_longer_come_first() -> None:
    """First come classes in Brave's list, and those that are exempted on one site alone."""
    site = ["lane.example#@#.window-3", "lane.example#@#.window-4", "spot.example#@#.window-4"]
    both = made([*FULL, *site], brave=[*FULL[:6], *FULL[15:18]]).elements
    assert both[0] == "window-3"
    assert "window-4" in both[1:]
    assert set(made(FULL, FULL).elements[:50]) == {name[3:] for name in CLASSES[:50]}


def test_rules_that_fall_together_are_in_one_family() -> None:
    """No two baits of a day fall to one rule, also where its pattern shows no common keyword."""
    full = [*FULL, "/(728x90|468x60)/$image"]
    found = made(full)
    matcher = Matcher([source("full", full), source("brave", BRAVE)])
    assert check(matcher, found, ["a secret of a sample site"]).same_rule == ()
    images = {r.rule for r in found.requests if r.type == "image"}
    assert len(images & {"728x90", "468x60"}) == 1


def test_too_few(tmp_path: Path, capsys: Capture) -> None:
    """Lists with too few baits are status 1; the message says what is missing."""
    full, brave, out = tmp_path / "full.txt", tmp_path / "brave.txt", tmp_path / "own.json"
    full.write_text("\n".join(FULL), "utf-8")
    brave.write_text("||host.example^\n", "utf-8")
    assert main(["baits", "pick", str(full), "--brave", str(brave), "--out", str(out)]) == 1
    err = capsys.readouterr().err
    assert "on some days only 3 of 6 request baits share no keyword" in err
    assert "name more lists" in err
    assert not out.exists()


def test_output(tmp_path: Path, capsys: Capture) -> None:
    """Without --out the pool is printed; a file is replaced as a whole, or an error is printed."""
    full, brave, out = tmp_path / "full.txt", tmp_path / "brave.txt", tmp_path / "own.json"
    full.write_text("\n".join(FULL), "utf-8")
    brave.write_text("\n".join(BRAVE), "utf-8")
    out.write_text("old", "utf-8")
    arguments = ["baits", "pick", str(full), "--brave", str(brave)]
    assert main([*arguments, "--out", str(out)]) == 0
    capsys.readouterr()
    assert main(arguments) == 0
    assert capsys.readouterr().out == out.read_text("utf-8")
    read, direct = pool.load(str(out)), made(FULL)
    assert (read.requests, read.elements) == (direct.requests, direct.elements)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["brave.txt", "full.txt", "own.json"]
    assert main([*arguments, "--out", str(tmp_path / "none" / "own.json")]) == 2
    assert "--out: " in (err := capsys.readouterr().err)
    assert "cannot be written (No such file or directory)" in err


@pytest.mark.parametrize(
    ("pattern", "kind", "path"),
    [
        ("/lane/*", "script", "lane/{w}.js"),
        ("/lane/adz.", "image", "{w}/lane/adz.png"),
        ("/lane/ads.js", "script", None),
        ("/lane/adz.js", "script", "{w}/lane/adz.js"),
        ("-lane-ads.", "fetch", "{w}-lane-ads.json"),
        ("_lane_", "script", "{w}_lane_{w}.js"),
        ("/lane-", "script", "lane-{w}.js"),
        ("/lane", "image", "lane/{w}.png"),
        ("lane_ads.js^", "script", "{w}/lane_ads.js"),
        ("*/lane/*", "script", "lane/{w}.js"),
        ("/lane?id=", "fetch", "{w}/lane?id="),
        ("/lane?", "fetch", "{w}/lane?"),
        ("/lane.js", "image", None),
        ("/lane.php", "script", None),
        ("/lane?id=", "script", None),
        ("/lane?id", "fetch", None),
        ("/lane/*/ads/", "script", None),
        ("/lane^ads/", "script", None),
        ("/lane.js|", "script", None),
        ("|https://lane/", "script", None),
        ("://lane/", "script", None),
        ("&lane=", "fetch", None),
        (".com/lane/", "script", None),
        ("/.lane/", "script", None),
        ("/la..ne/", "script", None),
        ("/lane//ads/", "script", None),
        ("/wp-content/lane/", "script", None),
        ("/prebid-lane.", "script", None),
        ("/adblock-lane.", "script", None),
        ("/ads.", "script", None),
        ("", "script", None),
        ("*", "script", None),
    ],
)
def test_path_for_a_rule(pattern: str, kind: Type, path: str | None) -> None:
    """A rule's pattern becomes a path with the type's extension and a neutral word, or none."""
    assert path_for(pattern, kind) == path


@pytest.mark.parametrize(
    ("names", "path"),
    [
        ([("{w}/lane.js", "/lane.js")], "{w}/lane.js"),
        ([("spot/{w}.js", "/spot/"), ("{w}/lane.js", "/lane.js")], "{w}/spot/lane.js"),
        ([("{w}/lane.js", "/lane.js"), ("{w}/spot.js", "/spot.")], "{w}/lane.js/spot.js"),
        ([("{w}-1x2.js", "-1x2."), ("{w}_1x2.js", "_1x2.")], "{w}-1x2.{w}/{w}_1x2.js"),
        ([("lane-{w}.js", "/lane-*"), ("spot/{w}.js", "/spot/*")], "lane-{w}/spot/{w}.js"),
        ([("{w}/a/lane.js", "/a/lane^"), ("spot/{w}.js", "/spot/")], "a/lane/spot/{w}.js"),
    ],
)
def test_names_stacked_in_one_path(names: list[tuple[str, str]], path: str) -> None:
    """A path contains every name as its rule wants it, and at least one neutral word."""
    assert joined(names) == path


def test_sizes_are_the_least_fragile() -> None:
    """Sizes come before whole file names, and those before folders, parts of names and queries."""
    order = ["{w}_728x90.js", "{w}/lane.js", "lane/{w}.js"]
    assert [fragility(path) for path in order] == [0, 1, 2]
    assert fragility("{w}-lane.js") == fragility("{w}/lane?id=") == 2


def test_words_for_rules() -> None:
    """Rules that differ only in punctuation or a final number have the same word."""
    assert word_for("/lane/ads-*") == word_for("_lane_ads2.") == "lane-ads"
    assert word_for("-468x60.") == "468x60"


@pytest.mark.parametrize(
    ("name", "good"),
    [
        *((".side-lane-ad", True), (".laneAd", True), ("#laneAd", False), (".ad", False)),
        *((".adsbox", False), (".text-ad", False), (".adblock-lane", False), (".1lane", False)),
        *((".lane-porn", False), ("." + "x" * 41, False)),
    ],
)
def test_classes(name: str, good: bool) -> None:
    """Classes of medium length that are no published bait are candidates."""
    assert is_class(name) == good


def test_dump_is_what_load_reads(tmp_path: Path) -> None:
    """A pool is unchanged after writing and reading."""
    out = tmp_path / "own.json"
    out.write_text(dump(pool.load()), "utf-8")
    assert pool.load(str(out)) == pool.load()
    assert max(map(len, out.read_text("utf-8").split("\n")[4:])) < 200
