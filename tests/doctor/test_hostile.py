"""The doctor on hostile sites: which addresses it requests, how long and how much it reads."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from detector.cli.main import main
from detector.core.served_names import ServedNames
from detector.doctor import web
from detector.doctor.reach import Reach
from detector.doctor.web import Web
from tests.conftest import SECRET
from tests.support.deployed import detected, news, served
from tests.support.doctoring import Doctor, levels, text
from tests.support.hostile import Hostile, Write, hostile, moved, page

NAMES = ServedNames(SECRET)
FILE = f"{NAMES.prefix}/{NAMES.script('detect', 'bcfghjkm')}"
# Long enough for a slow machine, far shorter than the drip.
SOON = 20.0


def tagged(src: str) -> str:
    """Return a page with a tag of this address."""
    return (
        f'<!doctype html><html><head><script async data-x="t" src="{src}"></script></head></html>'
    )


def test_redirect_to_another_port_is_reported(doctor: Doctor) -> None:
    """A redirect to another port is reported, not followed, unless that port was allowed."""
    with (
        hostile(lambda site, path, write: write(page("<html><head></head></html>"))) as other,
        hostile(lambda site, path, write: write(moved(f"{other.url}/inside"))) as first,
    ):
        status, found = doctor(f"{first.url}/")
        assert (status, levels(found)) == (1, {("page", "error")})
        assert f"redirects to {other.url}/inside, which was not followed" in text(found)
        assert f"--follow 127.0.0.1:{other.port}" in text(found)
        assert other.asked == []
        status, found = doctor(f"{first.url}/", "--follow", f"127.0.0.1:{other.port}")
        assert other.asked[0] == "/inside"
        assert levels(found) == {("tag", "error")}


def test_script_at_another_port_is_reported(doctor: Doctor) -> None:
    """A tag with another port is reported, and nothing is requested there."""
    with hostile(lambda site, path, write: write(page(""))) as other:
        body = tagged(f"{other.url}/{FILE}")
        with hostile(lambda site, path, write: write(page(body))) as first:
            status, found = doctor(f"{first.url}/")
        assert status == 1
        assert f"{other.url}/{FILE} was not requested" in text(found)
        assert other.asked == []


def test_control_that_names_another_port(doctor: Doctor) -> None:
    """Baits, scripts and a report address with another port are not requested."""
    with hostile(lambda site, path, write: write(page(""))) as other:
        away = f"{other.url}/x"

        def answer(site: Hostile, path: str, write: Write) -> None:
            view = path.partition("?v=")[2][:20]
            told = (
                f'{{"v":"{view}","t":"","x":"1","w":1,"q":"1","r":"{away}","a":"{away}",'
                f'"n":"{away}","c":"{away}","b":[[0,1,"{away}","{away}"]]}}'
            )
            if "on?v=" in path:
                write(page(told, kind="application/json"))
            else:
                write(page(tagged(f"/{FILE}")))

        with hostile(answer) as first:
            status, found = doctor(f"{first.url}/")
        assert status == 1
        assert {"baits", "report"} <= {one["look"] for one in found}
        assert other.asked == []


@pytest.mark.parametrize("goal", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "gopher:x"])
def test_other_schemes_are_refused(doctor: Doctor, goal: str) -> None:
    """Only http and https are opened, whatever a site links to, and the message says so."""
    with hostile(lambda site, path, write: write(moved(goal))) as site:
        status, found = doctor(f"{site.url}/")
    assert (status, levels(found)) == (1, {("page", "error")})
    assert "neither an http nor an https address" in text(found)
    assert "not an http" in Web().get(goal).failed or "unknown url type" in Web().get(goal).failed


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://news.example/a", True),
        ("http://NEWS.example:80/", True),
        ("https://news.example/", True),
        ("http://news.example:81/", False),
        ("https://news.example:8443/", False),
        ("http://www.news.example/", False),
        ("http://news.example@evil.example/", False),
        ("http://evil.example@news.example/", False),
        ("http://cdn.example/x", True),
        ("https://cdn.example/x", True),
        ("http://cdn.example:81/x", False),
        ("https://files.example:8443/", True),
        ("https://files.example/", False),
        ("http://[::1]:8000/", True),
        ("http://[::1/", False),
        ("http://news.example:port/", False),
        ("http:///x", False),
        ("", False),
    ],
)
def test_what_is_within_reach(url: str, asked: bool) -> None:
    """Allowed are the site's own origin, https instead of http, and the hosts of --follow."""
    follow = ["cdn.example", "files.example:8443", "[::1]:8000"]
    assert (Reach(["http://news.example/"], follow).refusal(url) == "") is asked


@pytest.mark.parametrize("host", ["https://a.example", "a.example/", "", "a.example:http", "u@a"])
def test_hosts_that_are_none(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid host is refused with the option's name."""
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "https://news.example/", "--follow", host])
    assert ended.value.code == 2
    assert "--follow" in capsys.readouterr().err


