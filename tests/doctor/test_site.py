"""The doctor before sites that really run: what was planted is found and named, and no more."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

import pytest

from detector.core.assets import Script
from detector.core.html.headers import Headers
from detector.doctor import visit
from detector.testing.machine import free_port
from tests.conftest import GOOGLEBOT, SECRET
from tests.support.deployed import PAGE, detected, news, running, served, spoiled
from tests.support.doctoring import Doctor, levels, text


def test_nothing_is_found_on_a_good_site(doctor: Doctor) -> None:
    """A site that works is well in every look."""
    with served(detected(news())) as url:
        assert doctor(url, "--paths", "/article/one") == (0, [])


@pytest.mark.parametrize(
    "options",
    [
        {"share": 0.001},
        {"notice": "none"},
        {"reuse_minutes": 5, "single_page": True},
        {"single_page": True, "gpc": "local"},
        {"consent": "page"},
        {"consent": "tcf", "reuse_minutes": 5, "gpc": "local"},
        {"without_baits": ("ad/ad_common.js", "ads/banners/{w}.png", "{w}/jquery.adx.js")},
    ],
)
def test_options_are_no_fault(doctor: Doctor, options: dict[str, Any]) -> None:
    """Whatever its options, a site that works is well."""
    with served(detected(news(), **options)) as url:
        assert doctor(url) == (0, [])


@pytest.mark.parametrize("policy", ["default-src 'self' 'nonce-abc123'", "script-src 'nonce-a1'"])
def test_policy_with_a_nonce_is_no_fault(doctor: Doctor, policy: str) -> None:
    """A policy that the app sets with a nonce lets everything run."""
    with served(detected(news(Content_Security_Policy=policy, Cache_Control="private"))) as url:
        assert doctor(url) == (0, [])


def test_several_workers_of_gunicorn(doctor: Doctor, tmp_path: Path) -> None:
    """Control, baits and report may be answered by different processes."""
    (tmp_path / "news_site.py").write_text(
        "from flask import Flask\nfrom detector.flask import Detector\n"
        f"app = Flask('news')\nDetector(app, secret={SECRET!r}, store='counts.sqlite')\n"
        f"app.get('/')(lambda: {PAGE!r})\n"
    )
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "-w", "2", "--preload"]
    command += ["-b", f"127.0.0.1:{port}", "--no-control-socket", "news_site:app"]
    with running(command, port, tmp_path / "none", tmp_path):
        assert doctor(f"http://127.0.0.1:{port}/") == (0, [])


def test_a_look_is_not_counted(doctor: Doctor) -> None:
    """Of a look nothing is counted but its pages and the one report that is refused."""
    app = detected(news())
    with served(app) as url:
        doctor(url)
    assert {key[5] for key in app.site.counters.drain()} == {"page-shared", "refused"}


def compressed_inside(
    environ: Any, status: str, headers: Headers, body: bytes
) -> tuple[str, Headers, bytes]:
    """Compress as a middleware of the app does."""
    if "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", ""):
        return status, headers, body
    return status, [*headers, ("Content-Encoding", "gzip")], gzip.compress(body)


def test_compressed_by_an_inner_layer(doctor: Doctor) -> None:
    """A page that is compressed before the detector sees it has no tag, and the doctor says why."""
    app = news()
    app.wsgi_app = spoiled(app.wsgi_app, compressed_inside)  # type: ignore[assignment,method-assign]
    with served(detected(app)) as url:
        status, found = doctor(url)
    assert (status, levels(found)) == (1, {("tag", "error")})
    assert "no tag when it is compressed" in found[0]["saw"]


@pytest.mark.parametrize(
    ("page", "headers", "why"),
    [
        (PAGE, {"Cache_Control": "public, no-transform"}, "says no-transform"),
        (PAGE, {"Repr_Digest": "sha-256=:abc:"}, "header repr-digest is a checksum"),
        (PAGE, {"Content_Type": "text/html; charset=utf-16"}, "comes as text/html; charset=utf-16"),
        (PAGE, {"Content_Security_Policy": "script-src 'none'"}, "script-src 'none'"),
        ("<p>a part of a page", {}, "no whole HTML document: it begins with '<p>a part"),
        ("<!doctype html><html amp><head></head>", {}, "no whole HTML document"),
        ("", {}, "it is empty"),
    ],
)
def test_why_there_is_no_tag(doctor: Doctor, page: str, headers: dict[str, str], why: str) -> None:
    """Whatever keeps the detector from a page is named."""
    with served(detected(news(page, **headers))) as url:
        status, found = doctor(url)
    assert (status, levels(found)) == (1, {("tag", "error")})
    assert why in found[0]["saw"]


def test_site_without_the_detector(doctor: Doctor) -> None:
    """Where nothing tells why there is no tag, the doctor says so and names the usual causes."""
    for app in (news().wsgi_app, detected(news(), enabled=False)):
        with served(app) as url:
            status, found = doctor(url)
        assert (status, levels(found)) == (1, {("tag", "error")})
        assert "nothing on it says why" in found[0]["saw"]
        assert "enabled" in found[0]["mend"]


def test_old_page_in_a_cache(doctor: Doctor) -> None:
    """A cache that keeps a page from before the detector is told from a site without it."""

    def kept(environ: Any, status: str, headers: Headers, body: bytes) -> Any:
        old = environ["PATH_INFO"] == "/" and not environ["QUERY_STRING"]
        return status, headers, PAGE.encode() if old else body

    with served(spoiled(detected(news()), kept)) as url:
        status, found = doctor(url)
    assert (status, levels(found)) == (1, {("tag", "error")})
    assert "older than the detector" in found[0]["saw"]


def test_robots_are_answered_otherwise(doctor: Doctor) -> None:
    """With a robot's user agent the doctor says what it does not get, and how to get it."""
    with served(detected(news(Cache_Control="private"))) as url:
        status, found = doctor(url, "--user-agent", GOOGLEBOT)
    assert (status, levels(found)) == (1, {("tag", "error"), ("bootstrap", "warning")})
    assert text(found).count("Leave --user-agent out") == 2


