"""`detector watch`: which alarms there are, and that each is told once until it clears."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from detector.core.baits import pool
from detector.stores.sqlite.store import SqliteStore
from detector.watch.told import StateError, held
from tests.support.bait_field import FIRST_DAY, Field
from tests.support.root import ROOT
from tests.watch.conftest import Counts, Hook


def keys(counts: Counts, *options: str) -> list[str]:
    """Return the alarms that the command prints as JSON."""
    counts.watch("--json", *options)
    return [one["key"] for one in json.loads(counts.out)["alarms"]]


def test_calm(calm: Counts) -> None:
    """A site where nothing happens has no alarm, and exit status 0."""
    assert calm.watch() == 0
    assert calm.out == "No alarm.\n"


@pytest.mark.parametrize("state", ["blocked", "unreachable", "unknown"])
def test_jump_of_a_state(counts: Counts, state: str) -> None:
    """A share that jumps is an alarm with its figures and what to do, and exit status 1."""
    counts.hours({"clear": 80, state: 20}, 4 * 168 + 7, 6).hours({"clear": 30, state: 70}, 6)
    assert keys(counts) == [f"{state}-up"]
    assert counts.watch() == 1
    assert "news: More are " in counts.out
    assert "70.0% of 600 in the last 6 hours, 20.0% of 2,400 in the same hours" in counts.out
    assert "detector " in counts.out or "ad server" in counts.out


def test_fall(counts: Counts) -> None:
    """Of blocked views a fall is an alarm too, because baits may have died; of others none."""
    counts.hours({"clear": 60, "blocked": 20, "unknown": 20}, 4 * 168 + 7, 6)
    counts.hours({"clear": 100}, 6)
    assert keys(counts) == ["blocked-down"]
    counts.watch()
    assert "detector baits check" in counts.out


@pytest.mark.parametrize("name", ["unheard", "refused"])
def test_jump_without_a_verdict(calm: Counts, name: str) -> None:
    """Refused reports, and pages that are not heard of, jump as well."""
    rows = {}
    for ago in range(4 * 168 + 7):
        many = 70 if ago <= 6 else 5
        at = (calm.hour - ago, "news")
        if name == "refused":
            rows[(*at, "all", "", "", "refused")] = many
        else:
            rows[(*at, "group", "/a", "", "page")] = 100
            rows[(*at, "group", "/a", "", "view")] = 100 - many
    store = SqliteStore(calm.path)
    store.add(rows)
    store.close()
    assert keys(calm) == [f"{name}-up"]


def test_no_report(counts: Counts) -> None:
    """A site without a report for so many hours is an alarm; one that never had any is none."""
    counts.hours({"clear": 5}, 60, 30)
    counts.hours({"clear": 5}, 60, 2, site="other")
    assert keys(counts) == ["no-report"]
    counts.watch()
    last = datetime.fromtimestamp((counts.hour - 31) * 3600, UTC).strftime("%Y-%m-%d %H:00")
    assert f"news: No report has been counted since the hour of {last} UTC." in counts.out
    assert keys(counts, "--silent-hours", "32") == []
    assert keys(counts, "--site", "other") == []


def test_silent_bait(counts: Counts) -> None:
    """A bait that died is an alarm, until it is not asked for any more."""
    field = Field(7, lambda number, day: number == 3 and day >= 10, views=120)
    days = list(field.days(40))
    for name, shift in (("news", 40), ("old", 70)):
        store = SqliteStore(counts.path)
        for rows in days:
            at = (counts.hour // 24 - FIRST_DAY - shift) * 24
            store.add(
                {(row.hour + at, name, "bait", row.value, "", row.action): row.n for row in rows}
            )
        store.close()
        counts.hours({"clear": 5}, 5, site=name)
    assert keys(counts) == ["bait:" + field.name(3)]
    counts.watch()
    assert f"news: The bait {pool.load().requests[3].path} has been silent since 20" in counts.out


def test_old_pool(calm: Counts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool whose check is over 120 days ago is an alarm, that of a file like the one shipped."""
    monkeypatch.setattr(pool, "FRESH_DAYS", 120)
    data = json.loads(Path(str(pool.__file__)).with_name("pool.json").read_text("utf-8"))
    file = tmp_path / "pool.json"
    for days, expected in ((121, ["old-pool"]), (120, [])):
        data["date"] = str((datetime.now(UTC) - timedelta(days=days)).date())
        file.write_text(json.dumps(data))
        assert keys(calm, "--baits-file", str(file)) == expected


def test_told_once_until_it_clears(jumped: Counts, hook: Hook) -> None:
    """An alarm is delivered once, however often the command runs, and anew after it has cleared."""
    assert jumped.told("--webhook", hook.url) == 1
    assert jumped.told("--webhook", hook.url) == 1
    assert "(delivered before)" in jumped.out
    assert len(hook.posted) == 1
    jumped.hours({"clear": 1000}, 6)
    assert jumped.told("--webhook", hook.url) == 1  # it fell, which is another one
    jumped.hours({"blocked": 220}, 6)
    assert jumped.told("--webhook", hook.url) == 0
    jumped.hours({"blocked": 3000}, 6)
    assert jumped.told("--webhook", hook.url) == 1
    told = [[one["key"] for one in post["alarms"]] for post in hook.posted]
    assert told == [["blocked-up"], ["blocked-down"], ["blocked-up"]]


