"""What tests need of the machine: a port, a program, and what becomes of a test without it."""

from __future__ import annotations

import os
import shutil
import socket
from typing import NoReturn


def missing(reason: object) -> NoReturn:
    """Skip the test for what is missing, or fail it where CI=true."""
    import pytest

    if os.environ.get("CI") == "true":
        pytest.fail(str(reason), pytrace=False)
    pytest.skip(str(reason))


def need(program: str) -> str:
    """Return the path of a program that Debian packages by its name, else `missing`."""
    # Servers lie where the path of plain users does not lead.
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(program, path=places)
    if found is None:
        missing(f"{program} is not on this machine. Install it: Debian `apt-get install {program}`")
    return found


def free_port() -> int:
    """Return a loopback port that nobody listens at right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
