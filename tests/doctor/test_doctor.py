"""The doctor's parts, and the command's exit status."""

from __future__ import annotations

import json
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from detector.cli.main import main
from detector.core.baits import pool
from detector.core.baits.site_baits import Baits
from detector.core.config.loading import make_config
from detector.core.served_names import ServedNames, is_view
from detector.core.user_agent import Visitor, classify
from detector.doctor.checks.baits import Tried
from detector.doctor.document import Page
from detector.doctor.findings import error, ok, warning
from detector.doctor.policy import Policy, read
from detector.doctor.table import table
from detector.doctor.visit import new_view
from detector.doctor.web import USER_AGENT, AddressError, Answer, Web, checked
from detector.testing.machine import free_port
from tests.conftest import SECRET
from tests.support.deployed import detected, news, served
from tests.support.doctoring import Doctor, levels, text
from tests.support.lists import debian

PAGE = "https://news.example/article/1"
OURS = "https://news.example/bcfghjkm/file.js"


def test_user_agent_is_no_robot() -> None:
    """The doctor's own user agent passes for a browser."""
    assert classify(USER_AGENT) == Visitor("firefox", "desktop", False)


def test_view_ids_are_always_looked_at() -> None:
    """A view id of the doctor falls into the smallest sample share that a site may set."""
    ids = {new_view() for _ in range(50)}
    assert len(ids) == 50
    assert all(is_view(one) and int(one[-4:]) < 1 for one in ids)


def test_every_bait_has_the_name_that_the_option_takes() -> None:
    """The doctor's name of every bait is accepted by the option without_baits."""
    shipped = pool.load()
    for bait, _ in Baits(ServedNames(SECRET), shipped).pairs:
        name = Tried(bait.type, bait.url, False, "").name
        assert pool.switched_off(shipped, [name]) == {bait.number}
        assert make_config(secret=SECRET, without_baits=[name]).without_baits == (name,)


@pytest.mark.parametrize(
    ("sources", "loads"),
    [
        ("'self'", True),
        ("'SELF'", True),
        ("'none'", False),
        ("", False),
        ("*", True),
        ("https:", True),
        ("http:", True),
        ("data:", False),
        ("news.example", True),
        ("NEWS.example", True),
        ("http://news.example", True),
        ("https://news.example:443", True),
        ("https://news.example:8443", False),
        ("https://news.example:*", True),
        ("*.example", True),
        ("*.news.example", False),
        ("cdn.example", False),
        ("https://news.example/bcfghjkm/", True),
        ("https://news.example/static/", False),
        ("https://news.example/bcfghjkm/file.js", True),
        ("'nonce-abc'", True),
        ("'nonce-ABC'", False),
        ("'self' 'strict-dynamic'", False),
        ("'nonce-abc' 'strict-dynamic'", True),
        ("'unsafe-inline'", False),
    ],
)
def test_sources_of_a_policy(sources: str, loads: bool) -> None:
    """A source matches an address as the standard says."""
    policy = Policy(f"script-src {sources}; default-src 'none'")
    assert policy.loads("script-src", OURS, PAGE, "abc") is loads


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("script-src 'unsafe-inline'", True),
        ("script-src 'unsafe-inline' 'nonce-x'", False),
        ("script-src 'unsafe-inline' 'strict-dynamic'", False),
        ("script-src 'nonce-abc'", True),
        ("script-src 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='", True),
        ("script-src 'sha256-AAAA'", False),
        ("script-src-elem 'self'; script-src 'unsafe-inline'", False),
        ("img-src 'self'", True),
    ],
)
def test_inline_lines_under_a_policy(text: str, runs: bool) -> None:
    """An inline line is allowed by nonce, hash, or an effective unsafe-inline."""
    assert Policy(text).inline("go()", "abc") is runs


