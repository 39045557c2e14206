"""Manifest V3 extensions as folder, zip or crx, and invalid ones, without a browser."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from detector.cli import main
from detector.testing.blockers import BlockerError, Options, ready
from detector.testing.blockers import unpacked as module
from detector.testing.blockers.unpacked import Manifest, unpacked
from tests.support.extensions import zipped

MANIFEST = json.dumps({"name": "Mine", "version": "1.2", "manifest_version": 3})
OLD = json.dumps({"name": "Old", "version": "1", "manifest_version": 2})


def refusal(path: Path) -> str:
    """Return the error for a path that is no extension, after a check that it names the path."""
    with (
        pytest.raises(BlockerError) as caught,
        unpacked(f"--blocker-extension mine={path}", str(path)),
    ):
        pass
    option = f"--blocker-extension mine={path}: "
    assert str(caught.value).startswith(option)
    return str(caught.value).removeprefix(option)


@pytest.mark.parametrize("folder", ["", "build/"], ids=["all at its top", "all in one folder"])
@pytest.mark.parametrize("before", [b"", b"Cr24 and a signature"], ids=["zip", "crx"])
def test_a_zip_is_unpacked(tmp_path: Path, folder: str, before: bytes) -> None:
    """A zip or crx is unpacked to the folder with the manifest, and removed afterwards."""
    files = {"__MACOSX/._manifest.json": "x", f"{folder}manifest.json": MANIFEST}
    path = zipped(tmp_path / "mine.zip", {**files, f"{folder}rules/a.json": "[]"}, before)
    with unpacked(f"--blocker-extension mine={path}", str(path)) as found:
        assert Manifest.read(found) == Manifest("Mine", "1.2", 3)
        assert (found / "rules" / "a.json").read_text("utf-8") == "[]"
    assert not found.exists()


def test_a_folder_is_left_as_it_is(tmp_path: Path) -> None:
    """A folder is copied, since Chromium writes to it; files from earlier runs are left out."""
    own = tmp_path / "mine"
    (own / "_metadata").mkdir(parents=True)
    (own / "manifest.json").write_text(MANIFEST, "utf-8")
    with unpacked("mine", str(own)) as found:
        assert [one.name for one in found.iterdir()] == ["manifest.json"]
        (found / "new").mkdir()
    assert sorted(one.name for one in own.iterdir()) == ["_metadata", "manifest.json"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.js": ""}, "has no manifest.json; name the folder that contains it, or a zip of that"),
        ({"manifest.json": OLD}, "is of Manifest V2, which Chromium no longer runs; get the V3"),
        ({"manifest.json": "{"}, "its manifest.json cannot be read"),
        ({"manifest.json": "[]"}, "its manifest.json cannot be read"),
        ({"manifest.json": '{"name": "x", "version": "1"}'}, "KeyError('manifest_version')"),
        ({"one/manifest.json": "{}", "two/manifest.json": "{}"}, "several extensions, one, two;"),
    ],
)
def test_what_is_no_extension_is_refused(tmp_path: Path, files: dict[str, str], words: str) -> None:
    """A zip or folder without a V3 manifest is refused with its name and the fix."""
    path = zipped(tmp_path / "bad.zip", files)
    assert words in refusal(path)
    zipfile.ZipFile(path).extractall(tmp_path / "bad")
    assert words in refusal(tmp_path / "bad")


@pytest.mark.parametrize(
    "name", ["../../evil.js", "a/../../evil.js", "/evil.js", "..\\evil.js", "C:\\evil.js"]
)
def test_a_zip_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    """An entry outside the target folder is named, and nothing is written."""
    path = zipped(tmp_path / "evil.zip", {"manifest.json": MANIFEST, name: "x"})
    said = refusal(path)
    assert repr(name) in said and "from its maker" in said
    assert list(tmp_path.rglob("*evil.js")) == []


def test_a_zip_that_grows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that is larger than any extension is not unpacked."""
    monkeypatch.setattr(module, "LIMIT", 2**20)
    path = zipped(tmp_path / "bomb.zip", {"manifest.json": MANIFEST, "a": "0" * 2**22})
    assert "unpacks to 4 MB" in refusal(path)


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    """A file that is not a zip, truncated or damaged is refused as such."""
    good = zipped(tmp_path / "good.zip", {"manifest.json": MANIFEST}).read_bytes()
    at = good.index(b"manifest.json") + len("manifest.json")
    for name, data in {
        "text.zip": b"<!doctype html>",
        "cut.zip": good[:-30],
        "damaged.zip": good[:at] + b"\xff" * 8 + good[at + 8 :],
    }.items():
        (tmp_path / name).write_bytes(data)
        assert "cannot be unpacked" in refusal(tmp_path / name)


def test_what_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`detector blockers` lists a missing extension as not ready, with the cause."""
    path = tmp_path / "gone"
    options = Options(extensions={"mine": str(path)})
    (need,) = [one for one in ready(options) if one.blocker.name == "mine"]
    assert f"mine={path}: does not exist" in need.missing
    assert main.main(["blockers", "--blocker-extension", f"mine={path}"]) == 0
    assert "does not exist; name a folder" in capsys.readouterr().out
