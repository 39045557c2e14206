"""The doctor before sites behind a real nginx: faults of its configuration, found and named."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import trustme

from detector.core.baits import pool
from detector.core.baits.site_baits import Baits
from detector.core.served_names import ServedNames
from tests.conftest import SECRET
from tests.support.deployed import detected, news, nginx, served
from tests.support.doctoring import Doctor, levels, text

POOL = pool.load()
NAMES = ServedNames(SECRET)
FOLDER = f"/{NAMES.prefix}/"
ADS = tuple(entry.path for entry in POOL.requests if "/ads/" in "/" + entry.path)
# A day on which the site looks with a bait below /ads/.
WITH_ADS = next(
    day
    for day in count(20_000)
    if any(bait.path.startswith("ads/") for bait, _ in Baits(NAMES, POOL).choose(day).requests)
)


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """Yield the address of a site that runs; nginx stands before it."""
    with served(detected(news(), WITH_ADS)) as url:
        yield url


def server(app: str, lines: str = "", before: str = "") -> str:
    """Return a `server` block that passes all to the app, unless `lines` take it first."""
    return f"{before} server {{ listen PORT0; {lines} location / {{ proxy_pass {app}; }} }}"


GZIP = "gzip on; gzip_proxied any; gzip_min_length 0; gzip_types text/javascript application/json;"


@pytest.mark.parametrize("lines", ["", GZIP, "add_header X-Served-By front;"])
def test_nothing_is_found_behind_nginx(
    doctor: Doctor, app: str, tmp_path: Path, lines: str
) -> None:
    """A site that works behind nginx is well in every look."""
    with nginx(tmp_path, server(app, lines)) as (port,):
        assert doctor(f"http://127.0.0.1:{port}/") == (0, [])


def test_location_that_swallows_scripts(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """Script and script baits fall to a location for *.js; the mend names the location to add."""
    lines = r"location ~ \.js$ { return 404; }"
    with nginx(tmp_path, server(app, lines)) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/")
    assert (status, levels(found)) == (1, {("script", "error"), ("baits", "error")})
    assert "every path that ends in .js" in text(found)
    assert "answers 404" in text(found)
    assert f"nginx: location ^~ {FOLDER} {{ proxy_pass http://your-app; }}" in text(found)


def test_the_mend_that_is_named_mends(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """With the location that the doctor names, the same nginx is well."""
    lines = r"location ~ \.js$ { return 404; } location ~ /(ads|ad)/ { return 403; }"
    lines += f"location ^~ {FOLDER} {{ proxy_pass {app}; }}"
    with nginx(tmp_path, server(app, lines)) as (port,):
        assert doctor(f"http://127.0.0.1:{port}/") == (0, [])


def test_log_in_for_all_that_is_unknown(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A log-in that our URLs are sent on to is named with its address."""
    block = f"""server {{ listen PORT0; location / {{ return 302 /login; }}
      location = / {{ proxy_pass {app}; }} location = /login {{ proxy_pass {app}; }}
      location = /own.js {{ proxy_pass {app}; }} }}"""
    with nginx(tmp_path, block) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/")
        assert (status, levels(found)) == (1, {("script", "error"), ("bootstrap", "error")})
        assert f"is sent on to http://127.0.0.1:{port}/login (302)" in text(found)
        assert "log-ins" in text(found)
        # A private page is not what was asked for; the log-in's page is looked at all the same.
        found = doctor(f"http://127.0.0.1:{port}/private")[1]
        assert ("page", "warning") in levels(found)
        assert "a log-in: it was sent on to" in text(found)


