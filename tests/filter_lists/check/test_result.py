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
from tests.filter_lists.check.conftest import FULL, Capture, of, whys


@pytest.mark.parametrize(
    ("gone", "what"),
    [
        ("/two.", "rules for script baits that act everywhere: 2 needed, 1 found"),
        ("/three.png", "rules for image baits that act everywhere: 1 needed, 0 found"),
        ("/seven/*", "rules for script baits that act in full lists only: 1 needed, 0 found"),
    ],
)
def test_too_few_requests(run: Any, gone: str, what: str) -> None:
    """One rule less than a day's baits need is status 1, and the message says which type."""
    status, found, err = run([line for line in FULL if line != gone])
    assert (status, found["ok"]) == (1, False)
    assert what in err
    assert "detector baits pick" in err


def test_too_few_elements(run: Any) -> None:
    """Too many dead element baits are status 1."""
    status, _, err = run(FULL[:-25])
    assert status == 1
    assert "25 of 60 element baits are dead" in err
    assert "element classes: 40 needed, 35 found" in err


def test_two_rules_that_are_one(run: Any) -> None:
    """Baits of different rules in the pool count once if one rule matches both."""
    lines = [line for line in FULL if line not in ("/one.js$script", "/two.")]
    status, found, err = run([*lines, "/^https:.*(one|two)\\.js/$script"])
    assert found["same_rule"] == [["one", "two"]]
    assert status == 1
    assert "script baits that act everywhere: 2 needed, 1 found" in err


def test_everywhere_is_checked(run: Any, tmp_path: Path) -> None:
    """With Brave's list given, a bait that acts everywhere must be in it, and in another."""
    brave = tmp_path / "brave.txt"
    brave.write_text("/one.js\n/two.js\n", "utf-8")
    status, found, err = run(FULL, more=("--brave", str(brave)))
    assert status == 1
    assert "image baits that act everywhere: 1 needed, 0 found" in err
    assert whys(of(found, "{w}/three.png")) == [("brave", 0, "absent")]
    brave.write_text("/one.js\n/two.js\n/three.png\n", "utf-8")
    assert run(FULL, more=("--brave", str(brave)))[0] == 0
    status, found, _ = run(
        [line for line in FULL if line != "/three.png"], more=("--brave", str(brave))
    )
    assert (status, whys(of(found, "{w}/three.png"))) == (1, [("brave", 0, "absent")])


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
