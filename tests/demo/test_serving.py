"""Serving the newspaper: its secret, its folder, its address, and the detector in front."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from detector.demo import content
from detector.demo.app import create_app
from detector.demo.serve import DemoError, check_folder, keep_secret, run
from tests.demo.conftest import ARTICLE, SECRET, Page


def test_secret_is_kept(tmp_path: Path) -> None:
    """The secret is generated once, readable by the owner alone, and read at later starts."""
    first = keep_secret(tmp_path / "demo.sqlite")
    beside = tmp_path / "demo.sqlite.secret"
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert len(first) >= 32
    assert keep_secret(tmp_path / "demo.sqlite") == first
    assert keep_secret(tmp_path / "other.sqlite") != first


def test_secret_is_closed_again(tmp_path: Path) -> None:
    """A secret that others can read gets its permissions fixed at the next start."""
    first = keep_secret(tmp_path / "demo.sqlite")
    beside = tmp_path / "demo.sqlite.secret"
    beside.chmod(0o644)
    assert keep_secret(tmp_path / "demo.sqlite") == first
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", [b"", b"short\n", b"\xff" * 40])
def test_secret_is_refused(tmp_path: Path, kept: bytes) -> None:
    """The error for a secret that is too short or not text names the file and the fix."""
    beside = tmp_path / "demo.sqlite.secret"
    beside.write_bytes(kept)
    with pytest.raises(DemoError, match=r"demo\.sqlite\.secret .*Delete it and start again"):
        keep_secret(tmp_path / "demo.sqlite")


def test_folder_is_made(tmp_path: Path) -> None:
    """The folder of the store's file is created, and nothing is left in it."""
    check_folder(tmp_path / "new" / "folder" / "demo.sqlite")
    assert list((tmp_path / "new" / "folder").iterdir()) == []


def test_folder_is_refused(tmp_path: Path) -> None:
    """A folder that cannot be created, or a folder in place of a file, is named with the fix."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DemoError, match=r"--db .*cannot be written .*--db demo\.sqlite"):
        check_folder(tmp_path / "file" / "demo.sqlite")
    with pytest.raises(DemoError, match=r"--db .* is a folder: name a file in it"):
        check_folder(tmp_path)


def test_dead_bait_is_refused(tmp_path: Path) -> None:
    """A bait that is not in the pool, or that has no traffic to die in, is named with the fix."""
    db = str(tmp_path / "demo.sqlite")
    with pytest.raises(DemoError, match=r"--dead-bait: the pool has 'aclib.js', which is not"):
        run(db=db, traffic=True, dead="aclib.js")
    with pytest.raises(DemoError, match="--dead-bait belongs to --traffic"):
        run(db=db, dead="aclib.js")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that not even root can write")
def test_unwritable_folder_is_refused() -> None:
    """A folder that exists but takes no files is refused before anything is served."""
    with pytest.raises(DemoError, match=r"--db /proc/demo\.sqlite: its folder cannot be written"):
        check_folder(Path("/proc/demo.sqlite"))


def test_busy_port_is_refused(tmp_path: Path) -> None:
    """A port in use is named, and another one is suggested."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=rf"--port {port} .* cannot be opened .*--port \d+$"):
            run(port=port, db=str(tmp_path / "demo.sqlite"))


@pytest.mark.parametrize(
    ("host", "port", "message"),
    [
        ("203.0.113.7", 0, "--host 203.0.113.7 is not an address of this machine"),
        ("127.0.0.1", 70_000, "--port 70000 is not a port"),
    ],
)
def test_bad_address_is_refused(tmp_path: Path, host: str, port: int, message: str) -> None:
    """An address that cannot be served is named by its option."""
    with pytest.raises(DemoError, match=message):
        run(host, port, str(tmp_path / "demo.sqlite"))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """Run the demo in its own process with the default store; yield process, address and output."""
    code = "from detector.demo.serve import run; run(port=0)"
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(content.__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        lines = []
        while "/stream" not in (line := process.stdout.readline()):
            assert line, process.communicate()[1]
            lines.append(line)
        address = re.search(r"http://127\.0\.0\.1:\d+", lines[0])
        assert address
        yield process, address[0], lines
    finally:
        process.kill()
        process.communicate()


def test_run(served: tuple[subprocess.Popen[str], str, list[str]], tmp_path: Path) -> None:
    """The demo serves tagged pages, prints what to try, keeps its secret, and ends on SIGTERM."""
    process, address, lines = served
    assert f"detector stats --db {Path('.cache', 'demo.sqlite')}" in "".join(lines)
    secret = tmp_path / ".cache" / "demo.sqlite.secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    with urlopen(f"{address}{ARTICLE}", timeout=10) as response:
        text = response.read().decode()
    plain = create_app(secret=SECRET, detector=False).test_client().get(ARTICLE).text
    assert len(text) > len(plain)
    assert secret.read_text().strip() not in text
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "")


def test_detector_answers_before_the_newspaper(tmp_path: Path) -> None:
    """With the detector a page gets the script, which is served without the app's hooks."""
    app = create_app(secret=SECRET, db=str(tmp_path / "demo.sqlite"), notice="none")

    @app.before_request
    def closed() -> tuple[str, int]:
        return "closed", 503

    open_app = create_app(secret=SECRET, db=str(tmp_path / "demo.sqlite"))
    sources = {tag.get("src") for tag in Page(open_app.test_client().get("/").text).all("script")}
    plain = create_app(secret=SECRET, detector=False).test_client().get("/")
    ours = sources - {tag.get("src") for tag in Page(plain.text).all("script")}
    assert len(ours) == 1
    script = app.test_client().get(str(ours.pop()))
    assert script.status_code == 200
    assert script.mimetype == "text/javascript"
    assert app.test_client().get("/").status_code == 503
