"""The app of `detector serve`: which site answers which request."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from detector.analytics.query import summary
from detector.core.counting.store_url import open_store
from detector.core.served_names import ServedNames
from detector.serve.app import App
from detector.serve.sites import ServedSite, read
from detector.serve.tag import lines
from tests.conftest import FIREFOX
from tests.support.tags import script

SECRETS = {"news": "the secret of the news site", "shop": "the secret of the shop site"}
FILE = f"""
[sites.news]
secret = "{SECRETS["news"]}"
hosts = ["news.example", "localhost"]

[sites.shop]
secret = "{SECRETS["shop"]}"
hosts = ["shop.example"]
origins = ["https://shop.example:8443"]
mount = "/de/shop"
"""
VIEW = "12345678901234567890"


@pytest.fixture
def sites(tmp_path: Path) -> dict[str, ServedSite]:
    """Return two sites."""
    file = tmp_path / "sites.toml"
    file.write_text(FILE, "utf-8")
    return read(file)


@pytest.fixture
def app(sites: dict[str, ServedSite]) -> Iterator[App]:
    """Yield the app that serves them."""
    app = App(sites)
    yield app
    app.close()


def ask(
    app: App,
    path: str,
    host: str = "news.example",
    body: str | None = None,
    stream: io.BytesIO | None = None,
    **headers: str,
) -> tuple[int, str]:
    """Send one request, with its body from `stream` if given; return status and body."""
    path, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": host,
    }
    environ |= {"HTTP_USER_AGENT": FIREFOX, **{f"HTTP_{n.upper()}": v for n, v in headers.items()}}
    if body is not None:
        environ |= {"REQUEST_METHOD": "POST", "wsgi.input": stream or io.BytesIO(body.encode())}
        environ["CONTENT_LENGTH"] = str(len(body))
    setup_testing_defaults(environ)
    started: list[str] = []

    def start(status: str, *_: Any) -> Any:
        started.append(status)

    answer = validator(app)(environ, start)
    try:
        text = b"".join(answer).decode("latin-1")
    finally:
        answer.close()  # type: ignore[attr-defined]
    return int(started[0][:3]), text


def pasted(sites: dict[str, ServedSite], name: str) -> tuple[str, str]:
    """Return script address and page token of a site's tag."""
    line, _ = lines(sites[name], "article", "127.0.0.1", 8100)
    return script(line)


def control(app: App, sites: dict[str, ServedSite], name: str, host: str) -> dict[str, Any]:
    """Request a site's bootstrap as its script does."""
    src, token = pasted(sites, name)
    status, body = ask(app, f"{src}on?v={VIEW}&p={token}&w=false", host)
    assert status == 200
    found: dict[str, Any] = json.loads(body)
    return found


def clear_view(app: App, sites: dict[str, ServedSite], name: str, host: str) -> tuple[str, str]:
    """Begin a view; return the address and the body of its report."""
    told = control(app, sites, name, host)
    src, token = pasted(sites, name)
    body = json.dumps({"t": told["t"], "p": token, "s": "clear", "i": None, "f": []})
    return src.rpartition("/")[0] + "/" + told["r"], body


def report(app: App, sites: dict[str, ServedSite], name: str, host: str, **headers: str) -> None:
    """Send the report of a clear view."""
    path, body = clear_view(app, sites, name, host)
    assert ask(app, path, host, body, None, **headers) == (204, "")


def counted(sites: dict[str, ServedSite], name: str) -> dict[str, Any]:
    """Return the summary of a site's store after the app is closed."""
    store = open_store(sites[name].config.store, readonly=True)
    try:
        return summary(store, site=name).as_dict()
    finally:
        store.close()


@pytest.mark.parametrize(("name", "host"), [("news", "news.example"), ("shop", "shop.example")])
def test_pasted_tag_is_answered(
    app: App, sites: dict[str, ServedSite], name: str, host: str
) -> None:
    """Script, bootstrap, baits and report answer, below a mount path and where it was stripped."""
    src, _ = pasted(sites, name)
    mount = sites[name].mount
    assert src.startswith(mount + "/")
    for path in (src, src.removeprefix(mount)):
        status, script = ask(app, path, host)
        assert status == 200 and "ads:" in script
    told = control(app, sites, name, host)
    folder = src.rpartition("/")[0]
    for _, _, bait, twin in told["b"]:
        for path in (bait, twin):
            assert ask(app, f"{folder}/{path}{told['t']}", host)[0] == 200


def test_counts_stand_under_the_sites_name(app: App, sites: dict[str, ServedSite]) -> None:
    """Each site counts into its own store, under its name and the group of the tag."""
    report(app, sites, "news", "news.example", origin="https://news.example")
    app.close()
    found = counted(sites, "news")
    assert (found["views"], found["verdicts"]["clear"]) == (1, 1)
    assert not Path(sites["shop"].config.store).exists()
    store = open_store(sites["news"].config.store, readonly=True)
    assert {k[3] for k, _ in store.rows() if k[2] == "group"} == {"article"}
    store.close()