@pytest.mark.parametrize(
    "begins",
    [
        b"HTTP/1.1 200 ",
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_drip_ends_in_time(doctor: Doctor, begins: bytes) -> None:
    """A response that drips, at any point, takes no longer than the request's timeout."""
    with hostile(lambda site, path, write: site.drip(write, begins, b"1")) as site:
        started = time.monotonic()
        assert doctor(f"{site.url}/", "--timeout", "0.5") == (2, [])
        assert time.monotonic() - started < SOON
    assert "no whole answer within 0.5 s" in doctor.said


def test_drip_in_the_tls_handshake(doctor: Doctor) -> None:
    """A TLS handshake that never ends is bounded, too."""
    # The head of a handshake record of 16,384 bytes.
    with hostile(lambda site, path, write: site.drip(write, b"\x16\x03\x03\x40\x00")) as site:
        # The client's hello has no path to note; the server drips all the same.
        url = f"https://127.0.0.1:{site.port}/"
        started = time.monotonic()
        assert doctor(url, "--timeout", "0.5") == (2, [])
        assert time.monotonic() - started < SOON


def test_total_time(doctor: Doctor) -> None:
    """The run ends after --max-time with the findings so far, and says so."""

    def answer(site: Hostile, path: str, write: Write) -> None:
        if path == "/":
            write(page(tagged(f"/{FILE}")))
        else:
            site.drip(write, b"HTTP/1.1 200 OK\r\n\r\n")

    with hostile(answer) as site:
        started = time.monotonic()
        status, found = doctor(f"{site.url}/", "--max-time", "1", "--timeout", "600")
        assert time.monotonic() - started < SOON
        silent = doctor(f"{site.url}/drip", "--max-time", "0.5")
    assert status == 1
    assert ("time", "error") in levels(found)
    assert "took longer than 1 s" in text(found)
    assert "--max-time" in text(found)
    assert silent == (2, [])
    assert "took longer than 0.5 s" in doctor.said


def test_endless_answers(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of a response is limited, and that of all responses together."""

    def answer(site: Hostile, path: str, write: Write) -> None:
        write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while not site.over.is_set():
            write(b"<p>" * 20_000)

    monkeypatch.setattr(web, "LIMIT", 2**20)
    with hostile(answer) as site:
        assert doctor(f"{site.url}/") == (2, [])
    assert "sends more than 1 MB" in doctor.said
    monkeypatch.setattr(web, "TOGETHER", 2**10)
    with served(detected(news())) as url:
        status, found = doctor(url)
    assert (status, ("time", "error") in levels(found)) == (1, True)
    assert "has sent more than" in text(found)


@pytest.mark.parametrize(
    "odd", ["//[x", "http://a\u2100b/", "http://x:port/", "//x:99999/", "\ud800"]
)
def test_addresses_that_are_none(doctor: Doctor, odd: str) -> None:
    """No address in a base, a redirect or the bootstrap crashes the doctor."""
    path = json.dumps(odd)

    def answer(site: Hostile, asked: str, write: Write) -> None:
        view = asked.partition("?v=")[2][:20]
        told = (
            f'{{"v":"{view}","t":"","x":"1","w":1,"q":{path},"r":{path},"a":{path},"n":{path},'
            f'"c":{path},"b":[[0,1,{path},{path}]]}}'
        )
        base = f'<base href="{odd}"><script src="{odd}"></script>'.encode("utf-8", "replace")
        body = tagged(f"/{FILE}").encode().replace(b"<head>", b"<head>" + base)
        if "on?v=" in asked:
            write(page(told, kind="application/json"))
        elif asked in ("/", "/own"):
            write(page(body))
        else:
            write(moved(odd.encode("utf-8", "replace").decode("latin-1")))

    with hostile(answer) as site:
        assert doctor(f"{site.url}/", "--paths", "/moved")[0] == 1


@pytest.mark.parametrize("name", ["Content-Length", "Age"])
@pytest.mark.parametrize("value", ["²", "9" * 5000, "-1", "x"])
def test_odd_numbers_in_headers(doctor: Doctor, name: str, value: str) -> None:
    """A header that is not a number does not crash the doctor."""
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{name}: {value}\r\n\r\n<html>"
    with hostile(lambda site, path, write: write(answer.encode("latin-1"))) as site:
        assert doctor(f"{site.url}/")[0] == 1


def test_lists_that_are_pipes(doctor: Doctor, tmp_path: Path) -> None:
    """A pipe without a writer is not opened, and is named."""
    pipe = tmp_path / "list.txt"
    os.mkfifo(pipe)
    assert doctor("http://127.0.0.1:1/", "--lists", str(pipe)) == (2, [])
    assert f"{pipe}: is not a file" in doctor.said


@pytest.mark.parametrize("begins", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_list_by_a_dripping_server(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, begins: bytes
) -> None:
    """Reading a list that drips is aborted."""
    monkeypatch.setattr("detector.filter_lists.fetch.TOGETHER", 0.5)
    with hostile(lambda site, path, write: site.drip(write, begins)) as site:
        assert doctor("http://127.0.0.1:1/", "--lists", f"{site.url}/list.txt") == (2, [])
    assert "list.txt: did not arrive within 0.5 s" in doctor.said
