"""The detector's own URLs in a WSGI app: before the app, and with bounded reports."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest

from detector.core.config.loading import make_config
from detector.core.site import Site
from detector.wsgi import DetectorMiddleware
from tests.conftest import SECRET
from tests.support.calls import call_wsgi as call
from tests.wsgi.conftest import page


def test_own_urls_come_before_the_app(site: Site) -> None:
    """The detector's URLs never reach the app, its log-in or its sessions."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        raise AssertionError("reached the app")

    path = f"/{site.names.prefix}/nothing"
    assert call(DetectorMiddleware(app, site=site), path=path).status == "404 Not Found"


@pytest.mark.parametrize(
    ("length", "read", "reason"),
    [
        ("5", 5, "syntax"),
        ("1024", 1024, "syntax"),
        ("1025", 0, "size"),
        ("99999999", 0, "size"),
        ("", 0, "syntax"),
        (None, 0, "syntax"),
    ],
)
def test_report_body_is_read_within_limits(
    site: Site, length: str | None, read: int, reason: str
) -> None:
    """A body with a too large declared length is not read, others up to their declared end."""
    source = BytesIO(b"x" * 5000)
    declared = {} if length is None else {"CONTENT_LENGTH": length}
    post(site, source, **declared)
    assert source.tell() == read
    assert refused(site) == {reason: 1}


def test_report_that_is_cut_off(site: Site) -> None:
    """A body that ends before its declared end is refused for its size."""
    post(site, BytesIO(b"{}"), CONTENT_LENGTH="3")
    assert refused(site) == {"size": 1}


def test_report_without_a_length(site: Site) -> None:
    """A chunked body is read up to the limit if the server says that its input ends."""
    source = BytesIO(b"x" * 5000)
    post(site, source, **{"wsgi.input_terminated": True})
    assert source.tell() == 1025


@pytest.mark.parametrize("level", ["off", "local"])
def test_reports_are_not_read_where_none_count(level: str) -> None:
    """A site whose level counts nothing reads no body."""
    site = Site(make_config(secret=SECRET, level=level))
    source = BytesIO(b"x" * 5000)
    post(site, source, CONTENT_LENGTH="500")
    assert source.tell() == 0


def post(site: Site, source: BytesIO, **environ: Any) -> None:
    """Send a body to the report's URL."""
    path = f"/{site.names.prefix}/{site.names.report}"
    app = DetectorMiddleware(page(), site=site)
    assert call(app, path=path, **{"REQUEST_METHOD": "POST", "wsgi.input": source} | environ).status


def refused(site: Site) -> dict[str, int]:
    """Return the number of refused reports by reason."""
    return {key[3]: n for key, n in site.counters.snapshot().items() if key[2] == "reason"}
