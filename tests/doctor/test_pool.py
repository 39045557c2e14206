"""The doctor's check of the age of the site's pool."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from detector.core.baits import pool
from detector.core.baits.site_baits import Baits
from detector.core.served_names import ServedNames
from detector.doctor.checks.pool import age
from detector.filter_lists.pick import dump
from tests.conftest import SECRET
from tests.support.deployed import detected, news, served
from tests.support.doctoring import Doctor, levels, text

POOL = pool.load()


def of_the_day(names: str = SECRET) -> list[list[object]]:
    """Return a day's baits as the bootstrap lists them."""
    requests = Baits(ServedNames(names), POOL).choose(20_000).requests
    return [[0, bait.number, bait.url, control.url] for bait, control in requests]


def day(days: int) -> float:
    """Return a time so many days after the shipped pool was made."""
    return ((date.fromisoformat(POOL.date) - date(1970, 1, 1)).days + days) * 86400.0


def test_old_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site whose baits are this pool's is told its age, and how to get a newer pool."""
    monkeypatch.setattr(pool, "FRESH_DAYS", 120)
    assert age(of_the_day(), POOL, day(120)) == age(of_the_day(), POOL, 0.0) == []
    (found,) = age(of_the_day(), POOL, day(121))
    assert (found.look, found.level) == ("pool", "warning")
    assert f"{POOL.date} is 121 days old" in found.saw
    assert "baits_file" in found.fix
    assert "without an upgrade" in found.fix


def test_baits_of_another_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of baits from another pool, and of none, nothing is said."""
    monkeypatch.setattr(pool, "FRESH_DAYS", 120)
    other = POOL._replace(requests=POOL.requests[1:])
    assert age(of_the_day(), other, day(500)) == age([], POOL, day(500)) == []


def test_command(doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pool that the site uses is named, and an old one is a warning; else there is none."""
    monkeypatch.setattr(pool, "FRESH_DAYS", 120)
    old = tmp_path / "old.json"
    old.write_text(dump(POOL._replace(date="2020-01-31")), "utf-8")
    with served(detected(news())) as url:
        status, found = doctor(url, "--baits-file", str(old))
    assert (status, levels(found)) == (0, {("pool", "warning")})
    assert "of 2020-01-31 is " in text(found)
    old.write_text(json.dumps({}), "utf-8")
    assert doctor(url, "--baits-file", str(old))[0] == 2
    assert f"{old} has the date None" in doctor.said
