"""scripts/hashes and the pins: a release installs exactly the files from when it was made."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.root import ROOT

# Each test starts pip several times, which takes seconds on a busy machine.
pytestmark = pytest.mark.timeout(300)
PINS = "shop-core==2.0\nShop_Native==1.0\nshop-web==1.5\n"
HERE = f"cp{sys.version_info[0]}{sys.version_info[1]}"
OTHER = "cp312" if HERE != "cp312" else "cp313"


def wheel(folder: Path, name: str, version: str, *lines: str, tag: str = "py3-none-any") -> Path:
    """Build a small wheel with these lines of metadata."""
    stem = f"{name.replace('-', '_')}-{version}"
    file = folder / f"{stem}-{tag}.whl"
    about = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *lines]
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(f"{stem}.dist-info/METADATA", "\n".join(about) + "\n")
        made.writestr(f"{stem}.dist-info/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        made.writestr(f"{stem}.dist-info/RECORD", "")
    return file


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Return a folder that is pip's only index: a shop, and its dependencies."""
    folder = tmp_path / "index"
    folder.mkdir()
    wheel(folder, "shop-core", "2.0")
    wheel(folder, "shop-core", "3.0")
    wheel(folder, "shop-web", "1.5", "Requires-Dist: shop-native")
    wheel(folder, "shop-native", "1.0", tag=f"{HERE}-{HERE}-manylinux2014_x86_64")
    wheel(folder, "shop-native", "1.0", tag=f"{HERE}-{HERE}-macosx_11_0_arm64")
    wheel(folder, "shop-native", "1.0", tag=f"{OTHER}-{OTHER}-manylinux2014_x86_64")
    needs = ["Requires-Dist: shop-core>=1", 'Requires-Dist: shop-web; extra == "web"']
    needs.append('Requires-Dist: shop[web]; extra == "all"')
    extras = ["Provides-Extra: web", "Provides-Extra: all", "Provides-Extra: dev"]
    wheel(folder, "shop", "1.0", *needs, *extras)
    (folder / "shop-1.0.tar.gz").write_bytes(b"the sdist")
    (tmp_path / "constraints.txt").write_text(PINS)
    return folder


def pip(index: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python with that folder as pip's only index."""
    env = {**os.environ, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    env |= {"PIP_FIND_LINKS": str(index), "PIP_NO_CACHE_DIR": "1"}
    return subprocess.run(
        [sys.executable, *command], env=env, capture_output=True, text=True, timeout=250
    )


def hashes(index: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the script for the shop."""
    versions = [f"{tag[2]}.{tag[3:]}" for tag in (HERE, OTHER)]
    return pip(
        index,
        *(str(ROOT / "scripts" / "hashes.py"), str(index / "shop-1.0-py3-none-any.whl")),
        *("--out", str(index.parent / "out")),
        *("--constraints", str(index.parent / "constraints.txt")),
        *("--pythons", *versions, "--platforms", "linux-x86_64", *options),
    )


def install(index: Path, file: str, to: str) -> subprocess.CompletedProcess[str]:
    """Install as an owner does."""
    where = index.parent
    options = ("--require-hashes", "-r", str(where / "out" / file), "--target", str(where / to))
    return pip(index, "-m", "pip", "install", *options)


@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64", reason="its wheel is for that"
)
def test_hashes_of_a_release(index: Path) -> None:
    """Each extra has a file with pinned versions and the hashes of all platforms, no addresses."""
    done = hashes(index)
    assert (done.returncode, done.stderr) == (0, "")
    out = index.parent / "out"
    assert sorted(one.name for one in out.iterdir()) == ["all.txt", "core.txt", "web.txt"]
    text = (out / "web.txt").read_text()
    assert (out / "all.txt").read_text().partition("\n")[2] == text.partition("\n")[2]
    names = re.findall(r"^([a-z-]+)==([0-9.]+) ", text, re.MULTILINE)
    assert names == [
        ("shop", "1.0"),
        ("shop-core", "2.0"),
        ("shop-native", "1.0"),
        ("shop-web", "1.5"),
    ]
    wanted = [one for one in index.iterdir() if "3.0" not in one.name and "macosx" not in one.name]
    digests = {sha256(one.read_bytes()).hexdigest() for one in wanted}
    assert set(re.findall(r"--hash=sha256:([0-9a-f]{64})", text)) == digests
    assert not re.search(r"://|file:|index|/", text)
    assert "shop-web" not in (out / "core.txt").read_text()
    assert install(index, "web.txt", "site").returncode == 0
    assert (index.parent / "site" / "shop_core-2.0.dist-info").is_dir()


@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64", reason="its wheel is for that"
)
def test_changed_file_is_refused(index: Path) -> None:
    """A file that was changed after the release is not installed."""
    assert hashes(index, "--pythons").returncode == 0
    wheel(index, "shop-core", "2.0", "Summary: another")
    done = install(index, "core.txt", "site")
    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr


def test_what_is_not_pinned_is_named(index: Path) -> None:
    """A dependency that constraints.txt does not pin is refused with the line to add."""
    constraints = index.parent / "constraints.txt"
    constraints.write_text(PINS.replace("shop-core==2.0\n", ""))
    done = hashes(index, "--pythons")
    assert done.returncode == 2
    assert done.stderr.endswith("not pinned in constraints.txt: add shop-core==3.0\n")


def test_what_is_no_wheel(index: Path) -> None:
    """A file that is not a wheel is named."""
    done = pip(index, str(ROOT / "scripts" / "hashes.py"), str(index / "shop-1.0.tar.gz"))
    assert done.returncode == 2
    assert "is no wheel" in done.stderr


def test_python_versions_are_pinned() -> None:
    """constraints.txt has lines with a name and one version only: no addresses, no ranges."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert [one for one in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][\w.+]*", one)] == []


@pytest.mark.parametrize("file", ["package.json", "bench/matrix/package.json"])
def test_npm_versions_are_pinned(file: str) -> None:
    """Every npm package in package.json has one exact version, and is from the registry."""
    told = json.loads((ROOT / file).read_text())
    parts = ("dependencies", "devDependencies", "overrides", "optionalDependencies")
    named = {name: version for part in parts for name, version in told.get(part, {}).items()}
    assert named
    loose = {n: v for n, v in named.items() if not re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", v)}
    assert loose == {}
