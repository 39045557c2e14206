"""Filter lists given by path or address, and the errors for invalid ones."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from detector.cli.main import main
from detector.filter_lists import fetch
from detector.filter_lists.matcher import Matcher

Capture = pytest.CaptureFixture[str]
FULL = ["! a list", "/lane/*$script", "||host.example^", "##.lane", *["##.more"] * 99]
URL = "https://news.example/lane/x.js"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty; get the list again"),
        (b"\n \r\n", "is empty"),
        (b"! Title: x\n\n! y\n", "contains no rule"),
        (b"||host.example^\n\x89PNG\xff", "line 2 is not UTF-8 text"),
        (b"||host.example^\n\0\0", "line 2 is not text"),
        (b"\n<!DOCTYPE html>\n<title>404</title>", "line 2 begins an HTML page, not a filter list"),
        (b"<html><body>Not found", "line 1 begins an HTML page"),
        (b'{\n  "rules": []\n}', "line 1 is not a filter rule"),
        (b"! x\nNo such list here.\n", "line 2 is not a filter rule, nor are 0 others"),
    ],
)
def test_broken_list(tmp_path: Path, capsys: Capture, data: bytes, message: str) -> None:
    """An invalid list is status 2 with its name and, for a bad line, the line's number."""
    broken = tmp_path / "broken.txt"
    broken.write_bytes(data)
    assert main(["baits", "check", str(broken)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"detector baits check: {broken}: {message}")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.txt", "gone.txt: cannot be read (No such file or directory)"),
        (".", ".: cannot be read (Is a directory)"),
        ("ftp://lists.example/list.txt", "is neither a file nor an http or https address"),
        ("file:///etc/hosts", "is neither a file nor an http or https address"),
        ("http://[lists.example/", "is not an address"),
        ("http:///list.txt", "is neither a file nor an http or https address"),
    ],
)
def test_list_that_is_not_there(capsys: Capture, name: str, message: str) -> None:
    """An unreachable list is status 2 with its name."""
    assert main(["baits", "check", name]) == 2
    assert message in capsys.readouterr().err


class Server(BaseHTTPRequestHandler):
    """Serves a list and invalid responses; records the requests."""

    asked: list[str]

    def do_GET(self) -> None:
        """Answer by path."""
        self.asked.append(self.path)
        body = "\n".join(FULL).encode()
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/list.txt")
            body = b""
        elif self.path == "/gone":
            self.send_response(404)
        else:
            self.send_response(200)
        if self.path == "/page":
            body = b"<!doctype html><p>Log in"
        self.send_header("Content-Length", str(len(body) * (2 if self.path == "/cut" else 1)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a local server, and the requested paths."""
    monkeypatch.setenv("no_proxy", "*")
    asked: list[str] = []
    handler = type("Handler", (Server,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        thread = Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{made.server_address[1]}", asked
        made.shutdown()
        thread.join()


def test_list_by_address(server: tuple[str, list[str]]) -> None:
    """A list may be an address; only this address is requested."""
    address, asked = server
    (source,) = fetch.read_all([f"{address}/list.txt"])
    assert asked == ["/list.txt"]
    assert source.lines == tuple(FULL)
    assert (source.label, source.rules, source.include) == ("list", len(FULL) - 1, 0)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/moved", "redirects to"),
        ("/gone", "answers 404 Not Found; check the address"),
        ("/page", "line 1 begins an HTML page, not a filter list"),
        ("/cut", "is cut off after"),
    ],
)
def test_address_without_a_list(
    server: tuple[str, list[str]], capsys: Capture, path: str, message: str
) -> None:
    """An address without a list is status 2; a redirect is not followed, its target is named."""
    address, asked = server
    assert main(["baits", "check", address + path]) == 2
    err = capsys.readouterr().err
    assert f"{address}{path}: {message}" in err
    assert asked == [path]
    assert path != "/moved" or f"{address}/list.txt" in err


def test_address_that_nobody_serves(server: tuple[str, list[str]], capsys: Capture) -> None:
    """An address where nothing listens is status 2."""
    assert main(["baits", "check", "http://127.0.0.1:1/list.txt"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_list_that_is_too_large(
    server: tuple[str, list[str]],
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file or an address larger than the limit is refused."""
    assert fetch.LIMIT == 50 * 1024 * 1024
    monkeypatch.setattr(fetch, "LIMIT", 500)
    full = tmp_path / "full.txt"
    full.write_text("\n".join(FULL), "utf-8")
    for name in (str(full), server[0] + "/list.txt"):
        assert main(["baits", "check", name]) == 2
        assert f"{name}: is larger than" in capsys.readouterr().err


def test_lists_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    """Two lists with one file name have different labels; one given twice counts once."""
    names = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        names.append(str(tmp_path / folder / "list.min.txt"))
        Path(names[-1]).write_text("/two.\n", "utf-8")
    sources = fetch.read_all([*names, names[0]])
    assert [(source.name, source.label) for source in sources] == [
        (names[0], "list"),
        (names[1], "list(2)"),
    ]


def test_windows_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    """Neither changes a list's rules or line numbers."""
    plain, odd = tmp_path / "plain.txt", tmp_path / "odd.txt"
    plain.write_text("\n".join(FULL), "utf-8")
    odd.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(FULL).encode())
    assert fetch.read(str(plain)) == fetch.read(str(odd))
    assert Matcher(fetch.read_all([str(odd)])).request(URL, "script").live
