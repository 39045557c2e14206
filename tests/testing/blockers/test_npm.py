"""Extensions in packages of npm, from a registry on this machine."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from detector.testing.blockers import Options
from detector.testing.blockers.added import add, archive
from detector.testing.machine import missing
from tests.support.extensions import Files, manifest, refusal


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
