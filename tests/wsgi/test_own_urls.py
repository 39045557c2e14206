"""Our own URLs below a WSGI app: before it, and with bounded reports."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest

from detector.site import Site
from detector.wsgi import DetectorMiddleware
from tests.calls import call_wsgi as call
from tests.wsgi.conftest import page


def test_own_urls_come_before_the_app(site: Site) -> None:
    """Our URLs never reach the app, its log-in or its sessions."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        raise AssertionError("reached the app")

    path = f"/{site.names.prefix}/nothing"
    assert call(DetectorMiddleware(app, site=site), path=path).status == "404 Not Found"


@pytest.mark.parametrize(("length", "read"), [("5", 5), ("99999999", 1025), ("", 0), ("-1", 0)])
def test_report_body_is_read_within_limits(site: Site, length: str, read: int) -> None:
    """At most 1,025 bytes are read, never more than the client declared."""
    source = BytesIO(b"x" * 5000)
    call(
        DetectorMiddleware(page(), site=site),
        path=f"/{site.names.prefix}/{site.names.report}",
        REQUEST_METHOD="POST",
        **{"wsgi.input": source, "CONTENT_LENGTH": length}
        if length != "-1"
        else {"wsgi.input": source},
    )
    assert source.tell() == read
