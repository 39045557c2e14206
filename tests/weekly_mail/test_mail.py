"""The weekly mail as it arrives at a real SMTP server: its parts, words and picture."""

from __future__ import annotations

import html
import struct
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from detector.analytics.local_days import LocalDays
from detector.dashboard import texts
from detector.dashboard.weekly import Digest, digest, week_before, week_name
from detector.stores.sqlite.store import SqliteStore
from detector.weekly_mail.message import message
from detector.weekly_mail.picture import has_fonts, png
from tests.support.smtp import SmtpServer
from tests.support.weekly_mail import EVIL, Run

HEADER = "x\r\nBcc: stranger@evil.example\r\n\r\n.\r\nQUIT"


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
