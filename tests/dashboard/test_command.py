"""`detector dashboard`: it starts only with access control, and serves the store's figures."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pytest

from detector.cli.dashboard import VARIABLE
from detector.cli.main import main
from tests.dashboard.conftest import token_of
from tests.support.deployed import nginx

COMMAND = [sys.executable, "-m", "detector.cli", "dashboard"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--db is missing"),
        (["--db", "none.sqlite"], "nobody could sign in"),
        (["--db", "none.sqlite", "--open", "--host", "0.0.0.0"], "to whoever reaches --host"),
        (["--db", "none.sqlite", "--open", "--host", "::"], "to whoever reaches --host"),
        (["--db", "none.sqlite", "--password-file", "none.txt"], "none.txt cannot be read"),
        (["--db", "none.sqlite", "--open"], "there is no file"),
        (["--db", "nothing://x", "--open"], "no store is known"),
        (["--db", "none.sqlite", "--open", "--proxies", "17"], "--proxies is 17"),
    ],
)
def test_refusals(
    arguments: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """An unsafe configuration is refused with a message that names the option."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    assert main(["dashboard", *arguments]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "words"),
    [("my own password", "this is a password"), ("scrypt:1:2:3:x:y", "not a password hash")],
)
def test_bad_variable(
    value: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A plain password in the environment, or a partial hash, is refused and not printed."""
    monkeypatch.setenv(VARIABLE, value)
    assert main(["dashboard", "--db", "x.sqlite"]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert value not in told
    assert main(["dashboard", "--db", "x.sqlite", "--open"]) == 2
    assert "do not go together" in capsys.readouterr().err


def test_short_password_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A short password is refused."""
    file = tmp_path / "password"
    file.write_text("short\n")
    assert main(["dashboard", "--db", "x", "--password-file", str(file)]) == 2
    assert "10 to 1024 characters" in capsys.readouterr().err


def test_hash_and_serve(filled: str, tmp_path: Path) -> None:
    """A hash created by the command protects the page that the command serves."""
    made = subprocess.run(
        [*COMMAND, "--hash"], input="a long password\n", capture_output=True, text=True, check=True
    )
    assert made.stdout.startswith("scrypt:")
    file = tmp_path / "password"
    file.write_text(made.stdout)
    command = [*COMMAND, "--db", filled, "--port", "0", "--password-file", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
            assert found is not None
            with urllib.request.urlopen(found[0]) as answer:
                assert answer.url == f"{found[0]}sign-in"
            with pytest.raises(urllib.error.HTTPError, match="401") as refused:
                urllib.request.urlopen(f"{found[0]}export/time.csv")
            refused.value.close()
        finally:
            process.terminate()


def test_guesses_behind_a_proxy(filled: str, quick: str, tmp_path: Path) -> None:
    """With --proxies 1 guesses are counted by the proxy's header, which waitress passes on."""
    file = tmp_path / "hash"
    file.write_text(quick)
    command = [*COMMAND, "--db", filled, "--port", "0", "--proxies", "1"]
    command += ["--password-file", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
            assert found is not None
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

            def guess(address: str) -> int:
                with opener.open(f"{found[0]}sign-in") as form:
                    token = token_of(form.read().decode())
                body = urlencode({"token": token, "password": "wrong password"}).encode()
                headers = {"X-Forwarded-For": address}
                request = urllib.request.Request(f"{found[0]}sign-in", body, headers)
                with pytest.raises(urllib.error.HTTPError) as refused:
                    opener.open(request)
                refused.value.close()
                return refused.value.code

            assert [guess("9.8.7.6") for _ in range(6)] == [403] * 5 + [429]
            assert guess("9.8.7.7") == 403
        finally:
            process.terminate()


CROWDED = """
import os, resource, runpy
limits = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (2048, limits[1]))
held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
runpy.run_module("detector.cli", run_name="__main__", alter_sys=True)
"""


def test_more_open_files_than_select_can_watch(filled: str) -> None:
    """With over a thousand files open already, the dashboard still serves its pages."""
    command = [sys.executable, "-c", CROWDED, *COMMAND[3:], "--db", filled, "--port", "0", "--open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"(http://\S+/)(\?key=\S+)", process.stdout.readline())
            assert found is not None
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            with opener.open(found[1] + found[2], timeout=20) as page:
                assert page.status == 200
        finally:
            process.terminate()


BARE = (
    "server { listen PORT0; location / { proxy_pass ADDRESS; proxy_set_header Host $proxy_host; } }"
)


def test_open_behind_a_bare_proxy(filled: str, tmp_path: Path) -> None:
    """Behind an nginx that adds no header the key is required, and is in no log."""
    command = [*COMMAND, "--db", filled, "--port", "0", "--open"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"(http://127\.0\.0\.1:\d+)/(\?key=\S+)", process.stdout.readline())
            assert found is not None
            address, query = found.groups()
            with nginx(tmp_path, BARE.replace("ADDRESS", address)) as (port,):
                for path in ("/", "/?key=guessed", "/export/time.csv", "/export/time.json"):
                    status, text = ask(f"http://127.0.0.1:{port}{path}")
                    assert (status, "views" in text) == (403, False)
                    assert "detector dashboard --open printed" in text
            assert ask(f"{address}/")[0] == 403
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            with opener.open(f"{address}/{query}") as page:
                assert (page.status, page.url) == (200, f"{address}/")
            with opener.open(f"{address}/export/time.csv") as export:
                assert export.status == 200
        finally:
            process.terminate()
        out, err = process.communicate()
        assert query[5:] not in out + err


def ask(url: str) -> tuple[int, str]:
    """Return status and text of an address, requested without cookies."""
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()
