"""`detector baits pick`: a pool picked from the given lists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from detector.cli.main import main
from detector.core.baits import pool
from detector.core.baits.pool import Pool, Type
from detector.core.baits.site_baits import Baits
from detector.core.served_names import ServedNames
from detector.filter_lists.candidates import is_class, path_for, word_for
from detector.filter_lists.check import check
from detector.filter_lists.fetch import Source, read_all
from detector.filter_lists.matcher import Matcher
from detector.filter_lists.pick import ELEMENTS, dump, pick
from tests.core.baits.test_site_baits import BURNT
from tests.support.lists import debian, shared

Capture = pytest.CaptureFixture[str]
FOLDERS = ("river", "meadow", "harbour", "lantern", "orchard")
WORDS = [f"{folder}-{word}" for folder in FOLDERS for word in ("ads", "banner", "sponsor")]
CLASSES = [f"##.{word}-{number}" for word in WORDS for number in range(5)]
# A list like EasyList, and one like Brave's with part of its rules.
FULL = [
    *(f"/{word}/*$script" for word in WORDS),
    *(f"/{word}-img.$image" for word in WORDS),
    *(f"/{word}/data?id=" for word in WORDS),
    *CLASSES,
]
BRAVE = [*FULL[:6], *FULL[15:20], *CLASSES[:50]]


def source(label: str, lines: list[str]) -> Source:
    """Return a list of these lines."""
    return Source(f"{label}.txt", label, tuple(lines), len(lines), 0)


def made(full: list[str], *more: list[str], older: tuple[list[str], ...] = ()) -> Pool:
    """Pick from a list, further lists and Brave's."""
    lists = [source(f"list{number}", lines) for number, lines in enumerate([full, *more])]
    before = Matcher(source(f"older{number}", lines) for number, lines in enumerate(older))
    matcher = Matcher([*lists, source("brave", BRAVE)])
    return pick(matcher, "brave", before if older else None, "2026-01-31")


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
    found = pick(matcher, "brave-firstparty", None, "2026-01-31")
    result = check(matcher, found, ["a secret of a sample site"], "brave-firstparty")
    assert result.problems == ()
    for finding in (*result.requests, *result.elements):
        assert {"easylist", "adguard-base"} <= {mark.list for mark in finding.hits}
        assert finding.spared == ()
    chosen_well(found)
    nothing_burnt(found)


def chosen_well(found: Pool) -> None:
    """Check that many sites find enough baits on many days."""
    for n in range(30):
        site = Baits(ServedNames(f"secret of site number {n}"), found)
        for day in range(20):
            choice = site.choose(day, again=day % 2 == 1)
            chosen = [found.requests[bait.number] for bait, _ in choice.requests]
            assert len({entry.rule for entry in chosen}) == len(chosen) == 6
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
    assert pool.shortage(found.requests, found.elements) == []
    everywhere = {r.path for r in found.requests if r.everywhere}
    assert "river-ads/{w}.js" in everywhere
    assert "{w}/river-ads-img.png" in everywhere
    assert "{w}/river-ads/data?id=" in paths(found)
    assert "{w}/river-ads/data?id=" not in everywhere
    assert set(found.elements) == {name[3:] for name in CLASSES}
    assert found.elements[:50] != found.elements[-50:]
    assert set(found.elements[:50]) == {name[3:] for name in CLASSES[:50]}


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("@@/river-ads/", "river-ads/{w}.js"),
        ("@@/river-ads/*$script,1p", "river-ads/{w}.js"),
        ("/river-ads/*$script,redirect=noop.js", "river-ads/{w}.js"),
        ("/river-ads/*$script,badfilter", "river-ads/{w}.js"),
        ("#@#.river-ads-0", "river-ads-0"),
        ("##.river-ads-0:not(.adsbox)", "river-ads-0"),
    ],
)
def test_spared_names_are_left_out(line: str, gone: str) -> None:
    """Anything that a list exempts, monitors or replaces by a stand-in is no bait."""
    before, after = made(FULL), made(FULL, [line])
    assert gone in (*paths(before).split(), *before.elements)
    assert gone not in (*paths(after).split(), *after.elements)


def test_names_in_more_lists_come_first() -> None:
    """Baits matched by two lists are preferred to those matched by one."""
    found = made(FULL, FULL[11:15], CLASSES[60:])
    scripts = [r.path for r in found.requests if r.type == "script" and not r.everywhere]
    assert set(scripts) == {f"{word}/{{w}}.js" for word in WORDS[11:]}
    assert set(found.elements[-10:]) == {name[3:] for name in CLASSES[50:60]}


def test_names_must_last() -> None:
    """With older lists, rules that none of them had are left out, and what they exempted."""
    older = [line for line in FULL if "river" not in line] + ["@@/meadow-ads/", "#@#.meadow-ads-0"]
    found = made(FULL, older=(older,))
    assert "river" not in paths(found) + " ".join(found.elements)
    assert "meadow-ads/{w}.js" not in paths(found)
    assert "meadow-ads-0" not in found.elements
    assert "meadow-ads-1" in found.elements


def test_rules_that_fall_together_have_one_word() -> None:
    """Baits of one rule have one word, whatever their type; no bait combines two words."""
    full = [*FULL, "/summer-ads.", "/winter-banner.$script", "/winter-banner.$image"]
    words = {r.path: r.rule for r in made(full).requests}
    assert words["{w}/summer-ads.js"] == words["{w}/summer-ads.png"] == "summer-ads"
    matcher = Matcher([source("full", full), source("brave", BRAVE)])
    result = check(matcher, made(full), ["a secret of a sample site"])
    assert result.same_rule == ()


def test_too_few(tmp_path: Path, capsys: Capture) -> None:
    """Lists with too few baits are status 1; the message says what is missing."""
    full, brave, out = tmp_path / "full.txt", tmp_path / "brave.txt", tmp_path / "own.json"
    full.write_text("\n".join(FULL), "utf-8")
    brave.write_text("||host.example^\n", "utf-8")
    assert main(["baits", "pick", str(full), "--brave", str(brave), "--out", str(out)]) == 1
    err = capsys.readouterr().err
    assert "rules for script baits that act everywhere: 1 needed, 0 found" in err
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
