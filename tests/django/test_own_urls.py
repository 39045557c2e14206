"""The detector's own URLs in Django: before the site, with bounded reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from detector.core.site import Site
from tests.django.conftest import CSRF, SESSIONS, Use, counted, visit
from tests.support.django_site import COMMON, OURS
from tests.support.tags import script


def test_our_urls_come_before_the_site(use: Use, site: Site) -> None:
    """The site's slashes, log-in, sessions and languages do not apply to the detector's URLs."""
    use(
        MIDDLEWARE=[OURS, SESSIONS, COMMON, "tests.django.test_own_urls.log_in"],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        SESSION_SAVE_EVERY_REQUEST=True,
    )
    client = visit()
    assert client.get("/").status_code == 302
    response = client.get(f"/{site.names.prefix}/nothing")
    assert (response.status_code, response.content) == (404, b"no such file")
    assert not response.cookies


def log_in(get_response: Any) -> Callable[[HttpRequest], HttpResponse]:
    """Redirect every request to the log-in, as a site's own middleware may."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=302, headers={"Location": "/login"})

    return middleware


@pytest.mark.parametrize("kind", ["application/json", "text/plain;charset=UTF-8"])
def test_a_view_is_counted(use: Use, site: Site, kind: str) -> None:
    """Bootstrap and report of one view work through Django, with CSRF protection on.

    The script sends JSON; cached scripts of earlier versions send the same as text.
    """
    use(MIDDLEWARE=[OURS, COMMON, CSRF])
    client = visit(enforce_csrf_checks=True)
    src, token = script(client.get("/").text)
    control = client.get(src + "on", {"v": "01234567890123456789", "p": token})
    told = control.json()
    assert control.headers["Cache-Control"] == "private, no-store"
    report = client.post(
        f"/{site.names.prefix}/{told['r']}",
        json.dumps({"t": told["t"], "p": token, "s": "clear", "i": "", "f": [], "e": False}),
        content_type=kind,
    )
    assert (report.status_code, report.content, len(report.cookies)) == (204, b"", 0)
    assert "Content-Type" not in report.headers
    assert counted(site, "view") == counted(site, "verdict") == 1


class Body(BytesIO):
    """A body that records how much of it was read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.seen = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as from a file."""
        data = super().read(size)
        self.seen += len(data)
        return data


def post(site: Site, data: Body, **environ: Any) -> Any:
    """Send a body to the report's URL."""
    path = f"/{site.names.prefix}/{site.names.report}"
    return visit().post(path, **{"wsgi.input": data, **environ})


def test_report_is_read_bounded(site: Site) -> None:
    """A large body is refused by its length without being read."""
    data = Body(b"x" * 100_000)
    assert post(site, data, CONTENT_LENGTH="100000").status_code == 204
    assert data.seen == 0
    assert counted(site, "refused") == 1


@pytest.mark.parametrize("ends", [True, False])
def test_report_without_a_length(site: Site, ends: bool) -> None:
    """A chunked body is read only if the server says that its input ends."""
    data = Body(b"{}")
    post(site, data, CONTENT_LENGTH="", **{"wsgi.input_terminated": ends})
    assert data.seen == (2 if ends else 0)


def test_tells_the_address(site: Site) -> None:
    """The middleware passes on the client's address: a flood from one address is limited."""
    path = f"/{site.names.prefix}/{site.names.report}"
    posts = 80
    for _ in range(posts):
        visit().post(path, b"", content_type="application/json", REMOTE_ADDR="9.8.7.6")
    rows = site.counters.snapshot()
    found = {key[3]: n for key, n in rows.items() if key[2] == "reason"}
    # Twenty pass at once, and a few more while the others are sent, however slow the machine is.
    assert found["syntax"] >= 20
    assert found["rate"] == posts - found["syntax"]
