"""The doctor on sites behind a real nginx: faults of the configuration are found and named."""

from __future__ import annotations

import re
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
# A day on which the site uses a bait below /ads/.
WITH_ADS = next(
    day
    for day in count(20_000)
    if any("/ads/" in bait.path for bait, _ in Baits(NAMES, POOL).choose(day).requests)
)


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """Yield the address of a running site behind nginx."""
    with served(detected(news(), WITH_ADS)) as url:
        yield url


def server(app: str, lines: str = "", before: str = "") -> str:
    """Return a `server` block that passes all requests to the app, unless `lines` handle them."""
    return f"{before} server {{ listen PORT0; {lines} location / {{ proxy_pass {app}; }} }}"


GZIP = "gzip on; gzip_proxied any; gzip_min_length 0; gzip_types text/javascript application/json;"


@pytest.mark.parametrize("lines", ["", GZIP, "add_header X-Served-By front;"])
def test_nothing_is_found_behind_nginx(
    doctor: Doctor, app: str, tmp_path: Path, lines: str
) -> None:
    """A working site behind nginx passes every check."""
    with nginx(tmp_path, server(app, lines)) as (port,):
        assert doctor(f"http://127.0.0.1:{port}/") == (0, [])


def test_location_that_swallows_scripts(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A location for *.js catches script and script baits; the fix names the location to add."""
    lines = r"location ~ \.js$ { return 404; }"
    with nginx(tmp_path, server(app, lines)) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/")
    assert (status, levels(found)) == (1, {("script", "error"), ("baits", "error")})
    assert "every path that ends in .js" in text(found)
    assert "answers 404" in text(found)
    assert f"nginx: location ^~ {FOLDER} {{ proxy_pass http://your-app; }}" in text(found)


def test_the_mend_that_is_named_mends(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """With the location that the doctor names, the same nginx passes."""
    lines = r"location ~ \.js$ { return 404; } location ~ /(ads|ad)/ { return 403; }"
    lines += f"location ^~ {FOLDER} {{ proxy_pass {app}; }}"
    with nginx(tmp_path, server(app, lines)) as (port,):
        assert doctor(f"http://127.0.0.1:{port}/") == (0, [])


def test_log_in_for_all_that_is_unknown(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A log-in to which the detector's URLs are redirected is named with its address."""
    block = f"""server {{ listen PORT0; location / {{ return 302 /login; }}
      location = / {{ proxy_pass {app}; }} location = /login {{ proxy_pass {app}; }}
      location = /own.js {{ proxy_pass {app}; }} }}"""
    with nginx(tmp_path, block) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/")
        assert (status, levels(found)) == (1, {("script", "error"), ("bootstrap", "error")})
        assert f"redirects to http://127.0.0.1:{port}/login (302)" in text(found)
        assert "logins" in text(found)
        # A private page is not what was asked for; the log-in's page is looked at all the same.
        found = doctor(f"http://127.0.0.1:{port}/private")[1]
        assert ("page", "warning") in levels(found)
        assert "it was redirected to" in text(found)


def test_cache_that_keeps_the_control(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A cache that ignores no-store and the query returns the id of another view."""
    lines = f"""location ~ \\.json$ {{ proxy_pass {app}; proxy_cache kept; proxy_cache_key $uri;
      proxy_ignore_headers Cache-Control; proxy_cache_valid 200 1m; }}"""
    with nginx(tmp_path, server(app, lines)) as (port,):
        # The second visit gets what the first has left in the cache.
        for _ in range(2):
            status, found = doctor(f"http://127.0.0.1:{port}/")
            assert status == 1
            assert {level for level in levels(found) if level[0] != "baits"} == {
                ("bootstrap", "error")
            }
            assert "with the id of another view" in text(found)
            assert "proxy_cache off" in text(found)


def test_cache_that_says_so(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A cache that uses the whole address as key is recognised by its headers."""
    lines = f"""location ~ \\.json$ {{ proxy_pass {app}; proxy_cache kept; add_header X-Cache HIT;
      proxy_ignore_headers Cache-Control; proxy_cache_valid 200 1m; }}"""
    with nginx(tmp_path, server(app, lines)) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/")
    assert (status, levels(found)) == (1, {("bootstrap", "error")})
    assert "says that it comes from a cache" in text(found)


def test_prefix_that_is_taken_off(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A path that nginx strips, unknown to the app, is found by trying it."""
    block = f"server {{ listen PORT0; location /shop/ {{ proxy_pass {app}/; }} }}"
    with nginx(tmp_path, block) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/shop/")
    assert (status, levels(found)) == (1, {("script", "error"), ("bootstrap", "error")})
    assert "the front server strips /shop" in text(found)
    assert "proxy_set_header X-Forwarded-Prefix /shop;" in text(found)


def test_policy_of_the_front_server(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A policy added by nginx, which the detector cannot read, is checked against all requests."""
    policy = "default-src 'none'; script-src 'self' https://cdn.example; style-src 'self'"
    lines = f'add_header Content-Security-Policy "{policy}";'
    with nginx(tmp_path, server(app, lines)) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/")
    assert status == 1
    assert levels(found) == {
        *(("inline line", "warning"), ("policy", "error"), ("policy", "warning"))
    }
    assert "Allow 'self' in connect-src." in text(found)
    assert "Allow 'self' in img-src." in text(found)
    assert "script-src 'self' https://cdn.example" in text(found)


@pytest.mark.parametrize(
    ("code", "said"), [(403, "answers 403"), (444, "closed without an answer")]
)
def test_firewall_against_ads(
    doctor: Doctor, app: str, tmp_path: Path, code: int, said: str
) -> None:
    """Baits that a location refuses are named, and with them disabled the site passes."""
    lines = f"location ~ /ads/ {{ return {code}; }}"
    with nginx(tmp_path, server(app, lines)) as (port,):
        status, found = doctor(f"http://127.0.0.1:{port}/")
    assert (status, levels(found)) == (1, {("baits", "error")})
    assert re.search(r"1 bait does not arrive, its control does \(|\d baits do not", text(found))
    assert f"{said}): " in text(found)
    named = literal_eval(found[0]["fix"].rpartition("without_baits = ")[2])
    assert set() < set(named) <= set(ADS)
    folder = tmp_path / "mended"
    folder.mkdir()
    with (
        served(detected(news(), WITH_ADS, without_baits=ADS)) as mended,
        nginx(folder, server(mended, lines)) as (port,),
    ):
        assert doctor(f"http://127.0.0.1:{port}/") == (0, [])


def test_certificates_and_the_way_to_https(doctor: Doctor, app: str, tmp_path: Path) -> None:
    """A redirect to https is followed; an untrusted certificate ends the run."""
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
