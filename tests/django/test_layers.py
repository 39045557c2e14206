"""Django's middleware with others that compress, revalidate, or place a tag."""

from __future__ import annotations

import gzip

from django.core.handlers.wsgi import WSGIHandler

from detector.core.site import Site
from detector.wsgi import DetectorMiddleware as WsgiMiddleware
from tests.django.conftest import CONDITIONAL, GZIP, Use, body, visit
from tests.support.calls import call_wsgi as call
from tests.support.django_site import COMMON, OURS, PAGE, PARTS
from tests.support.tags import group_of, strip, tags


def test_head_agrees_with_get(site: Site) -> None:
    """HEAD has the headers of GET, its length too where the view gave a body."""
    client = visit()
    assert dict(client.head("/").headers) == dict(client.get("/").headers)
    assert body(client.head("/")) == b""


def test_validators_inside(use: Use, site: Site) -> None:
    """An entity tag set by an inner middleware becomes weak, and a 304 has the same one."""
    use(MIDDLEWARE=[OURS, CONDITIONAL, COMMON])
    etag = visit().get("/").headers["ETag"]
    assert etag.startswith('W/"')
    again = visit().get("/", headers={"if-none-match": etag})
    assert (again.status_code, again.headers["ETag"], again.content) == (304, etag, b"")


def test_validators_outside(use: Use, site: Site) -> None:
    """An entity tag set by an outer middleware is that of the tagged page, and leads to a 304."""
    use(MIDDLEWARE=[CONDITIONAL, OURS, COMMON])
    etag = visit().get("/").headers["ETag"]
    assert visit().get("/", headers={"if-none-match": etag}).status_code == 304


def test_gzip_outside(use: Use, site: Site) -> None:
    """An outer compressor compresses the tagged page."""
    use(MIDDLEWARE=[GZIP, OURS, COMMON])
    response = visit().get("/stream", headers={"accept-encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert strip(gzip.decompress(body(response))).decode() == "".join(PARTS)


def test_gzip_inside(use: Use, site: Site) -> None:
    """The output of an inner compressor is unchanged."""
    use(MIDDLEWARE=[OURS, GZIP, COMMON])
    response = visit().get("/stream", headers={"accept-encoding": "gzip"})
    assert gzip.decompress(body(response)).decode() == "".join(PARTS)


def test_tag_placed_by_hand(site: Site) -> None:
    """The template tag is placed where it is written, once, and the middleware adds none."""
    page = visit().get("/by-hand").content.decode()
    assert tags(page.encode()) == 1
    assert "<meta charset=utf-8><script data-cfasync=" in page
    assert group_of(page, site) == "/by-hand"


def test_tag_by_hand_without_request(site: Site) -> None:
    """A template without a request renders without a tag."""
    from django.template import engines

    made = engines["django"].from_string("{% load detector %}a{% detector_tag %}b").render({})
    assert made == "ab"


def test_two_layers_one_tag(use: Use, site: Site) -> None:
    """Listed twice, and with a WSGI detector around the site, a page still gets one tag."""
    use(MIDDLEWARE=[OURS, OURS, COMMON])
    found = call(WsgiMiddleware(WSGIHandler(), site=site))
    assert strip(found.body) == PAGE.encode()
