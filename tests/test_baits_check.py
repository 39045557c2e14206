"""`detector baits check`: which baits live in filter lists, and whether a served name is hit."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from detector.baits import pool
from detector.baits.pick import dump
from detector.baits.pool import Pool, Request
from detector.cli import main
from detector.names import Names
from tests.conftest import SECRET
from tests.lists import debian, shared

Capture = pytest.CaptureFixture[str]
# A pool that is just large enough, and a list that hits all of it.
TINY = Pool(
    "2026-01-31",
    (
        Request("one", "script", "{w}/one.js", True),
        Request("two", "script", "{w}/two.js", True),
        Request("three", "image", "{w}/three.png", True),
        Request("four", "image", "{w}/four.png", False),
        Request("five", "fetch", "{w}/five?q=", False),
        Request("six", "fetch", "{w}/six.json", False),
        Request("eight", "fetch", "{w}/eight.json", False),
        Request("seven", "script", "seven/{w}.js", False),
    ),
    tuple(f"lane-{number}" for number in range(60)),
)
REQUESTS = [
    "/one.js$script",
    "/two.",
    "/three.png",
    "/four.",
    "/five?q=",
    "/six.",
    "/eight.",
    "/seven/*",
]
FULL = ["! a list", *REQUESTS, *(f"##.{name}" for name in TINY.elements)]


@pytest.fixture
def run(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A way to check the tiny pool against lists of some lines: status, JSON, messages."""
    monkeypatch.delenv("DETECTOR_SECRET", raising=False)
    own = tmp_path / "own.json"
    own.write_text(dump(TINY), "utf-8")

    def run(*lists: list[str], more: tuple[str, ...] = ()) -> tuple[int, dict[str, Any], str]:
        files = []
        for number, lines in enumerate(lists):
            files.append(tmp_path / f"list{number}.txt")
            files[-1].write_text("\n".join(lines), "utf-8")
        status = main(
            ["baits", "check", "--json", "--baits-file", str(own), *more, *map(str, files)]
        )
        out, err = capsys.readouterr()
        return status, json.loads(out), err

    return run


def of(found: dict[str, Any], path: str) -> dict[str, Any]:
    """Give what was found about one bait."""
    both = [*found["requests"], *found["elements"]]
    return next(one for one in both if one.get("path", one.get("name")) == path)