def test_policies_of_a_header_are_separate() -> None:
    """Commas separate policies, all of which apply; the first of equal directives counts."""
    first, second = read(["script-src 'self'; script-src 'none', connect-src 'none'"])
    assert first.loads("script-src", OURS, PAGE)
    assert not second.loads("connect-src", OURS, PAGE)
    assert second.loads("img-src", OURS, PAGE)
    assert Policy("default-src 'none'").directive("img-src") == "default-src 'none'"
    assert Policy("script-src 'self' 'strict-dynamic'").loads("script-src", OURS, PAGE, by_us=True)


def page(body: str) -> Page:
    """Return a page with this body."""
    return Page(PAGE, Answer(PAGE, 200, [("Content-Type", "text/html")], body.encode()))


def test_tags_are_told_from_other_scripts() -> None:
    """Only a script whose folder has the names' checksum is a tag, wherever it is mounted."""
    names = ServedNames(SECRET)
    file = names.script("detect", "bcfghjkm")
    src = f"/shop/{names.prefix}/{file}"
    found = page(f'<html><head><script async src="{src}" data-x="t&amp;1"></script>').tags[0]
    assert (found.folder, found.detect, found.token) == (
        f"/shop/{names.prefix}/",
        file[:-3],
        "t&1",
    )
    for other in (
        f"<!-- <script src='{src}'></script> -->",
        f"<script>'<script src=\"{src}\">'</script>",
        f"<script src='{src}?v=2'></script>",
        f"<script src='/bcfghjkm/{file}'></script>",
        "<script src='http://[broken/'></script>",
        "<script>",
    ):
        assert page(f"<html><head>{other}").tags == []


@pytest.mark.parametrize("odd", ["<![odd[x]]>", "<!doctype", "<!x [<!y", "<a b='", "</", "é\xe9"])
def test_odd_pages_are_read(odd: str) -> None:
    """Tags before any malformed markup are found."""
    assert [one.name for one in page("<html><head><base href=/>" + odd).elements] == ["base"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("https://news.example", "https://news.example/"),
        ("http://NEWS.example:8080/a b?q=ü#part", "http://news.example:8080/a%20b?q=%C3%BC"),
        ("https://bücher.example/%41", "https://xn--bcher-kva.example/%41"),
        ("http://[::1]:80/", "http://[::1]:80/"),
    ],
)
def test_addresses_in_the_form_that_is_sent(given: str, sent: str) -> None:
    """An address may be written informally."""
    assert checked(given) == sent


@pytest.mark.parametrize(
    "given",
    [
        *("news.example", "ftp://news.example/", "http://", "http://x:99999/", "http://[x/", ""),
        *("/a", "https://me:secret@news.example/", "http://" + "x" * 70 + ".example/"),
    ],
)
def test_addresses_that_are_none(given: str, doctor: Doctor) -> None:
    """An invalid address is reported, with status 2."""
    with pytest.raises(AddressError):
        checked(given)
    assert doctor(given) == (2, [])
    assert doctor.said.startswith("detector doctor: ")


def test_nothing_answers(doctor: Doctor) -> None:
    """An unreachable address is status 2 with the fix."""
    port = free_port()
    assert doctor(f"http://127.0.0.1:{port}/") == (2, [])
    assert "Connection refused; check the address" in doctor.said


def test_no_answer_in_time(doctor: Doctor) -> None:
    """A silent address is status 2 after the given timeout."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert doctor(url, "--timeout", "0.2") == (2, [])
    assert "no whole answer within 0.2 s; allow more time with --timeout" in doctor.said


def test_what_speaks_no_http() -> None:
    """A server that does not speak HTTP is reported as such."""
    with socket.create_server(("127.0.0.1", 0)) as odd:

        def speak() -> None:
            taken, _ = odd.accept()
            with taken:
                taken.recv(4096)
                taken.sendall(b"220 mail ready\r\n")

        thread = threading.Thread(target=speak)
        thread.start()
        answer = Web(timeout=5).get(f"http://127.0.0.1:{odd.getsockname()[1]}/")
        thread.join()
    assert "does not speak HTTP" in answer.failed


@pytest.mark.parametrize(
    "arguments",
    [["--timeout", "0"], ["--timeout", "nan"], ["--timeout", "soon"], ["--user-agent", "a\nb"], []],
)
def test_options_that_are_wrong(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option is status 2 and is named."""
    url = ["https://news.example/"] if arguments else []
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *url, *arguments])
    assert ended.value.code == 2
    assert (arguments[0] if arguments else "URL") in capsys.readouterr().err


