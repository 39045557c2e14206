"""scripts/debian-packages: what is missing is installed, and nothing else happens."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.support.root import ROOT

# As dpkg has it for apache2: the status comes first, and far more than a pipe is read for.
RECORD = """#!/bin/sh
case "$*" in *absent*) exit 1;; esac
echo "Status: install ok installed"
yes "Conffiles: /etc/some/file" | head -n 20000
"""
STATUS = """#!/bin/sh
case "$*" in *absent*) echo "no packages found" >&2; exit 1;; esac
case "$*" in *removed*) printf "deinstall ok config-files"; exit 0;; esac
printf "install ok installed"
"""
TOOLS = {
    "dpkg": RECORD,
    "dpkg-query": STATUS,
    "apt-get": '#!/bin/sh\necho "$@" >>"$ASKED"\n',
    "sudo": '#!/bin/sh\nexec "$@"\n',
}


def asked(folder: Path, *packages: str) -> list[str]:
    """Run the script for packages and return the commands that apt-get got."""
    for name, text in TOOLS.items():
        (folder / name).write_text(text, "utf-8")
        (folder / name).chmod(0o755)
    log = folder / "asked"
    env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "ASKED": str(log)}
    subprocess.run([ROOT / "scripts" / "debian-packages", *packages], env=env, check=True)
    return log.read_text("utf-8").splitlines() if log.exists() else []


def test_nothing_is_missing(tmp_path: Path) -> None:
    """Where all packages are installed apt-get is not called, however long their records are."""
    assert asked(tmp_path, "apache2", "nginx") == []


def test_what_is_missing(tmp_path: Path) -> None:
    """Packages that are absent, or of which only settings are left, are installed."""
    update, install = asked(tmp_path, "apache2", "absent", "removed")
    assert update.startswith("update")
    assert install.endswith(" absent removed")
