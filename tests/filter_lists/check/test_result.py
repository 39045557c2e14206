"""The check's result: too few baits, names matched by mistake, bad input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from detector.cli.main import main
from detector.core.served_names import ServedNames
from tests.conftest import SECRET
from tests.filter_lists.check.conftest import FULL, REQUESTS, Capture, of

JOINED = "A blocker with these lists"


def test_too_few_requests(run: Any) -> None:
    """Where requests alone do not find a blocker on 95 % of days, the status is 1."""
    assert run([line for line in FULL if line not in REQUESTS[:2]])[0] == 0
    status, found, err = run([line for line in FULL if line not in REQUESTS[:5]])
    assert (status, found["ok"]) == (1, False)
    (blocker,) = found["blockers"]
    assert blocker["lists"] == ["list0"]
    assert 0 < blocker["requests"] < 0.95 < blocker["elements"]
    share = f"{blocker['requests']:.1%}"
    assert f"{JOINED} is found by requests alone on {share} of days, and 95% are needed" in err
    assert "detector baits pick" in err


def test_too_few_elements(run: Any) -> None:
    """So it is with elements, where requests find every blocker."""
    status, found, err = run(FULL[:-25])
    assert status == 1
    assert f"{JOINED} is found by elements alone on " in err
    assert found["blockers"][0]["requests"] == found["blockers"][0]["together"] == 1


def test_each_blocker_is_judged_by_its_own_lists(run: Any) -> None:
    """Baits that AdGuard's list keeps do not make up for those that EasyList dropped."""
    rest = [line for line in FULL if line not in REQUESTS[:5]]
    lists = (["! Title: EasyList", *rest], ["! Title: AdGuard Base filter", *FULL])
    status, found, err = run(*lists, ["! Title: uBlock filters", "/one.js"])
    assert status == 1
    by = {one["blocker"]: one for one in found["blockers"]}
    assert list(by) == ["Adblock Plus, AdBlock", "uBlock Origin", "AdGuard"]
    assert by["uBlock Origin"]["lists"] == ["list0", "list2"]
    assert by["Adblock Plus, AdBlock"]["requests"] < 0.95
    assert by["AdGuard"]["requests"] == 1
    assert "Adblock Plus, AdBlock is found by requests alone" in err
    assert "AdGuard is" not in err
    assert of(found, "{w}/one.js")["dead_in"] == ["Adblock Plus, AdBlock"]
    assert of(found, "{w}/two.js")["dead_in"] == ["Adblock Plus, AdBlock", "uBlock Origin"]
    assert of(found, "{w}/six.json")["live"]


def test_two_rules_that_are_one(run: Any) -> None:
    """Baits of different families that one rule blocks are named."""
    status, found, _ = run([*FULL, "/^https:.*(one|two)\\.js/$script"])
    assert (status, found["same_rule"]) == (0, [["{w}/one.js", "{w}/two.js"]])


def test_brave_is_judged_by_its_own_list(run: Any, tmp_path: Path) -> None:
    """With Brave's list given, its standard mode must be found by requests alone."""
    brave = tmp_path / "brave.txt"
    brave.write_text("/one.js\n/two.js\n", "utf-8")
    status, found, err = run(FULL, more=("--brave", str(brave)))
    name = "Brave, standard mode"
    assert status == 0, err
    assert of(found, "{w}/three.png")["dead_in"] == [name]
    assert of(found, "{w}/four.png")["live"]
    brave.write_text("/one.js\n", "utf-8")
    status, found, err = run(FULL, more=("--brave", str(brave)))
    assert status == 1
    assert f"{name} is found by requests alone on 0.0% of days" in err
    assert found["blockers"][1]["elements"] == 0


def test_pool_whose_baits_share_keywords(run: Any, tmp_path: Path) -> None:
    """A pool that gives some days fewer baits than six is status 1, and says how many."""
    own = json.loads((tmp_path / "own.json").read_text("utf-8"))
    own["requests"][1]["path"] = "{w}/three.js"
    (tmp_path / "own.json").write_text(json.dumps(own), "utf-8")
    status, _, err = run(FULL)
    assert status == 1
    assert "on some days only 5 of 6 request baits share no keyword" in err


@pytest.mark.parametrize("given", ["option", "environment"])
def test_served_name_hit_by_mistake(run: Any, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """A list that matches a name of the owner's site is status 1, with the line and a fix."""
    names = ServedNames(SECRET)
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
    assert "2 served names are blocked by mistake" in err
    assert "set another secret and keep this one in previous_secrets" in err
    assert SECRET not in err + json.dumps(found)


def test_served_class_hit_by_mistake(run: Any) -> None:
    """A list that hides a class of a control is status 1 too."""
    word = ServedNames(SECRET).word("plain:3")
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
    """A short secret and a bad pool are status 2, with the error."""
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
