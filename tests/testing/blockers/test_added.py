"""Extensions that the user adds: kept with hash and date, whatever the source tries."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from detector.cli import main
from detector.testing.blockers import BlockerError, Options, UnknownBlocker, find, names, ready
from detector.testing.blockers import added as module
from detector.testing.blockers import unpacked as bounds
from detector.testing.blockers.added import add, archive, entries, remove
from detector.testing.blockers.registry import check_own_name
from detector.testing.machine import missing

MANIFEST = {"name": "Mine", "version": "1.2", "manifest_version": 3}
GECKO = {"browser_specific_settings": {"gecko": {"id": "mine@maker.example"}}}
Files = dict[str, str]


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    """Return options with a cache of this test, which commands use too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Options()


def manifest(**more: Any) -> Files:
    """Return the files of an extension with this manifest."""
    return {"manifest.json": json.dumps({**MANIFEST, **more}), "a.js": "// a"}


def folder(path: Path, files: Files) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, "utf-8")
    return path


def zipped(path: Path, files: Files) -> Path:
    """Write files as a zip."""
    with zipfile.ZipFile(path, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
    return path


def refusal(source: object, options: Options) -> str:
    """Return why a source is refused, after a check that it is named and nothing is kept."""
    with pytest.raises(BlockerError) as caught:
        add("mine", str(source), options)
    assert str(caught.value).startswith(f"{source}: ")
    assert entries(options) == {}
    assert list((Path(os.environ["XDG_CACHE_HOME"])).rglob("*.zip")) == []
    return str(caught.value).removeprefix(f"{source}: ")


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


def test_a_source_that_is_not_there(tmp_path: Path, options: Options) -> None:
    """A path that does not exist, and a web address, are refused with what a source is."""
    for source in (tmp_path / "gone.zip", "https://maker.example/a.zip"):
        assert "does not exist; name a folder, a zip, an xpi or npm:PACKAGE" in refusal(
            source, options
        )


# npm, from a registry of this test


@pytest.fixture
def publish(
    tmp_path: Path, options: Options, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[list[tarfile.TarInfo], Files], None]]:
    """Yield a function that publishes the package `mine` in a registry on this machine."""
    if shutil.which("npm") is None:
        missing("npm is missing: apt-get install npm")
    served: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in served else 404)
            self.end_headers()
            self.wfile.write(served.get(self.path, b"{}"))

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        base = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("npm_config_registry", f"{base}/")
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
        monkeypatch.setenv("npm_config_fetch_retries", "0")

        def publish(links: list[tarfile.TarInfo], files: Files) -> None:
            data = io.BytesIO()
            with tarfile.open(fileobj=data, mode="w:gz") as file:
                about = {"name": "mine", "version": "1.0.0", "scripts": {"prepack": "exit 9"}}
                for name, text in {"package/package.json": json.dumps(about), **files}.items():
                    info = tarfile.TarInfo(name)
                    info.size = len(text.encode())
                    file.addfile(info, io.BytesIO(text.encode()))
                for link in links:
                    file.addfile(link)
            served["/mine.tgz"] = data.getvalue()
            version = {**about, "dist": {"tarball": f"{base}/mine.tgz"}}
            told = {
                "name": "mine",
                "dist-tags": {"latest": "1.0.0"},
                "versions": {"1.0.0": version},
            }
            served["/mine"] = json.dumps(told).encode()

        yield publish
        server.shutdown()
        thread.join()


def below(place: str, files: Files) -> Files:
    """Return files below a folder of the package."""
    return {f"package/{place}{name}": text for name, text in files.items()}


def test_a_package_of_npm(publish: Callable[..., None], options: Options) -> None:
    """The user's npm fetches a package, in which one folder is an extension; a web app's is not."""
    publish([], {**below("dist/chromium/", manifest()), "package/web/manifest.json": '{"a": 1}'})
    made = add("mine", "npm:mine@1.0.0", options)
    assert (made.title, made.source) == ("Mine", "npm:mine@1.0.0")
    with zipfile.ZipFile(archive("mine", options)) as file:
        assert sorted(file.namelist()) == ["a.js", "manifest.json"]


def test_a_package_without_one_extension(publish: Callable[..., None], options: Options) -> None:
    """A package with none or several extensions is refused with what to do, and a missing one."""
    publish([], {"package/index.js": "1"})
    assert "is a package without an extension" in refusal("npm:mine", options)
    publish([], {**below("a/", manifest()), **below("b/", manifest())})
    assert "has several extensions, package/a, package/b;" in refusal("npm:mine", options)
    assert "npm cannot fetch it: npm error code E404" in refusal("npm:gone", options)


def test_a_package_that_leads_out(publish: Callable[..., None], options: Options) -> None:
    """Links and paths out of the archive of a package are refused."""
    link = tarfile.TarInfo("package/link.js")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    publish([link], below("", manifest()))
    assert "its entry 'package/link.js' is no plain file" in refusal("npm:mine", options)
    publish([], {**below("", manifest()), "package/../../x.js": "x"})
    assert "points outside" in refusal("npm:mine", options)


@pytest.mark.parametrize(
    "package", ["", "-h", "--registry=x", "../x", "/x", "a/b", "git+ssh://x", "a b", "file:x", "@a"]
)
def test_what_is_no_package(options: Options, package: str) -> None:
    """What npm would take for an option, a path or an address does not reach it."""
    assert "is no name of a package" in refusal(f"npm:{package}", options)


def test_npm_is_missing(options: Options, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without npm the error says how to install it, and what else will do."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "needs npm, which is not on this machine; install Node.js" in refusal(
        "npm:mine", options
    )
