"""The weekly mail: a real SMTP server, what it gets, and that a week comes once."""

from __future__ import annotations

import errno
import html
import json
import os
import struct
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from detector.analytics.local_days import LocalDays
from detector.cli.main import main
from detector.core.counting.annotations import Annotation
from detector.core.counting.dimensions import Key
from detector.dashboard import texts
from detector.dashboard.weekly import Digest, digest, week_before, week_name
from detector.stores.sqlite.store import SqliteStore
from detector.weekly_mail.message import message
from detector.weekly_mail.picture import has_fonts, png
from tests.support.smtp import SmtpServer

DAY = 86_400
THREAD = "detector-watch-delivery"
EVIL = '<img src="x" onerror=y>'
HEADER = "x\r\nBcc: stranger@evil.example\r\n\r\n.\r\nQUIT"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of two sites, with 20 of 100 blocked views every day of five weeks."""
    store = SqliteStore(tmp_path_factory.mktemp("mail") / "counts.sqlite")
    now = int(time.time())
    rows: dict[Key, int] = {}
    for day in range(35):
        hour = (now - day * DAY) // 3600
        for site in ("news", EVIL):
            rows[hour, site, "all", "", "", "view"] = 100
            rows[hour, site, "all", "", "blocked", "verdict"] = 20
            rows[hour, site, "all", "", "clear", "verdict"] = 80
    store.add(rows)
    store.annotate(Annotation(now - 9 * DAY, EVIL))
    store.close()
    return store.path


class Run:
    """Runs the command; `err` is what it complained of."""

    def __init__(self, path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self.state, self._capsys = path, folder / "mail.json", capsys
        self.out = self.err = ""

    def __call__(self, *options: str, to: str = "you@news.example") -> int:
        """Return the exit status."""
        self._capsys.readouterr()
        given = ("--db", str(self.path), "--to", to, "--state", str(self.state), *options)
        status = main(["mail", *given])
        self.out, self.err = self._capsys.readouterr()
        return status


@pytest.fixture
def run(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return the command with a state file."""
    return Run(path, tmp_path, capsys)


def a_digest(path: Path, site: str | None = "news") -> Digest:
    """Return the digest of the last week."""
    store = SqliteStore(path, readonly=True)
    now = time.time()
    found = digest(store, week_before(now, LocalDays()), now=now, site=site)
    store.close()
    return found


def part(mail: EmailMessage, kind: str) -> EmailMessage:
    """Return the part of a type."""
    found = next(each for each in mail.walk() if each.get_content_type() == kind)
    assert isinstance(found, EmailMessage)
    return found


def test_what_arrives(run: Run) -> None:
    """Plain text comes first, then HTML with the chart as an inline picture."""
    with SmtpServer() as server:
        link = "https://news.example/ads/"
        assert run("--smtp-port", str(server.port), "--site", "news", "--link", link) == 0
    (mail,) = server.mails
    assert server.recipients == ["you@news.example"]
    kinds = [each.get_content_type() for each in mail.walk()]
    assert kinds == [
        *("multipart/alternative", "text/plain"),
        *("multipart/related", "text/html", "image/png"),
    ]
    assert mail["Subject"].startswith("Blocked ads · news: 20.0 %, ")
    assert mail["Auto-Submitted"] == "auto-generated"
    text, page = part(mail, "text/plain").get_content(), part(mail, "text/html").get_content()
    for body in (text, page):
        assert "140 of 700 measured views" in body
        assert "17.2–23.1 % with 95 % certainty" in body
        assert "no clear change: 0.0 points" in body
        assert link in body
    assert text.count("20.0 % (20 of 100)") == 7
    picture = part(mail, "image/png")
    assert picture["Content-Disposition"].startswith("inline")
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in page
    content = picture.get_content()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (1280, 560)


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


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--to", "a@b.example\nBcc: c@d.example"), "--to: "),
        (("--to", "a@b.example, c@d.example"), "--to: "),
        (("--sender", "me@b.example\r\nX: y"), "--to: "),
        (("--site", "nwes"), "--site: the store has no 'nwes'"),
        (("--language", "xx"), "--language xx: "),
        (("--link", "javascript:alert(1)"), "--link: "),
        (("--link", "https://a.example/\nx"), "--link: "),
        (("--time-zone", "Mars/Olympus"), "--time-zone: "),
        (("--smtp-port", "x"), "--smtp-port: "),
        (("--save", "/nowhere/x.eml"), "--save: "),
    ],
)
def test_wrong_options(run: Run, options: tuple[str, ...], says: str) -> None:
    """A wrong option is named, and nothing is sent."""
    assert run(*options) == 2
    assert says in run.err
    assert "\nBcc" not in run.err
    assert not run.state.exists()


