"""Foreign texts in printed output: no control character of theirs reaches the terminal."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from detector.cli.main import main
from detector.core.counting.counters import Counters
from detector.core.printable import printable
from detector.stores.sqlite.store import SqliteStore
from tests.audit.reports import SITE
from tests.audit.reports import hostile as hostile_report
from tests.conftest import SECRET
from tests.support.hostile import Write, hostile, page

Capture = pytest.CaptureFixture[str]
EVIL = "\x1b]0;x\x07\x9b31m\x7f\x85\u2028\u2029\u202e\u2066\u200e\r"
# As latin-1 bytes, since HTTP headers are read so.
HEADER = "\x1b]0;x\x07\x9b31m\x7f\x85"
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


@pytest.fixture
def said(capsys: Capture) -> Said:
    """Run a command; return its output after a check that nothing in it controls a terminal."""
    return Said(capsys)


class Said:
    """Runs a command and returns its output and errors together."""

    def __init__(self, capsys: Capture) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> str:
        """Run it."""
        main(list(arguments))
        out, err = self._capsys.readouterr()
        told = (out + err).replace("\r\n", "\n")  # of CSV
        assert not STEERING.search(told), STEERING.findall(told)
        if "--json" in arguments and out:
            json.loads(out)
        return out + err


def test_signs_that_are_escaped() -> None:
    """Control characters, line separators, direction overrides and surrogates are escaped."""
    assert printable("a\x1b\x9b\u2028\u202e\ud800\n") == r"a\u001b\u009b\u2028\u202e\ud800\u000a"
    assert printable("\n\t", keep="\n") == "\n\\u0009"
    # Emoji with joiners, and marks that right-to-left scripts need.
    for text in ("naïve café — “ok”", "👩‍🚀", "שלום\u200f!", r"C:\u001b"):
        assert printable(text) == text
    assert not STEERING.search(printable("".join(map(chr, range(0x11000)))))
    assert json.loads(printable(json.dumps({EVIL: EVIL}, ensure_ascii=False))) == {EVIL: EVIL}


def test_reason_phrase_of_a_list(said: Said) -> None:
    """A server's response that is no list is printed safely."""
    reply = f"HTTP/1.1 500 No{HEADER}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")
    with hostile(lambda site, path, write: write(reply)) as site:
        for command in (["baits", "check"], ["doctor", "http://127.0.0.1:1/", "--lists"]):
            assert r"answers 500 No\u001b]0;x" in said(*command, f"{site.url}/list")
    moved = f"HTTP/1.1 302 Found\r\nLocation: {HEADER}\r\nContent-Length: 0\r\n\r\n"
    with hostile(lambda site, path, write: write(moved.encode("latin-1"))) as site:
        assert "redirects to" in said("baits", "check", f"{site.url}/list")


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_lists_and_their_names(said: Said, tmp_path: Path, form: list[str]) -> None:
    """A list's name and its lines are printed safely, valid or not."""
    lane = tmp_path / f"a{EVIL}list.txt"
    lane.write_text(f"! x\n||ads.example^$domain={EVIL}\n!#include {EVIL}\n/ads{EVIL}/*\n", "utf-8")
    assert "list" in said("baits", "check", str(lane), *form)
    assert "list" in said("notice", "check", "--lists", str(lane), *form)
    assert "cannot be read" in said("baits", "check", str(tmp_path / f"{EVIL}none"))
    (tmp_path / f"b{EVIL}").write_text("<html>")
    assert "begins an HTML page" in said(
        "doctor", "http://127.0.0.1:1/", "--lists", str(tmp_path / f"b{EVIL}")
    )


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_site_that_is_looked_at(said: Said, form: list[str]) -> None:
    """Headers, addresses and pages of a site are printed safely."""
    answers = [
        page(f"{EVIL}<p>", f"Cache-Control: no-transform, {HEADER}"),
        page(f"{EVIL}<p>"),
        page("", kind=f"text/{HEADER}"),
        page("<html><head></head>", f"Content-Security-Policy: script-src {HEADER}"),
        page("<html><head></head>", f"Content-Disposition: {HEADER}", f"Age: {HEADER}"),
        page("<html><head></head>", f"Content-Encoding: {HEADER}"),
        f"HTTP/1.1 302 x\r\nLocation: http://a{HEADER}/\r\n\r\n".encode("latin-1"),
        f"HTTP/1.1 302 x\r\nLocation: {HEADER}:x\r\n\r\n".encode("latin-1"),
        f"{HEADER}\r\n\r\n".encode("latin-1"),
    ]
    with hostile(lambda site, path, write: write(answers[int(path[1])])) as site:
        for number in range(len(answers)):
            assert said("doctor", f"{site.url}/{number}", *form)