@pytest.mark.parametrize(
    ("name", "host", "headers", "good"),
    [
        ("news", "news.example", {"origin": "https://news.example"}, True),
        ("news", "localhost", {"origin": "http://localhost:8080"}, True),
        ("news", "news.example", {"origin": "https://evil.example"}, False),
        ("news", "news.example", {"origin": "null"}, False),
        ("news", "news.example", {"sec_fetch_site": "cross-site"}, False),
        (
            *("news", "news.example"),
            {"origin": "https://news.example", "sec_fetch_site": "cross-site"},
            False,
        ),
        ("shop", "shop.example", {"origin": "https://shop.example:8443"}, True),
        ("shop", "shop.example", {"origin": "https://shop.example"}, False),
        (
            *("shop", "shop.example"),
            {"origin": "https://shop.example", "sec_fetch_site": "same-origin"},
            False,
        ),
    ],
)
def test_origins(
    app: App,
    sites: dict[str, ServedSite],
    name: str,
    host: str,
    headers: dict[str, str],
    good: bool,
) -> None:
    """A report counts only from an origin of its site, whatever port the proxy passes on."""
    report(app, sites, name, host, **headers)
    app.close()
    found = counted(sites, name)
    assert found["verdicts"]["clear"] == int(good)
    assert found["refused"] == ({} if good else {"origin": 1})


def test_hosts(app: App, sites: dict[str, ServedSite]) -> None:
    """A site answers for its own hosts only, in any case and with any port."""
    src, _ = pasted(sites, "news")
    for host in ("news.example", "NEWS.example:8443", "news.example."):
        assert ask(app, src, host)[0] == 200
    for host in ("shop.example", "evil.example", "127.0.0.1:8100", "[", ""):
        status, body = ask(app, src, host)
        assert status == 404 and "let the proxy pass the Host header on" in body


def test_other_paths(app: App, sites: dict[str, ServedSite]) -> None:
    """Everything else is a 404; the health check says only that the server is up."""
    prefix = ServedNames(SECRETS["news"]).prefix
    shop = ServedNames(SECRETS["shop"]).prefix
    for path in ("/", "", f"/{prefix}", f"/de/shop/{prefix}/x.js", f"/x/{shop}/x.js", "/healthz/"):
        assert ask(app, path)[0] == 404
    assert ask(app, "/healthz", "any.example") == (200, "ok")


@pytest.mark.parametrize("how", [{"enabled": False}, {"switch_file": __file__}])
def test_switched_off(sites: dict[str, ServedSite], how: dict[str, Any]) -> None:
    """With pasted tags a disabled site serves no baits and counts nothing."""
    off = replace(sites["news"], config=replace(sites["news"].config, **how))
    app = App({"news": off})
    assert control(app, sites, "news", "news.example") == {"v": VIEW}
    app.close()
    assert not Path(off.config.store).exists()


def test_reload(app: App, sites: dict[str, ServedSite]) -> None:
    """A changed site has its new settings, an unchanged one is kept, a removed one is a 404."""
    told = control(app, sites, "news", "news.example")
    news = replace(sites["news"], config=replace(sites["news"].config, notice="none"))
    extra = replace(
        sites["shop"], name="new", config=replace(sites["shop"].config, secret="a newer secret 123")
    )
    app.reload({"news": news, "new": extra})
    assert "n" in told and "n" not in control(app, sites, "news", "news.example")
    assert ask(app, pasted(sites, "shop")[0], "shop.example")[0] == 404
    assert ask(app, pasted({"new": extra}, "new")[0], "shop.example")[0] == 200
    assert app.names == ["news", "new"]
    # The view was counted before the reload and is known after it.
    assert counted(sites, "news")["views"] == 1
    app.close()
    assert counted(sites, "news")["views"] == 1


class Slow(io.BytesIO):
    """A body that is held until it is released."""

    def __init__(self, body: str) -> None:
        super().__init__(body.encode())
        self.reading, self.go = Event(), Event()

    def read(self, size: int | None = -1, /) -> bytes:
        """Wait for the release, then read."""
        self.reading.set()
        assert self.go.wait(30)
        return super().read(size)


def test_report_that_comes_while_reloading(app: App, sites: dict[str, ServedSite]) -> None:
    """Counts of a request with settings that are being replaced are written too."""
    path, body = clear_view(app, sites, "news", "news.example")
    slow = Slow(body)
    changed = replace(sites["news"], config=replace(sites["news"].config, notice="none"))
    with ThreadPoolExecutor() as threads:
        sent = threads.submit(ask, app, path, body=body, stream=slow)
        assert slow.reading.wait(30)
        reload = threads.submit(app.reload, {"news": changed})
        while "shop" in app.names:
            assert not reload.done()
        slow.go.set()
        assert sent.result(30)[0] == 204
        reload.result(30)
    assert counted(sites, "news")["verdicts"]["clear"] == 1


def test_hints_are_logged_once(
    app: App, sites: dict[str, ServedSite], caplog: pytest.LogCaptureFixture
) -> None:
    """A page of another host and a tag of an old secret are logged once each."""
    src, token = pasted(sites, "news")
    old = ServedNames("a secret of last year").prefix
    with caplog.at_level(logging.WARNING, "detector"):
        for _ in range(3):
            ask(
                app,
                f"{src}on?v={VIEW}&p={token}",
                sec_fetch_site="same-site",
                sec_fetch_mode="cors",
            )
            ask(app, f"/{old}/x.js")
    cross, lost = caplog.messages
    assert cross.startswith("[sites.news]: a page of another host") and "print the tag" in lost
