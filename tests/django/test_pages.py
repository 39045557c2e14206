"""Pages in Django's middleware: which get the tag, and the headers that change with it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import AsyncClient, Client, RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from detector.core.endpoints import Endpoints
from detector.core.html.page_flags import PageFlags
from detector.core.site import Site
from detector.core.tagger import Tagger
from detector.django import DetectorMiddleware
from detector.django import site as current_site
from detector.wsgi import DetectorMiddleware as WsgiMiddleware
from tests.conftest import FIREFOX, GOOGLEBOT, SECRET
from tests.core.html.test_page_flags import flags_in
from tests.django.conftest import Use, body, counted, visit
from tests.support.calls import call_wsgi as call
from tests.support.django_site import COMMON, PAGE, PARTS
from tests.support.tags import group_of, strip, tags


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/", "/"),
        ("/article/one/", "/article/*slug*/"),
        ("/old/one/", "/old/*slug*/"),
        ("/section/one/", "/section/one/"),
    ],
)
def test_page_gets_one_tag_with_its_route(site: Site, path: str, group: str) -> None:
    """A page carries one tag, with its route as group, and a correct length."""
    response = visit().get(path)
    assert strip(body(response)) == PAGE.encode()
    assert response.headers["Content-Length"] == str(len(body(response)))
    assert group_of(body(response), site) == group


def test_cookies_and_other_headers_stay(site: Site) -> None:
    """The view's other headers are unchanged."""
    response = visit().get("/?X-Own=1")
    assert response.cookies["theme"].value == "dark"
    assert response.headers["X-Own"] == "1"


def test_what_is_no_page_stays(site: Site) -> None:
    """JSON is unchanged, with its headers."""
    response = visit().get("/data")
    assert body(response) == b'{"a": 1}'
    assert response.headers["Content-Length"] == "8"


def test_async(site: Site) -> None:
    """Under an async handler pages, streams and the detector's URLs work without threads."""

    async def run() -> tuple[Any, bytes, Any]:
        client = AsyncClient(headers={"user-agent": FIREFOX})
        page = await client.get("/article/one/")
        stream = await client.get("/later")
        streamed = b"".join([part async for part in stream.streaming_content])
        return page, streamed, await client.get(f"/{site.names.prefix}/nothing")

    page, streamed, ours = asyncio.run(run())
    assert strip(page.content) == PAGE.encode()
    assert page.headers["Content-Length"] == str(len(page.content))
    assert strip(streamed).decode() == "".join(PARTS)
    assert (ours.status_code, ours.content) == (404, b"no such file")


def test_stream(site: Site) -> None:
    """A stream is sent part by part once its head is complete, and is closed."""
    response = visit().get("/stream")
    chunks = list(response.streaming_content)
    assert [chunk.decode() for chunk in chunks[1:]] == PARTS[3:]
    assert strip(b"".join(chunks)).decode() == "".join(PARTS)
    assert response.wsgi_request.META["closed"] == [True]


def test_stream_with_a_length(site: Site) -> None:
    """A stream with a Content-Length loses it with the tag: headers are sent before the body."""
    response = visit().get("/stream?length=1")
    assert "Content-Length" not in response.headers
    assert strip(body(response)).decode() == "".join(PARTS)


def test_stream_that_fails(site: Site) -> None:
    """A stream that fails midway fails as before, after the same parts."""
    response = visit().get("/stream?fail=1")
    seen: list[bytes] = []
    with pytest.raises(RuntimeError, match="midway"):
        for chunk in response.streaming_content:
            seen.append(chunk)
    assert strip(b"".join(seen)).decode() == "".join(PARTS)
    assert response.wsgi_request.META["closed"] == [True]
    assert {key[5] for key in site.counters.snapshot()} == {"page-shared"}


def test_sent_file_is_left_alone(use: Use, site: Site, tmp_path: Path) -> None:
    """A file is unchanged, also with a detector around the whole site."""
    use(BASE_DIR=tmp_path)
    around = WsgiMiddleware(WSGIHandler(), site=site)
    for found in (body(visit().get("/file")), call(around, path="/file").body):
        assert found == PAGE.encode()


@pytest.mark.parametrize("asked", [False, True])
def test_error_pages(use: Use, asked: bool) -> None:
    """Error pages carry the tag only if configured."""
    use(BASE_DIR=None, DETECTOR={"secret": SECRET, "error_pages": asked})
    response = visit(raise_request_exception=False).get("/broken")
    assert response.status_code == 500
    assert bool(tags(response.content)) is asked
    missing = visit().get("/nowhere/")
    assert missing.status_code == 404
    assert bool(tags(missing.content)) is asked


