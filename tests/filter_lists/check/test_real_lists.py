"""The check against real lists, and its text output."""

from __future__ import annotations

import json
import re
from pathlib import Path

from detector.cli.main import main
from detector.core.baits import pool
from detector.filter_lists.pick import dump
from tests.filter_lists.check.conftest import FULL, TINY, Capture
from tests.support.lists import debian, shared


def test_debian_lists_are_good(capsys: Capture) -> None:
    """In the default lists a named line matches every bait, and no served name is matched."""
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
    """In further lists too; baits that act everywhere are in Brave's list."""
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
    """Against a list without the baits the status is 1 and the message says what to do."""
    easylist = debian()[0]
    assert main(["baits", "check", "--json", str(easylist)]) == 0
    found = json.loads(capsys.readouterr().out)
    rules = {mark["rule"] for b in (*found["requests"], *found["elements"]) for mark in b["hits"]}
    poor = tmp_path / "poor.txt"
    lines = easylist.read_text("utf-8").split("\n")
    poor.write_text("\n".join(line for line in lines if line not in rules), "utf-8")
    assert main(["baits", "check", str(poor)]) == 1
    out, err = capsys.readouterr()
    assert "0 of 27 live" in out
    assert "uBlock Origin is found by requests alone" not in err
    assert "Adblock Plus, AdBlock is found by requests alone on 0.0% of days" in err
    assert "detector baits pick LIST... --brave LIST --out baits.json" in err
    assert "DETECTOR_BAITS_FILE" in err


def test_table(tmp_path: Path, capsys: Capture) -> None:
    """The text output has an aligned line for each bait, and the summary last."""
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
        "full:72 includes more.txt: name it too",
        "Requests  7 of 8 live",
        "Elements  59 of 60 live",
    ]
    assert re.fullmatch(r"Served    0 of \d,\d\d\d names of 200 sites hit", shown[-4])
    assert shown[-3:] == ["Pool      of 2026-01-31", "Result    good", ""]