def test_cache_that_keeps_the_control(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A cache that minds neither no-store nor the query gives views the id of another."""
    lines = f"""location ~ \\.json$ {{ proxy_pass {app}; proxy_cache kept; proxy_cache_key $uri;
      proxy_ignore_headers Cache-Control; proxy_cache_valid 200 1m; }}"""
    with nginx(tmp_path, server(app, lines)) as (port,):
        # The second look finds what the first has left in the cache.
        for _ in range(2):
            status, found = doctor(f"http://127.0.0.1:{port}/")
            assert status == 1
            assert {level for level in levels(found) if level[0] != "baits"} == {
                ("bootstrap", "error")
            }
            assert "with the id of another view" in text(found)
            assert "proxy_cache off" in text(found)


def test_cache_that_says_so(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A cache that keeps answers by their whole address is known by what it says of itself."""
    lines = f"""location ~ \\.json$ {{ proxy_pass {app}; proxy_cache kept; add_header X-Cache HIT;
      proxy_ignore_headers Cache-Control; proxy_cache_valid 200 1m; }}"""
    with nginx(tmp_path, server(app, lines)) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/")
    assert (status, levels(found)) == (1, {("bootstrap", "error")})
    assert "says that it comes from a cache" in text(found)


def test_prefix_that_is_taken_off(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A path that nginx takes off, and the app does not know of, is found by trying it."""
    block = f"server {{ listen PORT0; location /shop/ {{ proxy_pass {app}/; }} }}"
    with nginx(tmp_path, block) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/shop/")
    assert (status, levels(found)) == (1, {("script", "error"), ("bootstrap", "error")})
    assert "the front server takes /shop off" in text(found)
    assert "proxy_set_header X-Forwarded-Prefix /shop;" in text(found)


def test_policy_of_the_front_server(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A policy that nginx adds, and the detector cannot read, is held against all that we ask."""
    policy = "default-src 'none'; script-src 'self' https://cdn.example; style-src 'self'"
    lines = f'add_header Content-Security-Policy "{policy}";'
    with nginx(tmp_path, server(app, lines)) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/")
    assert status == 1
    assert levels(found) == {
        *(("inline line", "warning"), ("policy", "error"), ("policy", "warning"))
    }
    assert "Let connect-src have 'self'." in text(found)
    assert "Let img-src have 'self'." in text(found)
    assert "script-src 'self' https://cdn.example" in text(found)


@pytest.mark.parametrize(
    ("code", "said"), [(403, "answers 403"), (444, "closed without an answer")]
)
def test_firewall_against_ads(
    doctor: Doctor, app: str, tmp_path: Path, code: int, said: str
) -> None:
    """Baits that a location refuses are named, and with them switched off the site is well."""
    lines = f"location ~ /ads/ {{ return {code}; }}"
    with nginx(tmp_path, server(app, lines)) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/")
    assert (status, levels(found)) == (1, {("baits", "error")})
    assert "baits do not arrive, their controls do (" in text(found)
    assert f"{said}): " in text(found)
    named = literal_eval(found[0]["mend"].rpartition("without_baits = ")[2])
    assert set() < set(named) <= set(ADS)
    folder = tmp_path / "mended"
    folder.mkdir()
    with (
        served(detected(news(), WITH_ADS, without_baits=ADS)) as mended,
        nginx(folder, server(mended, lines)) as (port,),
    ):
        assert doctor(f"http://127.0.0.1:{port}/") == (0, [])


def test_certificates_and_the_way_to_https(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A redirect to https is followed; a certificate that is not trusted ends the look."""
    with (
        trustme.CA()
        .issue_cert("127.0.0.1")
        .private_key_and_cert_chain_pem.tempfile(str(tmp_path)) as pem
    ):
        block = f"""server {{ listen PORT0; return 301 https://127.0.0.1:$tls$request_uri; }}
          server {{ listen PORT1 ssl; ssl_certificate {pem}; ssl_certificate_key {pem};
            location / {{ proxy_pass {app}; }} }}"""
        variable = "map $host $tls { default TLS; }"
        with nginx(tmp_path, variable + block, ports=2) as (port, tls):
            # The usual ports 80 and 443 need no --follow.
            asked = (f"http://127.0.0.1:{port}/", "--follow", f"127.0.0.1:{tls}")
            assert doctor(*asked) == (2, [])
            assert "certificate" in doctor.said
            assert "--insecure" in doctor.said
            assert doctor(*asked, "--insecure") == (0, [])
