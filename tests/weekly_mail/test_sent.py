"""A week comes once, whatever the mail server, the clock and the state file do."""

from __future__ import annotations

import errno
import json
import os
import threading
import time

import pytest

from detector.analytics.local_days import LocalDays
from detector.dashboard.weekly import week_before, week_name
from tests.support.smtp import SmtpServer
from tests.support.weekly_mail import Run

THREAD = "detector-watch-delivery"


def test_comes_once_a_week(run: Run) -> None:
    """A week is sent to an address once, to each further address or site once, or by --again."""
    with SmtpServer() as server:
        port = ("--smtp-port", str(server.port))
        assert run(*port) == run(*port) == 0
        assert "was sent to you@news.example before" in run.out
        assert len(server.mails) == 1
        assert run(*port, "--to", "other@news.example") == 0
        assert run(*port, "--site", "news") == 0
        assert server.recipients == ["you@news.example", "other@news.example", "you@news.example"]
        assert run(*port, "--again") == 0
    assert len(server.mails) == 4
    assert server.mails[0]["Message-ID"] == server.mails[3]["Message-ID"]
    assert len({mail["Message-ID"] for mail in server.mails}) == 3
    assert {mail["To"] for mail in server.mails} == {"you@news.example", "other@news.example"}


def test_next_week_comes(run: Run) -> None:
    """The state of an earlier week does not hold back the next."""
    run.state.write_text('{"weeks": {"you@news.example": "2020-W01 sent"}}')
    with SmtpServer() as server:
        assert run("--smtp-port", str(server.port)) == 0
    assert len(server.mails) == 1
    week = week_name(week_before(time.time(), LocalDays()))
    assert json.loads(run.state.read_text())["weeks"] == {"you@news.example": f"{week} sent"}


@pytest.mark.parametrize("behavior", ["451", "550"])
def test_refused(run: Run, behavior: str) -> None:
    """What the server refuses is sent by the next run."""
    with SmtpServer(behavior) as server:
        assert run("--smtp-port", str(server.port)) == 2
        assert f"refuses the mail ({behavior})" in run.err
        assert "to be tried again by the next run" in run.err
        server.behavior = ""
        assert run("--smtp-port", str(server.port)) == 0
    assert len(server.mails) == 1


def test_connection_lost(run: Run) -> None:
    """A mail that the server took without an answer may have arrived: it is not sent again."""
    with SmtpServer("drops") as server:
        assert run("--smtp-port", str(server.port)) == 2
        assert "not known whether it arrived" in run.err
        server.behavior = ""
        assert run("--smtp-port", str(server.port)) == 2
        assert len(server.mails) == 1
        assert run("--smtp-port", str(server.port), "--again") == 0
    assert len(server.mails) == 2


def test_silent_server(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts the connection and is silent got nothing: the next run sends."""
    monkeypatch.setattr("detector.watch.mail.SECONDS", 1.0)
    with SmtpServer("hangs") as server:
        assert run("--smtp-port", str(server.port)) == 2
        assert "to be tried again by the next run" in run.err
    assert json.loads(run.state.read_text()) == {"weeks": {}}


def test_given_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail that was given up before the server took it is not delivered later."""
    monkeypatch.setattr("detector.watch.mail.SECONDS", 1.0)
    with SmtpServer("drips") as server:
        assert run("--smtp-port", str(server.port)) == 2
        assert "does not answer within 1 s" in run.err
        assert "to be tried again by the next run" in run.err
        (thread,) = (one for one in threading.enumerate() if one.name == THREAD)
        server.behavior = ""
        thread.join(30)
        assert not thread.is_alive() and server.mails == []
        assert json.loads(run.state.read_text()) == {"weeks": {}}
        assert run("--smtp-port", str(server.port)) == 0
        assert len(server.mails) == 1


def test_a_clock_that_was_ahead(run: Run) -> None:
    """A week that is later than now is named with the fix; the other addresses get theirs."""
    week = week_name(week_before(time.time(), LocalDays()))
    run.state.write_text(json.dumps({"weeks": {"you@news.example": "2099-W01 sent"}}))
    with SmtpServer() as server:
        port = ("--smtp-port", str(server.port))
        assert run(*port, "--to", "other@news.example") == 2
        assert f"{run.state} has 2099-W01 as sent to you@news.example" in run.err
        assert f"--to you@news.example --again sends {week}" in run.err
        assert server.recipients == ["other@news.example"]
        assert run(*port, "--again") == 0
        assert run(*port) == 0
    assert server.recipients == ["other@news.example", "you@news.example"]


def test_no_server(run: Run) -> None:
    """Where no server answers, nothing is noted as sent."""
    assert run("--smtp-port", "1") == 2
    assert "the mail server localhost:1 cannot be used" in run.err
    assert json.loads(run.state.read_text()) == {"weeks": {}}


def test_killed_in_the_midst(run: Run) -> None:
    """After a run that ended while it sent, the week is not sent twice, unless by --again."""
    week = week_name(week_before(time.time(), LocalDays()))
    run.state.write_text(json.dumps({"weeks": {"you@news.example": f"{week} sending"}}))
    with SmtpServer() as server:
        port = ("--smtp-port", str(server.port))
        assert run(*port) == 2
        assert "not known whether" in run.err and "--again" in run.err
        assert server.mails == []
        assert run(*port, "--again") == 0
        assert run(*port) == 0
    assert len(server.mails) == 1


def test_full_disk(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the state cannot be written nothing is sent."""

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with SmtpServer() as server:
        monkeypatch.setattr(os, "fsync", full)
        assert run("--smtp-port", str(server.port)) == 2
        assert "--state" in run.err and "No space left" in run.err
        assert server.mails == []


def test_damaged_state(run: Run) -> None:
    """A damaged file is not taken for an empty one, which would send a week twice."""
    for text in ('{"weeks": [', '{"weeks": {"you@news.example": "never"}}'):
        run.state.write_text(text)
        assert run() == 2
        assert "is damaged: restore it, or remove it" in run.err
