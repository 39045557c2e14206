"""Whom an audit visits a site as: bad input is named with its option and the fix."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.audit.visitor import (
    Visitor,
    VisitorError,
    before,
    device,
    expired,
    for_engine,
    headers,
    keep_headers,
    named,
    on_devices,
    storage_state,
)
from detector.cli.main import main

DEVICES = {
    "iPhone 15": {"user_agent": "x", "is_mobile": True, "default_browser_type": "webkit"},
    "iPhone 15 Pro": {"user_agent": "y", "is_mobile": True},
    "Pixel 7": {"user_agent": "z", "is_mobile": True},
}


def test_devices() -> None:
    """A device has Playwright's options; one that is not known is answered with near names."""
    assert device("iPhone 15", DEVICES) == {"user_agent": "x", "is_mobile": True}
    with pytest.raises(VisitorError, match=r"'iphone 15'.*did you mean 'iPhone 15'"):
        device("iphone 15", DEVICES)
    with pytest.raises(VisitorError, match=r"'Z': Playwright knows no such device$"):
        device("Z", DEVICES)


def test_an_engine_gets_what_it_supports() -> None:
    """Firefox refuses Chromium's mobile mode, and gets the rest of a device."""
    options = device("iPhone 15", DEVICES)
    assert for_engine(options, "firefox") == {"user_agent": "x"}
    assert for_engine(options, "chromium") == options


def test_each_device_is_a_visitor_of_its_own() -> None:
    """The same log-in and language on each device; without devices there is one visitor."""
    one = Visitor({"locale": "de-DE"})
    made = on_devices(one, {"a": {"user_agent": "x"}, "b": {"user_agent": "y"}})
    assert [dict(each.context) for each in made.values()] == [
        {"user_agent": "x", "locale": "de-DE"},
        {"user_agent": "y", "locale": "de-DE"},
    ]
    assert on_devices(one, {}) == {"": one}
    assert named("easylist", "iPhone 15") == "easylist (iPhone 15)"


def test_headers() -> None:
    """Names are in lower case, values without spaces around them; no line can be added."""
    assert headers(["X-Test:  a: b ", "accept: x"]) == {"x-test": "a: b", "accept": "x"}
    for wrong in ("none", ": x", "a b: c", "x: a\r\ny: b", "x: a\nb"):
        with pytest.raises(VisitorError, match="--header"):
            headers([wrong])


def test_a_secret_is_not_repeated() -> None:
    """The message about a wrong header has its name alone."""
    with pytest.raises(VisitorError) as refused:
        headers(["Authori zation: Bearer secret"])
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"cookies": []}', '{"cookies": 1, "origins": []}']
)
def test_a_file_that_is_no_storage_state(text: str, tmp_path: Path) -> None:
    """Anything else than Playwright's file is refused, with the command that writes one."""
    file = tmp_path / "state.json"
    file.write_text(text)
    with pytest.raises(VisitorError, match=r"--storage-state .*playwright open --save-storage"):
        storage_state(file)


def test_a_storage_state(tmp_path: Path) -> None:
    """A good file is passed to Playwright by its name."""
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"cookies": [], "origins": []}))
    assert Visitor(storage_state(file)).signed_in
    assert not Visitor().signed_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", "has no function before"),
        ("before = 1", "has no function before"),
        ("def before(page:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("exit('no')", "SystemExit: no"),
        (None, "cannot be read"),
    ],
)
def test_a_file_without_before(text: str | None, words: str, tmp_path: Path) -> None:
    """A file that cannot be run, or has no function, is named before a browser starts."""
    file = tmp_path / "clicks.py"
    if text is not None:
        file.write_text(text)
    with pytest.raises(VisitorError, match=words):
        before(file)


def test_an_expired_log_in_is_told_once() -> None:
    """One sentence names the first page and counts the others."""
    assert expired([]) == ""
    pages = [f"https://news.example/{n}" for n in range(3)]
    assert expired(pages).startswith("https://news.example/0 and 2 more asked for a log-in")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--storage-state", "none.json"], "--storage-state none.json: cannot be read"),
        (["--header", "x"], "--header 'x'"),
        (["--before", "none.py"], "--before none.py: cannot be read"),
    ],
)
def test_bad_input(option: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends with 2 and the option's name."""
    assert main(["audit", "https://news.example/", *option]) == 2
    assert words in capsys.readouterr().err


def test_headers_need_a_driver_that_keeps_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Headers are refused where a running driver would send them along to other hosts."""
    monkeypatch.setenv("NODE_OPTIONS", "")
    with pytest.raises(VisitorError, match=r"keep_headers_on_site\(\) before it is started"):
        keep_headers(running=True)
    keep_headers()
    keep_headers(running=True)


def test_a_device_that_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command names the nearest of Playwright's devices, before it asks the site or writes."""
    out = tmp_path / "report"
    given = ["--device", "Iphone 15", "--out", str(out)]
    assert main(["audit", "http://127.0.0.1:1/", *given]) == 2
    said = capsys.readouterr().err
    assert "--device 'Iphone 15': Playwright knows no such device; did you mean 'iPhone 15" in said
    assert not out.exists()
