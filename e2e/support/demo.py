"""The demo newspaper as its command serves it, on a free local port."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from detector.testing.internet import Internet
from e2e.support.newspaper import HOST

COMMAND = [sys.executable, "-m", "detector.cli"]


class Demo:
    """A running demo and the address that it printed."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address


@pytest.fixture
def demo(net: Internet, tmp_path: Path) -> Iterator[Demo]:
    """Start the demo on a free port, with a host name of the test internet."""
    command = [*COMMAND, "demo", "--port", "0", "--db", str(tmp_path / "demo.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address = _address(process.stdout)
            net.forward(HOST, "127.0.0.1", int(address.rpartition(":")[2]))
            yield Demo(process, address)
        finally:
            process.terminate()
            process.wait(20)


def _address(lines: Iterable[str]) -> str:
    for line in lines:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found[0]
    raise AssertionError("the demo ended without printing an address")
