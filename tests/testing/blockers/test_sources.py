"""Sources of extensions that are refused, and links, which do not lead out of them."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from detector.testing.blockers import Options
from detector.testing.blockers import unpacked as bounds
from detector.testing.blockers.added import add, archive, remove
from tests.support.extensions import folder, manifest, refusal, zipped


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"manifest_version": 2}, "is of Manifest V2 without an id for Firefox, and Chromium runs"),
        ({"manifest_version": 4}, "is of Manifest V4, which no browser runs"),
        ({"manifest_version": "x"}, "its manifest.json cannot be read"),
        (
            {
                "manifest_version": 2,
                "applications": {"gecko": {"id": "../../../x@a"}},
            },
            "its id for Firefox, '../../../x@a', is none",
        ),
        ({"manifest_version": 2, "browser_specific_settings": "x"}, "without an id for Firefox"),
    ],
)
def test_a_manifest_for_no_browser_is_refused(
    tmp_path: Path, options: Options, more: dict[str, Any], words: str
) -> None:
    """A manifest that no browser runs is refused, and an id that is a path."""
    assert words in refusal(folder(tmp_path / "source", manifest(**more)), options)


@pytest.mark.parametrize("text", ["{", "[]", "null", '"x"', "\x00", "{}", "[" * 50_000])
def test_a_manifest_that_is_no_json_is_refused(tmp_path: Path, options: Options, text: str) -> None:
    """A manifest that is not JSON, or not an object, is refused as such."""
    source = folder(tmp_path / "source", {"manifest.json": text})
    assert "its manifest.json cannot be read" in refusal(source, options)


@pytest.mark.parametrize("name", ["../x.js", "/x.js", "a/../../x.js", "..\\x.js", "C:\\x.js"])
def test_a_zip_that_leads_out_is_refused(tmp_path: Path, options: Options, name: str) -> None:
    """An entry outside of the target folder is named, and nothing is written."""
    source = zipped(tmp_path / "a.zip", {**manifest(), name: "x"})
    assert repr(name) in refusal(source, options)


def test_a_bomb_is_refused(
    tmp_path: Path, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Archives and folders beyond the bounds, in bytes or in files, are refused."""
    monkeypatch.setattr(bounds, "LIMIT", 2**20)
    files = {**manifest(), "big.js": "0" * 2**21}
    assert "unpacks to 2 MB" in refusal(zipped(tmp_path / "a.zip", files), options)
    assert "unpacks to 2 MB" in refusal(folder(tmp_path / "big", files), options)
    monkeypatch.setattr(bounds, "MOST_FILES", 20)
    files = {**manifest(), **{f"{number}.js": "" for number in range(30)}}
    assert "more than 20 files" in refusal(zipped(tmp_path / "b.zip", files), options)
    assert "more than 20 files" in refusal(folder(tmp_path / "many", files), options)


def test_links_do_not_lead_out(tmp_path: Path, options: Options) -> None:
    """A link to a file of the folder is followed; one out of it, to a folder or a pipe is not."""
    secret = folder(tmp_path / "home", {"secret": "x"})
    source = folder(tmp_path / "source", manifest())
    link = source / "link.js"
    link.symlink_to(source / "a.js")
    made = add("mine", str(source), options)
    with zipfile.ZipFile(archive("mine", options)) as file:
        assert file.read("link.js") == b"// a"
    remove("mine", options)
    assert made.engine == "chromium"
    for goal, words in [
        (secret / "secret", "its link 'link.js' leads out of it"),
        (secret, "its link 'link.js' leads out of it"),
        (tmp_path / "nowhere", "its link 'link.js' leads out of it"),
        (source, "its folder 'link.js' is a link"),
        (source / "gone", "No such file"),
    ]:
        link.unlink()
        link.symlink_to(goal)
        assert words in refusal(source, options)
    link.unlink()
    os.mkfifo(link)
    assert "'link.js' is no plain file" in refusal(source, options)


def test_a_link_in_a_zip_is_no_link(tmp_path: Path, options: Options) -> None:
    """A symbolic link in a zip is kept as the text that it is."""
    source = zipped(tmp_path / "a.zip", manifest())
    with zipfile.ZipFile(source, "a") as file:
        info = zipfile.ZipInfo("link.js")
        info.external_attr = 0o120777 << 16
        file.writestr(info, "/etc/passwd")
    add("mine", str(source), options)
    with zipfile.ZipFile(archive("mine", options)) as file:
        assert file.read("link.js") == b"/etc/passwd"


def test_a_source_that_is_not_there(tmp_path: Path, options: Options) -> None:
    """A path that does not exist, and a web address, are refused with what a source is."""
    for source in (tmp_path / "gone.zip", "https://maker.example/a.zip"):
        assert "does not exist; name a folder, a zip, an xpi or npm:PACKAGE" in refusal(
            source, options
        )
