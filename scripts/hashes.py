"""Writes what a release installs, with hashes: a requirements file for each extra.

`pip install --require-hashes -r FILE` then takes the files that were there at the release, and no
others. In that mode pip refuses hashes in a constraints file, hence requirements. Versions are
those of constraints.txt; pip uses its configured index, whose address is written
nowhere.

The hashes are those of the wheels for the Python versions and platforms below. pip evaluates
environment markers for the Python that runs this: use the oldest supported one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from email import message_from_bytes
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "linux-x86_64": ("manylinux2014_x86_64", "manylinux_2_28_x86_64"),
    "linux-aarch64": ("manylinux2014_aarch64", "manylinux_2_28_aarch64"),
    "alpine-x86_64": ("musllinux_1_1_x86_64", "musllinux_1_2_x86_64"),
    "macos-arm64": ("macosx_11_0_arm64", "macosx_14_0_arm64"),
}
Found = dict[tuple[str, str], set[str]]


class HashesError(Exception):
    """Raised if the files cannot be written; the message says why and how to fix it."""


def main() -> int:
    """Write a file for each extra and one without extras; return 2 if that fails."""
    parser = argparse.ArgumentParser(prog="scripts/hashes", description=__doc__.split("\n")[0])
    parser.add_argument("wheel", type=Path, help="the release's wheel, next to its sdist")
    parser.add_argument("--out", type=Path, default=Path("dist/hashes"), metavar="DIR")
    parser.add_argument("--constraints", type=Path, default=ROOT / "constraints.txt")
    parser.add_argument("--pythons", nargs="*", default=PYTHONS, metavar="X.Y")
    parser.add_argument("--platforms", nargs="*", default=[*PLATFORMS], choices=[*PLATFORMS])
    args = parser.parse_args()
    try:
        write(args)
    except HashesError as error:
        print(f"scripts/hashes: {error}", file=sys.stderr)
        return 2
    return 0


def write(args: argparse.Namespace) -> None:
    """Resolve each extra here, add the hashes of other platforms, write the files."""
    name, version, extras = described(args.wheel)
    pinned = pins(args.constraints)
    sets = {extra: resolved(args, [extra]) for extra in ("", *extras)}
    every: Found = defaultdict(set)
    for found in (*sets.values(), *elsewhere(args, extras)):
        for key, hashes in found.items():
            every[key] |= hashes
    own = (canonical(name), version)
    every[own] = {
        sha256(file)
        for file in args.wheel.parent.glob(f"{args.wheel.name.split('-')[0]}-{version}[-.]*")
    }
    args.out.mkdir(parents=True, exist_ok=True)
    for extra, found in sets.items():
        for one, number in sorted(found.keys() - {own}):
            if pinned.get(one) != number:
                raise HashesError(
                    f"{one} {number} is not pinned in {args.constraints.name}: add {one}=={number}"
                )
        what = f"{name}[{extra}]" if extra else name
        lines = [f"# {what} {version}: pip install --require-hashes -r FILE, without further names"]
        for key in sorted(found):
            lines.append(" \\\n    --hash=sha256:".join(["==".join(key), *sorted(every[key])]))
        file = args.out / f"{extra or 'core'}.txt"
        file.write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{file}: {len(found)} packages")


def described(wheel: Path) -> tuple[str, str, list[str]]:
    """Return a wheel's name, version and extras, except `dev`."""
    try:
        with zipfile.ZipFile(wheel) as opened:
            inside = next(one for one in opened.namelist() if one.endswith(".dist-info/METADATA"))
            told = message_from_bytes(opened.read(inside))
    except (OSError, zipfile.BadZipFile, StopIteration) as error:
        raise HashesError(f"{wheel} is no wheel ({error}): build one, and name it") from None
    extras = sorted(set(told.get_all("Provides-Extra", [])) - {"dev"})
    return str(told["Name"]), str(told["Version"]), extras


def pins(constraints: Path) -> dict[str, str]:
    """Return the versions of a constraints file by canonical name."""
    lines = (line.partition("==") for line in constraints.read_text("utf-8").splitlines())
    return {canonical(name): version for name, _, version in lines}


def elsewhere(args: argparse.Namespace, extras: list[str]) -> list[Found]:
    """Resolve for other Python versions and platforms; name the extra if one has no wheels."""
    out = []
    for python in args.pythons:
        for platform in args.platforms:
            tags = [f"--platform={tag}" for tag in PLATFORMS[platform]]
            options = ["--only-binary=:all:", f"--python-version={python}", *tags]
            try:
                out.append(resolved(args, extras, options))
            except HashesError:
                # One package without a wheel fails the whole: then resolve each extra alone.
                for extra in ("", *extras):
                    try:
                        out.append(resolved(args, [extra], options))
                    except HashesError as error:
                        which = f"{extra or 'core'} on {platform} under Python {python}"
                        print(f"scripts/hashes: no hashes for {which}: {error}", file=sys.stderr)
    return out


def resolved(
    args: argparse.Namespace, extras: list[str], options: list[str] | None = None
) -> Found:
    """Resolve an installation with pip, and return the hashes; nothing is installed."""
    name = described(args.wheel)[0]
    wanted = f"{name}[{','.join(filter(None, extras))}] @ {args.wheel.resolve().as_uri()}"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
        command += ["--quiet", "--dry-run", "--ignore-installed", f"--target={folder}/none"]
        command += [f"--report={report}", f"--constraint={args.constraints}", *(options or ())]
        done = subprocess.run([*command, wanted], capture_output=True, text=True)
        if done.returncode:
            raise HashesError((done.stderr.strip().splitlines() or ["pip failed"])[-1])
        told = json.loads(report.read_text("utf-8"))
    found: Found = {}
    for one in told["install"]:
        key = canonical(one["metadata"]["name"]), one["metadata"]["version"]
        found[key] = {one["download_info"]["archive_info"]["hashes"]["sha256"]}
    return found


def canonical(name: str) -> str:
    """Return a name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def sha256(file: Path) -> str:
    """Return a file's hash."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