def test_missing_options(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An address and a state file are asked for."""
    assert main(["mail", "--db", str(path)]) == 2
    assert "--to is missing" in capsys.readouterr().err
    assert main(["mail", "--db", str(path), "--to", "you@news.example"]) == 2
    assert "--state is missing" in capsys.readouterr().err


def test_no_header_is_injected(path: Path) -> None:
    """Text from the store begins no header, and stays text in HTML."""
    found = replace(a_digest(path), title=HEADER, subject=HEADER, notes=(EVIL,))
    mail = message(found, "you@news.example", "me@news.example", "2026-W01")
    assert mail["Bcc"] is None
    assert "Bcc: stranger" in mail["Subject"]
    written = bytes(mail).partition(b"\n\n")[0]
    assert b"\nBcc" not in written
    page = part(mail, "text/html").get_content()
    assert EVIL not in page
    assert html.escape(EVIL, quote=False) in html.unescape(page) or EVIL in html.unescape(page)


def test_hostile_site(run: Run) -> None:
    """A site's name and a note stay text."""
    target = run.state.with_name("week.eml")
    assert run("--site", EVIL, "--save", str(target)) == 0
    assert EVIL.encode() not in target.read_bytes().partition(b"text/html")[2]
    assert not run.state.exists()


def test_language(run: Run) -> None:
    """The mail is in the language that was asked for, with its numbers and dates."""
    with SmtpServer() as server:
        assert run("--smtp-port", str(server.port), "--language", "ar") == 0
        assert run("--smtp-port", str(server.port), "--language", "de", "--again") == 0
    arabic, german = server.mails
    assert 'dir="rtl"' in part(arabic, "text/html").get_content()
    assert german["Subject"].startswith("Blockierte Werbung: 20,0\N{NO-BREAK SPACE}%")
    assert german["Content-Language"] == "de"
    assert "Open the dashboard" not in part(german, "text/html").get_content()


def test_nothing_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A week without counts is mailed, too, and says so in the subject."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    store.add({(int(time.time() // 3600), "news", "all", "", "", "view"): 1})
    store.close()
    with SmtpServer() as server:
        assert Run(store.path, tmp_path, capsys)("--smtp-port", str(server.port)) == 0
    assert "Nothing was counted in this time" in server.mails[0]["Subject"]


def test_week_of_the_zone() -> None:
    """The week is the last whole one, from Monday, in the owner's time zone."""
    monday = datetime(2026, 11, 30, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    berlin = LocalDays.of(ZoneInfo("Europe/Berlin"), monday.timestamp())
    assert week_before(monday.timestamp(), berlin) == date(2026, 11, 23)
    assert week_before(monday.timestamp(), LocalDays()) == date(2026, 11, 16)
    late = datetime(2026, 11, 29, 23, 59, tzinfo=UTC).timestamp()
    assert week_before(late, LocalDays()) == date(2026, 11, 16)
    assert [week_name(date(2026, 12, 28) + timedelta(days=7 * n)) for n in (0, 1)] == [
        *("2026-W53", "2027-W01"),
    ]


def test_picture(path: Path) -> None:
    """The picture shows the data and, where the machine has fonts, the words."""
    found = a_digest(path)
    drawn = png(found.chart, found.size)
    assert drawn != png(found.chart.replace('class="line blocked"', 'class="none"'), found.size)
    assert drawn != png(found.chart.replace("</text>", "9</text>"), found.size) or not has_fonts()
    with texts.speaking("de"):
        assert "class=" in a_digest(path).chart


def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without resvg-py the command names the extra, and the option that does without."""
    for name in ("resvg_py", "detector.weekly_mail.picture"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    assert run() == 2
    assert "adblock-detector[mail]" in run.err and "--no-picture" in run.err
    with SmtpServer() as server:
        assert run("--smtp-port", str(server.port), "--no-picture") == 0
    assert [each.get_content_type() for each in server.mails[0].walk()] == [
        *("multipart/alternative", "text/plain", "text/html"),
    ]
