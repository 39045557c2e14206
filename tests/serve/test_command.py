"""`detector serve` as a process: several sites, signals and messages."""

from __future__ import annotations

import json
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

import detector.serve
from detector.cli.main import main
from detector.core.tokens import Tokens
from detector.serve.wordpress import KINDS
from tests.support.servers import until
from tests.support.serving import FIREFOX, Serving, Tag, ask, stats
from tests.support.tags import tags

NEWS = '[sites.news]\nsecret = "the secret of the news site"\nhosts = ["news.example"]\n'
SHOP = (
    '[sites.shop]\nsecret = "the secret of the shop site"\nhosts = ["shop.example"]\n'
    'mount = "/de"\nstore = "shop-counts.sqlite"\n'
)
VIEWS = (f"{n:020}" for n in count(1))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with two sites."""
    path = tmp_path / "sites.toml"
    path.write_text(NEWS + SHOP)
    return path


@pytest.fixture
def serving(file: Path) -> Iterator[Serving]:
    """Yield a server of these sites on a free port."""
    with Serving(file) as serving:
        yield serving


def test_several_sites(serving: Serving, file: Path) -> None:
    """Each site counts its own views in its own store; all are written at the stop."""
    news, shop = Tag(file, "news"), Tag(file, "shop")
    assert shop.src.startswith("/de/") and news.folder != shop.folder
    for _ in range(3):
        news.visit(serving.port, "news.example", next(VIEWS))
    shop.visit(serving.port, "shop.example", next(VIEWS))
    assert ask(serving.port, "/healthz", "any.example") == (200, "ok")
    assert ask(serving.port, news.src, "shop.example")[0] == 404
    assert serving.stop() == 0
    for name, views in {"news.sqlite": 3, "shop-counts.sqlite": 1}.items():
        found = stats(file.with_name(name))
        assert (found["views"], found["verdicts"]["clear"]) == (views, views)
        assert found["refused"] == {} and found["errors"] == 0


def test_a_site_key_is_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--for wordpress` prints one line of JSON without the secret, and what to do with it."""
    command = ["serve", "--config", str(file), "--print-tag", "shop", "--for", "wordpress"]
    assert main([*command, "--group", "recipe", "--port", "8200"]) == 0
    printed = capsys.readouterr()
    key = json.loads(printed.out)
    assert printed.out.count("\n") == 1 and "secret" not in printed.out
    assert key["site"] == "shop" and key["folder"].startswith("/de/")
    assert set(key["groups"]) == {*KINDS, "recipe"}
    assert "http://127.0.0.1:8200" in printed.err and "[sites.shop]" in printed.err


