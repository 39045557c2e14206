"""A store's content after visits: nothing that identifies visitors."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from detector.core.assets import script
from detector.core.config.loading import make_config
from detector.core.counting.store import Store
from detector.core.endpoints import Endpoints
from detector.core.request import Request
from detector.core.site import Site
from tests.conftest import FIREFOX, SECRET
from tests.support.servers import Postgres, Server, program

ADDRESSES = ("9.8.7.6", "2600:1:2:3:4:5:6:7")
VIEWS = ("31415926535897932384", "27182818284590452353")


def visit(site: Site, view: str, address: str) -> list[str]:
    """Send a blocked visit with an action; return everything that could identify the visitor."""
    endpoints, prefix = Endpoints(site), f"/{site.names.prefix}/"
    headers = {
        **{"user-agent": FIREFOX, "x-forwarded-for": address, "cookie": "id=7c4f1e"},
        **{"referer": "https://search.example/?q=secret", "accept-language": "gsw-CH"},
    }
    page = site.tokens.page("/article/<slug>")
    control = site.names.script("detect", script("detect").content_hash)[:-2] + "json"

    def ask(method: str, path: str, query: str = "", body: Any = "") -> bytes:
        data = json.dumps(body).encode()
        answer = endpoints.respond(
            Request(method, prefix + path, query, headers, address, lambda n: data[:n])
        )
        assert answer is not None
        return answer.body

    token = json.loads(ask("GET", control, f"v={view}&p={page}"))["t"]
    verdict = {"t": token, "p": page, "s": "blocked", "i": "extension", "f": [0, 1], "e": True}
    for more in ({}, {"a": "shown"}, {"a": "allowed"}, {"a": "shown"}):
        ask("POST", site.names.report, body={**verdict, **more})
    ask("POST", site.names.report, body={**verdict, "t": token[:-1]})
    return [
        *(view, token, page, address, address.rpartition(":")[0] or address, FIREFOX),
        *("Gecko", "Mozilla", "7c4f1e", "search.example", "gsw", SECRET),
    ]


@pytest.fixture(params=[False, True], ids=["alone", "shared"])
def shared(request: pytest.FixtureRequest) -> bool:
    """Whether processes share their limits."""
    return bool(request.param)


@pytest.fixture
def known(url: str, shared: bool) -> list[bytes]:
    """Send some visits; return everything that could identify the visitors."""
    options: dict[str, Any] = {"store": url, "proxies": 1, "pairs": [["kind", "browser"]]}
    site = Site(make_config(secret=SECRET, shared_limits=shared, **options))
    found = [
        word for view, at in zip(VIEWS, ADDRESSES, strict=True) for word in visit(site, view, at)
    ]
    assert site.flusher and site.flusher.flush()
    site.flusher._compact()
    site.close()
    return [form for word in found for form in forms(word)]


def forms(word: str) -> list[bytes]:
    """Return a word as it is, and hashed without a key, which guessing could reverse."""
    plain = word.encode()
    hashes = [hashlib.new(name, plain).digest()[:8] for name in ("md5", "sha1", "sha256")]
    return [plain, plain.hex().encode(), *(one.hex().encode() for one in hashes), *hashes]


def test_nobody_is_in_it(
    url: str,
    shared: bool,
    known: list[bytes],
    store: Store,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    """A dump of the store has no address, user agent, identifier or token."""
    rows = dict(store.rows())
    assert sum(n for key, n in rows.items() if key[2:] == ("all", "", "blocked", "allowed")) == 2
    kind = request.node.callspec.params["url"]
    if kind == "sqlite":
        dump = b"".join(file.read_bytes() for file in tmp_path.glob("counts.sqlite*"))
    else:
        dump = dumped(request.getfixturevalue(kind))
    assert b"extension+firefox" in dump
    # The shared data is in the dump, so that the search for visitors is meaningful. A server's
    # dump also has the data of earlier tests.
    assert not shared or (b"claims" in dump and b"drawers" in dump)
    assert [word for word in known if word in dump] == []


def dumped(server: Server) -> bytes:
    """Return all data of a server, keys and values."""
    if isinstance(server, Postgres):
        command = [program("pg_dump", "postgresql"), "--inserts", server.url]
        return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    # Every write since the start, as saved by the server.
    return b"".join(
        file.read_bytes() for file in server.folder.rglob("*") if file.suffix in (".aof", ".rdb")
    )