def test_lists_that_hit_nothing(doctor: Doctor) -> None:
    """A real list matches no served name, and enough of the day's baits."""
    with served(detected(news())) as url:
        assert doctor(url, "--lists", str(debian()[0])) == (0, [])


def test_list_that_hits_a_served_name(doctor: Doctor, tmp_path: Path) -> None:
    """A rule that matches served names, and a list that matches no bait, are named."""
    rules = tmp_path / "rules.txt"
    rules.write_text(f"! a list\n/{ServedNames(SECRET).prefix}/*.js$script\n")
    with served(detected(news())) as url:
        status, found = doctor(url, "--lists", str(rules))
    assert (status, levels(found)) == (1, {("lists", "error")})
    assert "rules:2" in text(found)
    assert "previous_secrets" in text(found)
    rules.write_text("||ads.example^\n")
    with served(detected(news())) as url:
        status, found = doctor(url, "--lists", str(rules))
    assert (status, levels(found)) == (0, {("lists", "warning")})
    assert "Only 0 of the day's baits" in text(found)


def test_lists_without_their_extra(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the engine the command says what to install, and checks nothing."""
    monkeypatch.setitem(sys.modules, "adblock", None)
    lists = str(debian()[0])
    assert doctor("http://127.0.0.1:1/", "--lists", lists) == (2, [])
    assert "pip install 'adblock-detector[baits]'" in doctor.said


def test_list_that_is_none(doctor: Doctor) -> None:
    """A missing list is status 2 with its name."""
    assert doctor("http://127.0.0.1:1/", "--lists", "none.txt") == (2, [])
    assert "none.txt: cannot be read" in doctor.said


def test_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """People read a line for each look with the fix below; nothing steers their terminal."""
    line = "location ^~ /bcfg/ { proxy_pass http://your-app; }"
    lines = table(
        [
            ok("tag", "All is well.", PAGE),
            warning("cache", "A \x1b[2J sign.", "Fix it. " * 20, PAGE),
            error("report", "None.", "Write this: " + "x" * 60 + f" {line}"),
            error("report", "None.", "Write this: " + "x" * 60 + f" {line}"),
        ]
    ).splitlines()
    assert lines[0] == "ok       tag     All is well."
    assert lines[1] == r"WARNING  cache   A \u001b[2J sign."
    assert lines[2].startswith(" " * 17 + "Fix: Fix it.")
    assert max(map(len, lines)) <= 100
    assert line in lines[-5]
    assert lines[-3].strip() == "Fix: as above."
    assert lines[-1] == "2 errors, 1 warning, 1 ok."
    with served(detected(news())) as url:
        assert main(["doctor", url, "--paths", "/article/a"]) == 0
    out = capsys.readouterr().out
    assert f"{url}/article/a\nok " in out
    assert "\nThe site\n" in out
    assert out.endswith("no errors, no warnings, 19 ok.\n")


def test_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON output has the same findings and the worst level."""
    with served(news().wsgi_app) as url:
        assert main(["doctor", url, "--json"]) == 1
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["worst"], told["url"]) == (False, "error", url)
    assert [one["look"] for one in told["findings"]] == ["page", "cache", "tag", "service worker"]
    assert set(told["findings"][0]) == {"look", "level", "saw", "fix", "page"}
    assert told["findings"][0]["page"] == url + "/"