@pytest.mark.parametrize(
    "query",
    [
        "Content-Length=7",
        "Content-Type=text/html;charset=shift_jis",
        "Cache-Control=no-transform",
        "Content-Disposition=attachment",
    ],
)
def test_left_alone(use: Use, site: Site, query: str) -> None:
    """A page with a wrong length, or one that may not be changed, keeps all its headers."""
    found = visit().get("/?" + query)
    use(MIDDLEWARE=[COMMON])
    plain = visit().get("/?" + query)
    assert (found.content, dict(found.headers)) == (plain.content, dict(plain.headers))


def test_switched_off(use: Use, site: Site) -> None:
    """Switched off, no page changes, and the detector's URLs still answer."""
    use(DETECTOR={"secret": SECRET, "enabled": False})
    assert visit().get("/").content == PAGE.encode()
    assert b"script" not in visit().get("/by-hand").content
    src = f"/{current_site().names.prefix}/nothing"
    assert visit().get(src).content == b"no such file"


def test_robot_and_a_private_page(site: Site) -> None:
    """A private page carries no tag for a robot."""
    robot = Client(headers={"user-agent": GOOGLEBOT})
    assert robot.get("/?Cache-Control=private").content == PAGE.encode()
    assert tags(robot.get("/").content)


def test_sub_path(use: Use, site: Site) -> None:
    """Mounted below a path, the script's URL is below that path and is served there."""
    source = re.compile(rb'src="(/news%20site/[a-z]+/[a-z]+\.js)"')
    assert source.search(visit().get("/", SCRIPT_NAME="/news site").content)
    use(FORCE_SCRIPT_NAME="/news site/")
    found = source.search(visit().get("/").content)
    assert found is not None
    path = found[1].decode().removeprefix("/news%20site")
    assert visit().get(path).headers["Content-Type"].startswith("text/javascript")


def test_hostile_mount(site: Site) -> None:
    """A mount path from a proxy's header never moves the script to another host."""
    page = visit().get("/", SCRIPT_NAME="//evil.example").content
    assert b'src="/evil.example/' in page


def test_our_errors_stay_ours(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any error of the detector, page and stream are unchanged."""

    def fail(*arguments: object, **options: object) -> int:
        raise RuntimeError("ours")

    monkeypatch.setattr("detector.core.html.injector.find", fail)
    page = visit().get("/")
    assert (page.content, page.headers["Content-Length"]) == (PAGE.encode(), str(len(PAGE)))
    assert body(visit().get("/stream")).decode() == "".join(PARTS)
    monkeypatch.setattr(Tagger, "injector", fail)
    assert visit().get("/").content == PAGE.encode()
    monkeypatch.setattr(Endpoints, "respond", fail)
    assert visit().get("/").content == PAGE.encode()
    monkeypatch.setattr(Tagger, "tag", fail)
    assert visit().get("/by-hand").status_code == 200
    assert counted(site, "error") == 9


@given(
    st.lists(st.binary(max_size=40) | st.sampled_from([p.encode() for p in PARTS])),
    st.booleans(),
)
def test_output_without_the_tag_is_the_input(parts: list[bytes], streamed: bool) -> None:
    """For every body and every split into parts, the output minus the tag is the input."""
    from django.http import StreamingHttpResponse
    from django.test import RequestFactory

    plain = b"".join(parts)
    made = StreamingHttpResponse(parts) if streamed else HttpResponse(plain)
    with override_settings(BASE_DIR=None, DETECTOR={"secret": SECRET}):
        found = DetectorMiddleware(lambda request: made)(RequestFactory().get("/"))
    out = body(found)
    assert (strip(out) if tags(out) else out) == plain


@pytest.mark.parametrize("cache", ["private", "max-age=60"])
def test_a_members_page(cache: str) -> None:
    """A view marks a member's page by `request.ad_free`, where no shared cache may store it."""

    def view(request: HttpRequest) -> HttpResponse:
        request.ad_free = True
        return HttpResponse(PAGE, headers={"Cache-Control": cache})

    page = DetectorMiddleware(view)(RequestFactory().get("/", headers={"User-Agent": FIREFOX}))
    assert isinstance(page, HttpResponse)
    assert flags_in(page.content) == PageFlags(ad_free=cache == "private")


def test_a_members_page_whose_template_places_the_tag() -> None:
    """The template tag carries the mark of the view."""
    request = RequestFactory().get("/", headers={"User-Agent": FIREFOX})
    request.ad_free = True
    html = render(request, "by_hand.html").content
    assert flags_in(html) == PageFlags(ad_free=True)
