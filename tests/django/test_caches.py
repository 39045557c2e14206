"""Django's middleware and shared caches: what a request may and may not change."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import pytest

from detector.core.site import Site
from tests.conftest import GOOGLEBOT
from tests.django.conftest import body, visit
from tests.support.django_site import PAGE
from tests.support.tags import tags

FOR_CACHES = {
    "Cache-Control": "public, max-age=60",
    "Expires": "Thu, 01 Oct 2037 10:00:00 GMT",
    "ETag": '"abc"',
    "Last-Modified": "Thu, 01 Oct 2026 10:00:00 GMT",
    "Surrogate-Control": "max-age=600",
    "CDN-Cache-Control": "max-age=600",
}
PATHS = ["/?" + urlencode(FOR_CACHES), "/stream?a=b"]
STRANGE = [
    ("x-pjax", "true"),
    ("hx-request", "true"),
    ("turbo-frame", "main"),
    ("x-requested-with", "XMLHttpRequest"),
    ("user-agent", GOOGLEBOT),
]


def link(site: Site, path: str) -> str:
    """Return a valid link to a page."""
    parts = urlsplit(site.simulate_link(f"https://news.example{path}", "modal"))
    return f"{parts.path}?{parts.query}"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "head"])
def test_what_a_link_shows_is_stored_nowhere(site: Site, path: str, method: str) -> None:
    """A valid link makes the response private, whatever the view's cache headers are."""
    usual = getattr(visit(), method)(path)
    shown = getattr(visit(), method)(link(site, path))
    assert shown.headers["Cache-Control"] == "private, no-store"
    left = {name.lower() for name in FOR_CACHES} & {name.lower() for name in shown.headers}
    assert left == {"cache-control"}
    assert shown.headers["Content-Type"] == usual.headers["Content-Type"]
    found = body(visit().get(link(site, path)))
    assert site.names.script("simulate", "")[:-3].encode() in found


@pytest.mark.parametrize("path", PATHS)
def test_a_forged_link_changes_nothing(site: Site, path: str) -> None:
    """A forged link changes neither the bytes nor the headers of a page."""
    usual, found = visit().get(path), visit().get(f"{path}&simulate=x")
    assert tags(usual_body := body(usual)) == 1
    assert body(found) == usual_body
    found.headers.pop("simulate", None)  # the view copies its query to headers
    assert dict(found.headers) == dict(usual.headers)


@pytest.mark.parametrize(("name", "value"), STRANGE)
def test_only_private_pages_differ_by_request(site: Site, name: str, value: str) -> None:
    """A request header removes the tag only from pages that no shared cache may store."""
    for said in ("max-age=60", "private"):
        path = "/?" + urlencode({"Cache-Control": said})
        usual, strange = body(visit().get(path)), body(visit().get(path, headers={name: value}))
        assert tags(usual) == 1
        assert strange == (PAGE.encode() if said == "private" else usual)
