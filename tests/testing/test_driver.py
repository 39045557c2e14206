"""The guard of Playwright's driver: one known fault is ignored, any other is not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from detector.testing.driver import guard_driver

FAULT = "function _onNavigationCommitted() { null._name } "


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in the driver's own Node.js with this process's environment."""
    node = Path(compute_driver_executable()[0])
    return subprocess.run(
        [node, "-e", code], capture_output=True, text=True, check=False, env=os.environ
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (FAULT + "setTimeout(_onNavigationCommitted); setTimeout(() => console.log('on'), 20)", 0),
        ("setTimeout(() => { throw new Error('another') })", 1),
    ],
)
def test_guard(monkeypatch: pytest.MonkeyPatch, code: str, status: int) -> None:
    """The driver survives its known fault and exits with any other."""
    monkeypatch.delenv("NODE_OPTIONS", raising=False)
    assert run(FAULT + "_onNavigationCommitted()").returncode == 1
    guard_driver()
    guard_driver()
    assert os.environ["NODE_OPTIONS"].count("--require") == 1
    done = run(code)
    assert done.returncode == status, done.stderr
    assert status == 1 or done.stdout == "on\n"