def whys(one: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Give what spares a bait."""
    return [(mark["list"], mark["line"], mark["why"]) for mark in one["spared"]]


def test_debian_lists_are_good(capsys: Capture) -> None:
    """In the default lists every bait lives by a line that is named, and no served name is hit."""
    lists = debian()
    assert main(["baits", "check", "--json", *map(str, lists)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ok"]
    assert found["served"]["hit"] == []
    assert found["served"]["names"] > 5000
    texts = {
        one["list"]: Path(one["source"]).read_text("utf-8").split("\n") for one in found["lists"]
    }
    baits = [*found["requests"], *found["elements"]]
    assert len(baits) == len(pool.load().requests) + len(pool.load().elements)
    for bait in baits:
        assert bait["live"]
        assert bait["hits"]
        assert all(texts[m["list"]][m["line"] - 1] == m["rule"] for m in bait["hits"])


def test_all_lists_are_good(capsys: Capture) -> None:
    """In further lists too; what acts everywhere is in Brave's list."""
    more = shared()
    brave = more.pop("brave-firstparty")
    lists = [*debian(), *more.values()]
    assert main(["baits", "check", "--json", "--brave", str(brave), *map(str, lists)]) == 0
    found = json.loads(capsys.readouterr().out)
    for bait in found["requests"]:
        by = {mark["list"] for mark in bait["hits"]}
        assert {"easylist", "adguard-base"} <= by
        assert ("brave-firstparty" in by) == bait["everywhere"]


def test_list_with_the_baits_removed(tmp_path: Path, capsys: Capture) -> None:
    """Against a list without our baits the status is 1 and the message says what to do."""
    easylist = debian()[0]
    assert main(["baits", "check", "--json", str(easylist)]) == 0
    found = json.loads(capsys.readouterr().out)
    rules = {mark["rule"] for b in (*found["requests"], *found["elements"]) for mark in b["hits"]}
    poor = tmp_path / "poor.txt"
    lines = easylist.read_text("utf-8").split("\n")
    poor.write_text("\n".join(line for line in lines if line not in rules), "utf-8")
    assert main(["baits", "check", str(poor)]) == 1
    out, err = capsys.readouterr()
    assert "0 of 24 live" in out
    assert "too few baits live" in err
    assert "detector baits pick LIST... --brave LIST --out baits.json" in err
    assert "DETECTOR_BAITS_FILE" in err


def test_table(tmp_path: Path, capsys: Capture) -> None:
    """People get a line for each bait, aligned, and the summary last."""
    own, full = tmp_path / "own.json", tmp_path / "full.txt"
    own.write_text(dump(TINY), "utf-8")
    lines = [*FULL, "@@/five?q=", "#@#.lane-0", "!#include more.txt"]
    full.write_text("\n".join(lines), "utf-8")
    assert main(["baits", "check", "--baits-file", str(own), str(full)]) == 0
    shown = capsys.readouterr().out.split("\n")
    assert shown[:9] == [
        "request bait    type    acts        live  hit by  spared by",
        "{w}/one.js      script  everywhere  yes   full:2",
        "{w}/two.js      script  everywhere  yes   full:3",
        "{w}/three.png   image   everywhere  yes   full:4",
        "{w}/four.png    image               yes   full:5",
        "{w}/five?q=     fetch               NO    full:6  full:70 exception",
        "{w}/six.json    fetch               yes   full:7",
        "{w}/eight.json  fetch               yes   full:8",
        "seven/{w}.js    script              yes   full:9",
    ]
    assert shown[10:13] == [
        "element bait  live  hit by   spared by",
        "lane-0        NO    full:10  full:71 unhidden",
        "lane-1        yes   full:11",
    ]
    assert shown[-9:-4] == [
        f"full  70 rules  {full}",
        "",
        "full:72 asks for more.txt: name it too",
        "Requests  7 of 8 live",
        "Elements  59 of 60 live",
    ]
    assert re.fullmatch(r"Served    0 of \d,\d\d\d names of 200 sites hit", shown[-4])
    assert shown[-3:] == ["Pool      of 2026-01-31", "Result    good", ""]


def test_explanation_crosses_lists(run: Any) -> None:
    """A bait has the line of every list that hits it."""
    status, found, err = run(FULL, ["! another", "/two.$1p", "##.lane-3"])
    assert (status, err) == (0, "")
    both = [*of(found, "{w}/two.js")["hits"], *of(found, "lane-3")["hits"]]
    assert [(mark["list"], mark["line"], mark["rule"]) for mark in both] == [
        ("list0", 3, "/two."),
        ("list1", 2, "/two.$1p"),
        ("list0", 13, "##.lane-3"),
        ("list1", 3, "##.lane-3"),
    ]


@pytest.mark.parametrize(
    ("line", "bait", "why"),
    [
        ("@@/two.", "{w}/two.js", "exception"),
        ("@@/two.$script,1p", "{w}/two.js", "exception"),
        ("/two.$script,redirect=noop.js", "{w}/two.js", "stub"),
        ("*$script,redirect-rule=noopjs", "{w}/two.js", "stub"),
        ("/two.$badfilter", "{w}/two.js", "cancelled"),
        ("#@#.lane-7", "lane-7", "unhidden"),
        ("@@*$ghide", "lane-7", "page"),
    ],
)
def test_what_spares_a_bait(run: Any, line: str, bait: str, why: str) -> None:
    """A bait that another list spares is dead, and that list's line is named."""
    _, found, _ = run(FULL, ["! another", line])
    assert not of(found, bait)["live"]
    assert of(found, bait)["spared"] == [{"list": "list1", "line": 2, "rule": line, "why": why}]


@pytest.mark.parametrize("line", ["@@/two.$image", "@@/two.$3p", "@@||x.example/two.", "! two"])
def test_what_does_not_spare_a_bait(run: Any, line: str) -> None:
    """An exception for another type, party or host leaves the bait alive."""
    status, found, _ = run(FULL, [line, "##.other"])
    assert status == 0
    assert of(found, "{w}/two.js")["live"]
    assert of(found, "{w}/two.js")["spared"] == []


def test_important_rule_wins(run: Any) -> None:
    """An important rule hits in spite of an exception, which is still named."""
    _, found, _ = run([*FULL, "@@/two."], ["/two.$important", "##.other"])
    two = of(found, "{w}/two.js")
    assert two["live"]
    assert [mark["why"] for mark in two["spared"]] == ["exception"]


def test_bait_aware_rule(run: Any) -> None:
    """A class that is hidden only where nothing looks like a bait is dead, with the reason."""
    lines = [line for line in FULL if line != "##.lane-7"]
    _, found, _ = run([*lines, "##.lane-7:not(.adsbox)"])
    seven = of(found, "lane-7")
    assert (seven["live"], seven["hits"]) == (False, [])
    assert [mark["why"] for mark in seven["spared"]] == ["excluded"]


@pytest.mark.parametrize(
    ("gone", "what"),
    [
        ("/two.", "rules for script baits that act everywhere: 2 needed, 1 there"),
        ("/three.png", "rules for image baits that act everywhere: 1 needed, 0 there"),
        ("/seven/*", "rules for script baits that act in full lists only: 1 needed, 0 there"),
    ],
)
def test_too_few_requests(run: Any, gone: str, what: str) -> None:
    """One rule less than a day's choice needs is status 1, and the message says which."""
    status, found, err = run([line for line in FULL if line != gone])
    assert (status, found["ok"]) == (1, False)
    assert what in err
    assert "detector baits pick" in err


def test_too_few_elements(run: Any) -> None:
    """Too many dead element baits are status 1."""
    status, _, err = run(FULL[:-25])
    assert status == 1
    assert "25 of 60 element baits are dead" in err
    assert "element classes: 40 needed, 35 there" in err


def test_two_rules_that_are_one(run: Any) -> None:
    """Baits that the pool holds for different rules count once when one rule hits both."""
    lines = [line for line in FULL if line not in ("/one.js$script", "/two.")]
    status, found, err = run([*lines, "/^https:.*(one|two)\\.js/$script"])
    assert found["same_rule"] == [["one", "two"]]
    assert status == 1
    assert "script baits that act everywhere: 2 needed, 1 there" in err


def test_everywhere_is_checked(run: Any, tmp_path: Path) -> None:
    """With Brave's list named, a bait said to act everywhere must be in it, and in another."""
    brave = tmp_path / "brave.txt"
    brave.write_text("/one.js\n/two.js\n", "utf-8")
    status, found, err = run(FULL, more=("--brave", str(brave)))
    assert status == 1
    assert "image baits that act everywhere: 1 needed, 0 there" in err
    assert whys(of(found, "{w}/three.png")) == [("brave", 0, "absent")]
    brave.write_text("/one.js\n/two.js\n/three.png\n", "utf-8")
    assert run(FULL, more=("--brave", str(brave)))[0] == 0
    status, found, _ = run(
        [line for line in FULL if line != "/three.png"], more=("--brave", str(brave))
    )
    assert (status, whys(of(found, "{w}/three.png"))) == (1, [("brave", 0, "absent")])


@pytest.mark.parametrize("given", ["option", "environment"])
def test_served_name_hit_by_mistake(run: Any, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """A list that hits a name of the owner's site is status 1, with the line and a way out."""
    names = Names(SECRET)
    rules = [f"/{names.prefix}/{names.texts}", f"/{names.report}^$ping"]
    assert run([*FULL, *rules])[0] == 0
    if given == "environment":
        monkeypatch.setenv("DETECTOR_SECRET", SECRET)
    more = ("--secret", SECRET) if given == "option" else ()
    status, found, err = run([*FULL, *rules], more=more)
    assert status == 1
    assert [(hit["type"], hit["hits"][0]["line"]) for hit in found["served"]["hit"]] == [
        ("fetch", len(FULL) + 1),
        ("ping", len(FULL) + 2),
    ]
    assert "2 served names are hit by mistake" in err
    assert "set another secret and keep this one in previous_secrets" in err
    assert SECRET not in err + json.dumps(found)


def test_served_class_hit_by_mistake(run: Any) -> None:
    """So is a list that hides a class of a control."""
    word = Names(SECRET).word("plain:3")
    status, found, _ = run([*FULL, f"##.{word}"], more=("--secret", SECRET))
    assert status == 1
    assert [(h["name"], h["hits"][0]["line"]) for h in found["served"]["hit"]] == [
        (f".{word}", len(FULL) + 1)
    ]


def test_without_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Without the extra the status is 2 and the message says what to install."""
    monkeypatch.setitem(sys.modules, "adblock", None)
    full = tmp_path / "full.txt"
    full.write_text("\n".join(FULL), "utf-8")
    assert main(["baits", "check", str(full)]) == 2
    assert "pip install 'adblock-detector[baits]'" in capsys.readouterr().err


def test_other_bad_input(run: Any, tmp_path: Path, capsys: Capture) -> None:
    """A short secret and a bad pool are status 2, with what is wrong."""
    full = tmp_path / "full.txt"
    full.write_text("\n".join(FULL), "utf-8")
    assert main(["baits", "check", "--secret", "short", str(full)]) == 2
    assert "at least 16 characters" in capsys.readouterr().err
    assert main(["baits", "check", "--baits-file", str(full), str(full)]) == 2
    assert f"{full} is not JSON (line 1" in capsys.readouterr().err
    for arguments in (["check"], []):
        with pytest.raises(SystemExit) as ended:
            main(["baits", *arguments])
        assert ended.value.code == 2
