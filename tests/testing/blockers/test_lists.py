"""Names, lists and their cache, without a browser."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from detector.cli import main
from detector.testing.blockers import BlockerError, Options, UnknownBlocker, find, names, ready
from detector.testing.blockers.compiled import compiled
from detector.testing.blockers.lists import filter_lists, hosts, newest
from detector.testing.blockers.loopback import _hash

LIST = """! Title: mine
! Last modified: 02 Jan 2026 10:00 UTC
||ads.example^
||more.example^$third-party
0.0.0.0 old.example
/banner-728x90.
##.adSlot
@@||spared.example^$generichide
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a small list."""
    path = tmp_path / "mine.txt"
    path.write_text(LIST, "utf-8")
    return path


@pytest.fixture
def served(file: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the address of the list, and the requested paths."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(file.read_bytes())

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/list.txt", asked
        server.shutdown()
        thread.join()


def test_an_unknown_name_gets_the_nearest() -> None:
    """A misspelt blocker is refused with the nearest name and all names."""
    with pytest.raises(UnknownBlocker, match="'ublok-origin'; did you mean 'ublock-origin'"):
        find("ublok-origin", Options())


@pytest.mark.parametrize("name", ["dns", "A b"])
def test_an_extension_has_a_name_of_its_own(name: str) -> None:
    """An extension cannot have a blocker's name, nor one that is invalid in a test's name."""
    with pytest.raises(UnknownBlocker, match=r"choose another|not a name for an extension"):
        names(Options(extensions={name: "."}))


def test_a_list_is_compiled_once(file: Path, tmp_path: Path) -> None:
    """A second start uses the first one's cached engine; a changed text is another engine."""
    options = Options(filter_lists=(str(file),), cache=tmp_path / "cache")
    for _ in range(2):
        engine = compiled(filter_lists(options), tmp_path / "cache")
        page = "https://site.example/"
        assert engine.blocks("https://ads.example/a.js", page, "script")
        assert not engine.blocks("https://site.example/a.js", page, "script")
        assert ".adSlot" in engine.sheet(page, ["adSlot"], [])
        for spared in ("https://www.spared.example/", "http://localhost:8000/"):
            assert engine.sheet(spared, ["adSlot"], []) == ""
    kept = list((tmp_path / "cache" / "engines").iterdir())
    assert len(kept) == 1
    file.write_text(LIST + "||new.example^\n", "utf-8")
    engine = compiled(filter_lists(options), tmp_path / "cache")
    assert engine.blocks("https://new.example/", page, "image")


def test_a_broken_cache_is_made_anew(file: Path, tmp_path: Path) -> None:
    """A cached engine that cannot be read is compiled again."""
    options = Options(filter_lists=(str(file),), cache=tmp_path)
    compiled(filter_lists(options), tmp_path)
    for kept in (tmp_path / "engines").iterdir():
        kept.write_bytes(b"[]\nnonsense")
    engine = compiled(filter_lists(options), tmp_path)
    assert engine.blocks("https://ads.example/", "https://site.example/", "image")


def test_an_address_is_fetched_once(served: tuple[str, list[str]], tmp_path: Path) -> None:
    """A list given by address is requested once, and read from the cache afterwards."""
    url, asked = served
    for _ in range(2):
        lists = filter_lists(Options(filter_lists=(url,), cache=tmp_path))
        assert hosts(lists) == ["ads.example", "more.example", "old.example"]
        assert newest(lists) == "2026-01-02"
    assert asked == ["/list.txt"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("<html>", "line 1 begins an HTML page"), ("/x-728x90.\n", "names no host as a whole")],
)
def test_a_list_of_no_use_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """A file that is no list, or has no rule for a DNS blocker, is refused with name and cause."""
    path = tmp_path / "bad.txt"
    path.write_text(text, "utf-8")
    with pytest.raises(BlockerError, match=f"bad.txt.*{words}"):
        hosts(filter_lists(Options(filter_lists=(str(path),))))


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    """A missing list makes the blockers that need it not ready."""
    found = {n.blocker.name: n for n in ready(Options(filter_lists=(str(tmp_path / "no.txt"),)))}
    assert "no.txt" in found["easylist"].missing
    assert not found["easylist"].ready


def test_hashes_have_one_length() -> None:
    """Hosts are hashed to seven digits each, different ones to different digits."""
    found = {_hash(host) for host in ("a.example", "b.example", "x" * 200 + ".example")}
    assert {len(one) for one in found} == {7}
    assert len(found) == 3


def test_the_command_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    """`detector blockers --json` lists every blocker, ready or with the missing part."""
    assert main.main(["blockers", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in told] == names()
    assert all(one["ready"] is (one["missing"] is None) for one in told)


def test_the_command_refuses_an_extension_without_a_path(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A pair without its = is status 2 with a message."""
    assert main.main(["blockers", "--blocker-extension", "x"]) == 2
    assert "NAME=PATH" in capsys.readouterr().err