def test_answers_of_our_own_urls(said: Said) -> None:
    """A site's responses at the addresses in its tag are printed safely."""
    from detector.core.served_names import ServedNames

    names = ServedNames(SECRET)
    src = f"/{names.prefix}/{names.script('detect', 'bcfghjkm')}"
    tag = f'<html><head><base href="//x{EVIL}/"><script src="{src}" type="{EVIL}"></script>'

    def answer(site: object, path: str, write: Write) -> None:
        kind = "text/html" if path == "/" else f"text/{HEADER}"
        write(page(tag, f"Set-Cookie: {HEADER}=1", f"Cache-Control: {HEADER}", kind=kind))

    with hostile(answer) as site:
        for form in ([], ["--json"]):
            assert "script" in said("doctor", f"{site.url}/", *form)


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv", "--by", "group"], ["--by", "group"]])
def test_counts_that_somebody_else_wrote(said: Said, tmp_path: Path, form: list[str]) -> None:
    """Any content of a store is printed safely."""
    counters = Counters("site")
    for _ in range(50):
        counters.count("view", group="news")
        counters.count("refused", reason="token")
    path = tmp_path / f"counts{EVIL}.sqlite"
    store = SqliteStore(path)
    store.add(counters.drain())
    store.close()
    with sqlite3.connect(path) as file:
        file.execute("UPDATE counts SET value = ? WHERE value != ''", (f"a{EVIL}\n\x00b",))
    file.close()
    assert said("stats", "--db", str(path), *form)
    assert said("stats", "--db", str(tmp_path / f"none{EVIL}"))


def test_options_of_a_file(said: Said, tmp_path: Path) -> None:
    """Options, texts and their sources are printed safely, valid or not."""
    evil = json.dumps(EVIL + "x")
    file = tmp_path / f"options{EVIL}.toml"
    turned = json.dumps("\u2028x")
    options = f"secret = {json.dumps(SECRET)}\nswitch_file = {evil}\n"
    file.write_text(f"{options}[texts.en]\ntitle = {turned}\nbody = {turned}\n", "utf-8")
    for form in ([], ["--json"]):
        assert "switch_file" in said("config", "--file", str(file), *form)
        assert said("notice", "check", "--file", str(file), *form)
    file.write_text(f"locale = {evil}\n{evil} = 1\n", "utf-8")
    assert "detector config: " in said("config", "--file", str(file))


def test_blockers_that_are_named(said: Said, tmp_path: Path) -> None:
    """Names and folders of extensions are printed safely."""
    for form in ([], ["--json"]):
        assert said("blockers", "--blocker-extension", f"a=/{EVIL}", *form)
    assert said("audit", "http://127.0.0.1:1/", "--filter-list", EVIL, "--out", str(tmp_path / "x"))


def test_what_an_audit_prints(capsys: Capture) -> None:
    """An audit's rows, notes and problems are printed safely."""
    from detector.audit.table import Plain

    report = hostile_report(EVIL)
    report.notes.append(EVIL)
    shown = Plain(SITE, [EVIL])
    for under in report.blockers:
        shown.blocker(under)
    for look in report.visits:
        shown.visit(look)
    shown.end(report, Path(EVIL))
    out = capsys.readouterr().out
    assert out
    assert not STEERING.search(out), STEERING.findall(out)
