"""The options of `detector mail`: what is wrong or missing is named."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from detector.cli.main import main
from tests.support.smtp import SmtpServer
from tests.support.weekly_mail import Run


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
