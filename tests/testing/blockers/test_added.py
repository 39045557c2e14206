"""Extensions that the user adds: kept with hash and date, under a name of their own."""

from __future__ import annotations

import errno
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from detector.cli import main
from detector.testing.blockers import BlockerError, Options, UnknownBlocker, find, names, ready
from detector.testing.blockers import added as module
from detector.testing.blockers.added import add, archive, entries, remove
from detector.testing.blockers.registry import check_own_name
from tests.support.extensions import GECKO, folder, manifest, zipped


def test_a_folder_is_kept(
    tmp_path: Path, options: Options, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder is copied with its hash and date, is a blocker by its name, and can be removed."""
    source = folder(tmp_path / "source", {**manifest(), "_metadata/x": "x", "rules/r.json": "[]"})
    assert main.main(["blockers", "add", "mine", str(source)]) == 0
    assert "added mine: Mine 1.2 for Chromium" in capsys.readouterr().out
    shutil.rmtree(source)
    (one,) = entries(options).values()
    assert (one.engine, one.title, one.version, len(one.sha256)) == ("chromium", "Mine", "1.2", 64)
    assert find("mine").label == f"Chromium + Mine 1.2 (real, added {one.added}, sha256 " + (
        one.sha256[:8] + ")"
    )
    with zipfile.ZipFile(archive("mine", options)) as file:
        assert sorted(file.namelist()) == ["a.js", "manifest.json", "rules/r.json"]
    assert main.main(["blockers", "list"]) == 0
    out = capsys.readouterr().out
    assert f"mine  Mine 1.2, Chromium, added {one.added}" in out and f"from {source}" in out
    assert main.main(["blockers", "--json", "list"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["sha256"] == one.sha256
    assert main.main(["blockers", "remove", "mine"]) == 0
    assert entries(options) == {} and "mine" not in names()
    assert list(module._folder(options).iterdir()) == []


@pytest.mark.parametrize(
    ("name", "more", "engine"),
    [
        ("a.zip", {}, "chromium"),
        ("a.crx", {"background": {"service_worker": "a.js"}, **GECKO}, "chromium"),
        ("a.zip", {"background": {"scripts": ["a.js"]}, **GECKO}, "firefox"),
        ("a.xpi", {"background": {"service_worker": "a.js"}, **GECKO}, "firefox"),
        ("a.xpi", {"manifest_version": 2, **GECKO}, "firefox"),
        ("a.zip", {"manifest_version": 2, "applications": GECKO["browser_specific_settings"]}, ""),
    ],
)
def test_the_browser_follows_from_the_extension(
    tmp_path: Path, options: Options, name: str, more: dict[str, Any], engine: str
) -> None:
    """Manifest V3 runs in Chromium; an .xpi, V2 and background scripts with an id in Firefox."""
    made = add("mine", str(zipped(tmp_path / name, manifest(**more))), options)
    assert made.engine == (engine or "firefox")
    assert made.id == ("mine@maker.example" if made.engine == "firefox" else "")


def test_the_same_content_has_the_same_hash(tmp_path: Path, options: Options) -> None:
    """A folder and a zip of it are one archive, kept until the last name for it is removed."""
    add("one", str(folder(tmp_path / "source", manifest())), options)
    add("two", str(zipped(tmp_path / "a.zip", manifest())), options)
    assert len({one.sha256 for one in entries(options).values()}) == 1
    remove("one", options)
    assert archive("two", options).is_file()
    add("two", str(zipped(tmp_path / "b.zip", manifest(version="2"))), options)
    assert len(list(module._folder(options).glob("*.zip"))) == 1


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "a\\b", "", ".", "..", ".x", "-x", "A", "ä", "x\n", "x" * 65]
)
def test_a_name_is_no_path(
    tmp_path: Path, options: Options, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that could be a path, an option or an unprintable id is refused."""
    source = str(folder(tmp_path / "source", manifest()))
    with pytest.raises(UnknownBlocker, match="is not a name for an extension"):
        add(name, source, options)
    if not name.startswith("-"):
        assert main.main(["blockers", "add", name, source]) == 2
        assert "is not a name for an extension" in capsys.readouterr().err
        assert main.main(["blockers", "remove", name]) == 2


def test_a_name_of_ours_is_refused(options: Options) -> None:
    """An added blocker cannot replace one of the kit's; such a record is ignored."""
    with pytest.raises(UnknownBlocker, match="a blocker has that name"):
        check_own_name("easylist")
    place = module._folder(options)
    place.mkdir(parents=True)
    (place / "easylist.json").write_text("{}", "utf-8")
    assert find("easylist").title == "filter lists"


def test_a_path_goes_before_a_copy(tmp_path: Path, options: Options) -> None:
    """`--blocker-extension NAME=PATH` is what runs, also if a blocker of this name was added."""
    source = str(folder(tmp_path / "source", manifest()))
    add("mine", source, options)
    found = find("mine", Options(extensions={"mine": source}))
    assert (found.lists, find("mine").lists[:5]) == ("extension", "added")


def test_a_copy_that_changed_is_not_started(
    tmp_path: Path, options: Options, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy that was changed, cut or removed is not ready, with hash, date and fix."""
    made = add("mine", str(folder(tmp_path / "source", manifest())), options)
    path = archive("mine", options)
    path.write_bytes(path.read_bytes() + b"x")
    (need,) = [one for one in ready() if one.blocker.name == "mine"]
    assert f"was changed since it was added on {made.added}: its sha256 was" in need.missing
    assert f"`detector blockers add mine {tmp_path / 'source'}`" in need.missing
    path.unlink()
    with pytest.raises(BlockerError, match=r"cannot be read \(No such file"):
        archive("mine", options)
    assert main.main(["blockers"]) == 0
    assert "missing  Chromium + Mine 1.2 (real, added" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", '{"name": "other"}', '{"sha256": "../../x"}', "\x00"]
)
def test_a_damaged_record_harms_no_other(tmp_path: Path, options: Options, text: str) -> None:
    """A record that cannot be read is listed with why, can be removed, and the rest is ready."""
    add("mine", str(folder(tmp_path / "source", manifest())), options)
    (module._folder(options) / "broken.json").write_text(text, "utf-8")
    found = {one.blocker.name: one for one in ready()}
    assert "its record broken.json cannot be read" in found["broken"].missing
    assert "was changed" not in found["mine"].missing
    assert archive("mine", options).is_file()
    remove("broken", options)
    assert list(entries(options)) == ["mine"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_cache_that_cannot_be_written(
    tmp_path: Path, options: Options, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """A full disk or a read-only cache is named with the folder and the fix; nothing is left."""
    source = folder(tmp_path / "source", manifest())
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        write(self, data[:10])
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(BlockerError) as caught:
        add("mine", str(source), options)
    place = module._folder(options)
    assert f"{place}: mine cannot be kept there ({os.strerror(code)}); make room" in str(
        caught.value
    )
    assert "XDG_CACHE_HOME" in str(caught.value)
    assert list(place.iterdir()) == []


def test_a_cache_that_is_a_file(tmp_path: Path, options: Options) -> None:
    """A cache folder that cannot exist is an error of its name."""
    (tmp_path / "cache").write_text("x", "utf-8")
    with pytest.raises(BlockerError, match="mine cannot be kept there"):
        add("mine", str(folder(tmp_path / "source", manifest())), options)
    assert entries(options) == {}


def test_what_was_not_added_is_not_removed(
    tmp_path: Path, options: Options, capsys: pytest.CaptureFixture[str]
) -> None:
    """Removing an unknown name says which there are; the kit's own stay."""
    assert main.main(["blockers", "remove", "easylist"]) == 2
    assert "'easylist' was not added; none was added" in capsys.readouterr().err
    add("mine", str(folder(tmp_path / "source", manifest())), options)
    assert main.main(["blockers", "remove", "min"]) == 2
    assert "added are: mine" in capsys.readouterr().err