def test_a_system_belongs_to_a_tag(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--for` without `--print-tag` is refused, and names it."""
    assert main(["serve", "--config", str(file), "--for", "wordpress"]) == 2
    assert "--for belongs to --print-tag" in capsys.readouterr().err


def test_reload(serving: Serving, file: Path) -> None:
    """SIGHUP loads the file's new settings; a bad file changes nothing and is logged."""
    news, shop = Tag(file, "news"), Tag(file, "shop")
    port = serving.port
    assert "n" in news.control(port, "news.example", next(VIEWS))
    file.write_text(NEWS + 'notise = "none"\n')
    serving.reload()
    serving.logged(r"previous settings stay: sites\.toml, line 4: notise .* did you mean notice\?")
    assert "n" in news.control(port, "news.example", next(VIEWS))
    assert ask(port, shop.src, "shop.example")[0] == 200
    file.write_text(NEWS + 'notice = "none"\n')
    serving.reload()
    serving.logged("reloaded: news$")
    assert "n" not in news.control(port, "news.example", next(VIEWS))
    assert ask(port, shop.src, "shop.example")[0] == 404
    assert serving.stop(signal.SIGINT) == 0
    assert stats(file.with_name("news.sqlite"))["views"] == 3


def test_stop_loses_no_count(serving: Serving, file: Path) -> None:
    """A SIGTERM among requests loses nothing: every answered report is in the store."""
    tag = Tag(file, "news")
    views = [next(VIEWS) for _ in range(4000)]
    answered = []

    def visit(view: str) -> None:
        try:
            told = tag.control(serving.port, "news.example", view)
            path, body = tag.report(told)
            if ask(serving.port, path, "news.example", body)[0] == 204:
                answered.append(view)
        except OSError:
            pass  # the port is closed

    with ThreadPoolExecutor(8) as visitors:
        for view in views:
            visitors.submit(visit, view)
        until(lambda: len(answered) >= 100 or serving.process.poll() is not None, "100 answers")
        status = serving.stop()
        visitors.shutdown(cancel_futures=True)
    assert status == 0
    assert 100 <= len(answered) < len(views)
    assert stats(file.with_name("news.sqlite"))["verdicts"]["clear"] == len(answered)


def test_stop_answers_what_has_come_in(serving: Serving, file: Path) -> None:
    """A report whose second half arrives after SIGTERM is answered and counted."""
    tag = Tag(file, "news")
    path, body = tag.report(tag.control(serving.port, "news.example", next(VIEWS)))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: news.example\r\nUser-Agent: {FIREFOX}\r\n"
        f"Origin: http://news.example\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", serving.port), 30) as client:
        client.sendall(head.encode() + body[:40].encode())
        # A response on a later connection: the half report has been read by now.
        assert ask(serving.port, "/healthz", "x")[0] == 200
        serving.process.send_signal(signal.SIGTERM)
        _wait_until_closed(serving.port)
        client.sendall(body[40:].encode())
        assert client.recv(100).startswith(b"HTTP/1.1 204")
    serving.logged("stopped; all counts are written")
    assert serving.process.wait(30) == 0
    assert stats(file.with_name("news.sqlite"))["verdicts"]["clear"] == 1


def _wait_until_closed(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 30).close()
        except ConnectionError:  # refused, or reset in the backlog
            return


def test_big_bodies_are_refused(serving: Serving, file: Path) -> None:
    """A body that is too large for a report is refused before it is read."""
    assert ask(serving.port, Tag(file, "news").src, "news.example", "x" * 20_000)[0] == 413


def test_printed_tag(file: Path) -> None:
    """Only the tag is on standard output; the advice names both proxies and the folder."""
    tag = Tag(file, "shop", "--group", "article", "--port", "8123")
    assert tag.line.count("\n") == 0 and tags(tag.line.encode()) == 1
    assert Tokens(["the secret of the shop site"]).read_page(tag.token) == "article"
    assert f"location ^~ {tag.folder}/ {{" in tag.advice
    assert f"reverse_proxy {tag.folder}/* 127.0.0.1:8123" in tag.advice
    short = tag.line.partition("</script>")[2]
    assert f"\n  {short}\n" in tag.advice
    assert "the secret of" not in tag.line + tag.advice


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--print-tag", "nws"], "--print-tag nws: FILE has no such site; it has news, shop"),
        (["--group", "x"], "--group belongs to --print-tag"),
        (["--host", "no such host"], "--host no such host is not an address of this machine"),
    ],
)
def test_bad_arguments(
    file: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad arguments are status 2 with a message."""
    assert main(["serve", "--config", str(file), *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("detector serve: " + message.replace("FILE", str(file)))


def test_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bad file is status 2 at the start."""
    file = tmp_path / "sites.toml"
    file.write_text(NEWS + "share = 7")
    assert main(["serve", "--config", str(file), "--port", "0"]) == 2
    assert "share (sites.toml, line 4) is 7; allowed are numbers" in capsys.readouterr().err


def test_without_its_extra(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without waitress the command says what to install, and still prints tags."""
    monkeypatch.delitem(sys.modules, "detector.serve.server", raising=False)
    monkeypatch.delattr(detector.serve, "server", raising=False)
    monkeypatch.setitem(sys.modules, "waitress.server", None)
    monkeypatch.setitem(sys.modules, "waitress", None)
    assert main(["serve", "--config", str(file)]) == 2
    assert "needs waitress: pip install 'adblock-detector[serve]'" in capsys.readouterr().err
    assert main(["serve", "--config", str(file), "--print-tag", "news"]) == 0
