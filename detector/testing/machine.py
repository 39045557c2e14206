"""What tests need of the machine: a port, a program, and what happens to a test without it."""

from __future__ import annotations

import os
import shutil
import socket
from typing import NoReturn


def missing(reason: object) -> NoReturn:
    """Skip the test because something is missing, or fail it if CI=true."""
    import pytest

    if os.environ.get("CI") == "true":
        pytest.fail(str(reason), pytrace=False)
    pytest.skip(str(reason))


def need(program: str) -> str:
    """Return the path of a program that Debian packages by its name; call `missing` otherwise."""
    # Servers are in folders that are not on the path of plain users.
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(program, path=places)
    if found is None:
        missing(f"{program} is not on this machine. Install it: Debian `apt-get install {program}`")
    return found


def free_port() -> int:
    """Return a loopback port that is not in use right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
