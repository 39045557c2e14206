"""The doctor on running sites: planted faults are found and named, and nothing else."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

import pytest

from detector.core.assets import Script
from detector.core.baits import pool
from detector.core.html.headers import Headers
from detector.doctor import visit
from detector.testing.machine import free_port
from tests.conftest import GOOGLEBOT, SECRET
from tests.support.deployed import PAGE, detected, news, running, served, spoiled
from tests.support.doctoring import Doctor, levels, text


def test_nothing_is_found_on_a_good_site(doctor: Doctor) -> None:
    """A working site passes every check."""
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
        {"without_baits": [entry.path for entry in pool.load().requests[::9]]},
    ],
)
def test_options_are_no_fault(doctor: Doctor, options: dict[str, Any]) -> None:
    """A working site passes with any options."""
    with served(detected(news(), **options)) as url:
        assert doctor(url) == (0, [])


@pytest.mark.parametrize("policy", ["default-src 'self' 'nonce-abc123'", "script-src 'nonce-a1'"])
def test_policy_with_a_nonce_is_no_fault(doctor: Doctor, policy: str) -> None:
    """A policy of the app with a nonce allows everything."""
    with served(detected(news(Content_Security_Policy=policy, Cache_Control="private"))) as url:
        assert doctor(url) == (0, [])


def test_several_workers_of_gunicorn(doctor: Doctor, tmp_path: Path) -> None:
    """Bootstrap, baits and report may be answered by different processes."""
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
    """A run counts only its pages and the one refused report."""
    app = detected(news())
    with served(app) as url:
        doctor(url)
    assert {key[5] for key in app.site.counters.drain()} == {"page-shared", "refused"}


def compressed_inside(
    environ: Any, status: str, headers: Headers, body: bytes
) -> tuple[str, Headers, bytes]:
    """Compress as an app's middleware does."""
    if "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", ""):
        return status, headers, body
    return status, [*headers, ("Content-Encoding", "gzip")], gzip.compress(body)


def test_compressed_by_an_inner_layer(doctor: Doctor) -> None:
    """A page compressed before it reaches the detector has no tag, and the doctor says why."""
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
        (PAGE, {"Content_Type": "text/html; charset=utf-16"}, "sent as text/html; charset=utf-16"),
        (PAGE, {"Content_Security_Policy": "script-src 'none'"}, "script-src 'none'"),
        ("<p>a part of a page", {}, "not a whole HTML document: it begins with '<p>a part"),
        ("<!doctype html><html amp><head></head>", {}, "not a whole HTML document"),
        ("", {}, "it is empty"),
    ],
)
def test_why_there_is_no_tag(doctor: Doctor, page: str, headers: dict[str, str], why: str) -> None:
    """Each reason why a page has no tag is named."""
    with served(detected(news(page, **headers))) as url:
        status, found = doctor(url)
    assert (status, levels(found)) == (1, {("tag", "error")})
    assert why in found[0]["saw"]


def test_site_without_the_detector(doctor: Doctor) -> None:
    """If the reason for a missing tag is unknown, the doctor says so and names the usual causes."""
    for app in (news().wsgi_app, detected(news(), enabled=False)):
        with served(app) as url:
            status, found = doctor(url)
        assert (status, levels(found)) == (1, {("tag", "error")})
        assert "nothing on it explains why" in found[0]["saw"]
        assert "enabled" in found[0]["fix"]


def test_old_page_in_a_cache(doctor: Doctor) -> None:
    """A cached page from before the set-up is distinguished from a site without the detector."""

    def kept(environ: Any, status: str, headers: Headers, body: bytes) -> Any:
        old = environ["PATH_INFO"] == "/" and not environ["QUERY_STRING"]
        return status, headers, PAGE.encode() if old else body

    with served(spoiled(detected(news()), kept)) as url:
        status, found = doctor(url)
    assert (status, levels(found)) == (1, {("tag", "error")})
    assert "older than the detector" in found[0]["saw"]


def test_robots_are_answered_otherwise(doctor: Doctor) -> None:
    """With a robot's user agent the doctor says what is missing, and how to get it."""
    with served(detected(news(Cache_Control="private"))) as url:
        status, found = doctor(url, "--user-agent", GOOGLEBOT)
    assert (status, levels(found)) == (1, {("tag", "error"), ("bootstrap", "warning")})
    assert text(found).count("Omit --user-agent") == 2


@pytest.mark.parametrize(
    ("app", "why"),
    [
        (news(), "answers 404"),
        (news(Content_Type="text/plain"), "text/plain, not text/html"),
    ],
)
def test_page_that_is_none(doctor: Doctor, app: Any, why: str) -> None:
    """An address without a page is an error of its own, without further ones."""
    with served(detected(app)) as url:
        status, found = doctor(url + ("/none" if "404" in why else ""))
    assert (status, levels(found)) == (1, {("page", "error")})
    assert why in found[0]["saw"]


def test_page_with_a_nonce_in_a_cache(doctor: Doctor) -> None:
    """A page that shared caches may store cannot have a nonce."""
    headers = {"Content_Security_Policy": "script-src 'nonce-abc1'", "Cache_Control": "public"}
    with served(detected(news(**headers))) as url:
        status, found = doctor(url)
    assert (status, levels(found)) == (0, {("cache", "warning")})


def test_site_of_another_version(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script with intact but different content belongs to another version."""
    monkeypatch.setattr(visit, "script", lambda name: Script(b"newer", b"", ""))
    with served(detected(news())) as url:
        status, found = doctor(url)
    assert (status, levels(found)) == (0, {("script", "warning")})
    assert "from another version than this doctor" in text(found)


def test_two_sites_on_one_host(doctor: Doctor) -> None:
    """Pages of two detectors are checked with their own URLs."""
    other = detected(news(), secret="another secret, long enough", notice="none")
    ours = detected(news())

    def app(environ: Any, start_response: Any) -> Any:
        inner = environ["PATH_INFO"].startswith(("/article", f"/{other.site.names.prefix}/"))
        return (other if inner else ours)(environ, start_response)

    with served(app) as url:
        assert doctor(url, "--paths", "/article/one") == (0, [])
    assert ours.site.counters.drain()
    assert other.site.counters.drain()