@pytest.mark.parametrize(
    ("app", "why"),
    [
        (news(), "answers 404"),
        (news(Content_Type="text/plain"), "text/plain, not text/html"),
    ],
)
def test_page_that_is_none(doctor: Doctor, app: Any, why: str) -> None:
    """An address without a page is an error of its own, and no other follows from it."""
    with served(detected(app)) as url:
        status, found = doctor(url + ("/none" if "404" in why else ""))
    assert (status, levels(found)) == (1, {("page", "error")})
    assert why in found[0]["saw"]


def test_page_with_a_nonce_in_a_cache(doctor: Doctor) -> None:
    """A page that anybody may keep cannot have a nonce."""
    headers = {"Content_Security_Policy": "script-src 'nonce-abc1'", "Cache_Control": "public"}
    with served(detected(news(**headers))) as url:
        status, found = doctor(url)
    assert (status, levels(found)) == (0, {("cache", "warning")})


def test_site_of_another_version(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script whose content is whole but not ours belongs to another version."""
    monkeypatch.setattr(visit, "script", lambda name: Script(b"newer", b"", ""))
    with served(detected(news())) as url:
        status, found = doctor(url)
    assert (status, levels(found)) == (0, {("script", "warning")})
    assert "another version's than this doctor's" in text(found)


def test_two_sites_on_one_host(doctor: Doctor) -> None:
    """Pages of two detectors are looked at each with its own URLs."""
    other = detected(news(), secret="another secret, long enough", notice="none")
    ours = detected(news())

    def app(environ: Any, start_response: Any) -> Any:
        inner = environ["PATH_INFO"].startswith(("/article", f"/{other.site.names.prefix}/"))
        return (other if inner else ours)(environ, start_response)

    with served(app) as url:
        assert doctor(url, "--paths", "/article/one") == (0, [])
    assert ours.site.counters.drain()
    assert other.site.counters.drain()