def test_store_away(jumped: Counts, hook: Hook) -> None:
    """A store that cannot be read is an alarm too, told once, and clears no other."""
    assert jumped.told("--webhook", hook.url) == 1
    gone = jumped.path.rename(jumped.path.with_name("moved.sqlite"))
    for _ in range(2):
        assert jumped.told("--webhook", hook.url) == 2
        assert "--db: " in jumped.err
    gone.rename(jumped.path)
    assert jumped.told("--webhook", hook.url) == 1
    assert [post["alarms"][0]["key"] for post in hook.posted] == ["blocked-up", "store"]
    assert "The counts cannot be read: " in hook.posted[1]["text"]


def test_another_site_stays_told(jumped: Counts, hook: Hook) -> None:
    """A run for one site neither tells nor clears the alarms of others."""
    jumped.hours({"clear": 5}, 60, 30, site="o/ther@x")
    assert jumped.told("--webhook", hook.url, "--site", "news") == 1
    assert jumped.told("--webhook", hook.url, "--site", "o/ther@x") == 1
    assert jumped.told("--webhook", hook.url) == 1
    assert [len(post["alarms"]) for post in hook.posted] == [1, 1]


def test_two_runs_at_once(jumped: Counts, hook: Hook) -> None:
    """Runs that start together take turns, so that each alarm is told by one of them."""
    words = [sys.executable, "-m", "detector.cli", "watch", "--db", str(jumped.path)]
    words += ["--state", str(jumped.state), "--webhook", hook.url]
    runs = [
        subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for run in runs:
        _, err = run.communicate(timeout=120)
        assert (run.returncode, err) == (1, b"")
    assert len(hook.posted) == 1


def test_a_run_that_hangs(tmp_path: Path) -> None:
    """A run that finds the file held by another gives up in time, and names the file."""
    wanted = pytest.raises(StateError, match=r"another run has held .*state")
    with held(tmp_path / "state"), wanted, held(tmp_path / "state", 0.1):
        raise AssertionError


def test_full_disk(jumped: Counts, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a full disk the alarm is told, again by the next run, and the file stays as it was."""
    jumped.state.write_text('{"told": ["no-report@other/a"], "waiting": []}')

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    for _ in range(2):
        assert jumped.told("--webhook", hook.url) == 2
        assert f"{jumped.state} cannot be written (No space left on device)" in jumped.err
    assert len(hook.posted) == 2
    assert sorted(path.name for path in jumped.state.parent.iterdir() if "json" in path.name) == [
        "watch.json", "watch.json.lock",
    ]  # fmt: skip
    assert "no-report@other/a" in jumped.state.read_text()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"told": 3, "waiting": []}', '{"told": [], "waiting": [{"x": 1}]}']
)
def test_damaged_state(jumped: Counts, hook: Hook, text: str) -> None:
    """A damaged file starts anew, and the alarms are told again rather than lost."""
    jumped.state.write_text(text)
    assert jumped.told("--webhook", hook.url) == 2
    assert "was damaged and starts anew" in jumped.err
    assert len(hook.posted) == 1
    assert jumped.told("--webhook", hook.url) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--webhook", "https://chat.example/"], "--state is missing: name a file"),
        (["--webhook", "ftp://chat.example/", "--state", "x"], "--webhook: this is no address"),
        (["--webhook", "http://chat.example:x/", "--state", "x"], "--webhook: this is no address"),
        (["--webhook", "http://a b/", "--state", "x"], "--webhook: this is no address"),
        (["--mail", "you", "--state", "x"], "--mail: 'you' is no mail address"),
        (["--mail", "a@b\nBcc: c@d", "--state", "x"], "is no mail address"),
        (["--mail", "a@b,c@d", "--state", "x"], "is no mail address"),
        (["--mail", "a@b", "--smtp-port", "x", "--state", "x"], "--smtp-port: 'x' is not a port"),
        (["--mail", "a@b", "--smtp-tls", "x", "--state", "x"], "--smtp-tls: 'x' is none of: none"),
        (["--exec", " ", "--state", "x"], "--exec: this names no program"),
        (["--exec", "'", "--state", "x"], "--exec: No closing quotation"),
        (["--site", "nobody"], "--site: the store has no 'nobody'"),
        (["--baits-file", "missing.json"], "--baits-file: missing.json cannot be read"),
        (["--state", "missing/watch.json"], "--state: missing/watch.json cannot be used"),
        (["--db", "missing/counts.sqlite"], "--db: "),
        (["--db", "mysql://x"], "--db: option store: no store is known"),
    ],
)
def test_bad_input(
    calm: Counts, options: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be used is named, with exit status 2."""
    monkeypatch.chdir(tmp_path)
    assert calm.watch(*options) == 2
    assert message in calm.err


def test_password_in_the_clear(calm: Counts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password is not sent unencrypted to another machine."""
    monkeypatch.setenv("DETECTOR_SMTP_USER", "me")
    options = ("--mail", "a@b.example", "--smtp-host", "mail.example", "--smtp-tls", "none")
    assert calm.told(*options) == 2
    assert "--smtp-tls: a password would be sent unencrypted" in calm.err
