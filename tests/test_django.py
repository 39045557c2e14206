"""The Django middleware, as an owner uses it."""

from __future__ import annotations

import asyncio
import gzip
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, override_settings
from hypothesis import given
from hypothesis import strategies as st

from detector.config import Config
from detector.django import DetectorMiddleware
from detector.django import site as current_site
from detector.names import Names
from detector.responder import Responder
from detector.secret import derived
from detector.site import Site
from detector.stats.sqlite import SqliteStore
from detector.wsgi import DetectorMiddleware as WsgiMiddleware
from tests.calls import call_wsgi as call
from tests.conftest import FIREFOX, GOOGLEBOT, SECRET
from tests.django_site import COMMON, OURS, PAGE, PARTS
from tests.tags import script, strip, tags

GZIP = "django.middleware.gzip.GZipMiddleware"
CONDITIONAL = "django.middleware.http.ConditionalGetMiddleware"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
CSRF = "django.middleware.csrf.CsrfViewMiddleware"
Use = Callable[..., None]


@pytest.fixture
def use() -> Iterator[Use]:
    """Give a way to change settings until the test ends."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(override_settings(**options))


@pytest.fixture
def site(use: Use, tmp_path: Path) -> Site:
    """Give the site of this test, with counters in memory."""
    use(BASE_DIR=None, DETECTOR={"secret": SECRET + tmp_path.name})
    return current_site()


def visit(**options: Any) -> Client:
    """Give a visitor with Firefox."""
    return Client(headers={"user-agent": FIREFOX}, **options)


def body(response: Any) -> bytes:
    """Give the whole body."""
    return bytes(response.getvalue() if response.streaming else response.content)


def counted(site: Site, action: str) -> int:
    """Say how often a thing was counted."""
    snapshot = site.counters.snapshot().items()
    return sum(n for key, n in snapshot if (key[2], key[5]) == ("all", action))


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
    """A page carries one tag, with its route as group, and a length that is true."""
    response = visit().get(path)
    assert strip(body(response)) == PAGE.encode()
    assert response.headers["Content-Length"] == str(len(body(response)))
    assert f'="{group}.' in body(response).decode()


def test_cookies_and_other_headers_stay(site: Site) -> None:
    """What else a view said about its page leaves with it."""
    response = visit().get("/?X-Own=1")
    assert response.cookies["theme"].value == "dark"
    assert response.headers["X-Own"] == "1"


def test_what_is_no_page_stays(site: Site) -> None:
    """JSON passes byte for byte, headers too."""
    response = visit().get("/data")
    assert body(response) == b'{"a": 1}'
    assert response.headers["Content-Length"] == "8"


def test_async(site: Site) -> None:
    """Under an async handler pages, streams and our own URLs are the same, without threads."""

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
    """A stream goes on part by part once its head is there, and is closed."""
    response = visit().get("/stream")
    chunks = list(response.streaming_content)
    assert [chunk.decode() for chunk in chunks[1:]] == PARTS[3:]
    assert strip(b"".join(chunks)).decode() == "".join(PARTS)
    assert response.wsgi_request.META["closed"] == [True]


def test_stream_with_a_length(site: Site) -> None:
    """A stream that told its length tells none with the tag: headers leave before the body."""
    response = visit().get("/stream?length=1")
    assert "Content-Length" not in response.headers
    assert strip(body(response)).decode() == "".join(PARTS)


def test_stream_that_fails(site: Site) -> None:
    """A stream that fails midway fails as before, with what it had given."""
    response = visit().get("/stream?fail=1")
    seen: list[bytes] = []
    with pytest.raises(RuntimeError, match="midway"):
        for chunk in response.streaming_content:
            seen.append(chunk)
    assert strip(b"".join(seen)).decode() == "".join(PARTS)
    assert response.wsgi_request.META["closed"] == [True]
    assert {key[5] for key in site.counters.snapshot()} == {"page-shared"}


def test_sent_file_is_left_alone(use: Use, site: Site, tmp_path: Path) -> None:
    """A file is the owner's, byte for byte, also for a detector around the whole site."""
    use(BASE_DIR=tmp_path)
    around = WsgiMiddleware(WSGIHandler(), site=site)
    for found in (body(visit().get("/file")), call(around, path="/file").body):
        assert found == PAGE.encode()


@pytest.mark.parametrize("asked", [False, True])
def test_error_pages(use: Use, asked: bool) -> None:
    """Error pages carry the tag only where asked."""
    use(BASE_DIR=None, DETECTOR={"secret": SECRET, "error_pages": asked})
    response = visit(raise_request_exception=False).get("/broken")
    assert response.status_code == 500
    assert bool(tags(response.content)) is asked
    missing = visit().get("/nowhere/")
    assert missing.status_code == 404
    assert bool(tags(missing.content)) is asked


def test_head_agrees_with_get(site: Site) -> None:
    """HEAD has the headers of GET, its length too where the view gave a body."""
    client = visit()
    assert dict(client.head("/").headers) == dict(client.get("/").headers)
    assert body(client.head("/")) == b""


def test_validators_inside(use: Use, site: Site) -> None:
    """An entity tag made behind us becomes weak, and a 304 names the same one."""
    use(MIDDLEWARE=[OURS, CONDITIONAL, COMMON])
    etag = visit().get("/").headers["ETag"]
    assert etag.startswith('W/"')
    again = visit().get("/", headers={"if-none-match": etag})
    assert (again.status_code, again.headers["ETag"], again.content) == (304, etag, b"")


def test_validators_outside(use: Use, site: Site) -> None:
    """An entity tag made before us is of the tagged page, and answers with 304."""
    use(MIDDLEWARE=[CONDITIONAL, OURS, COMMON])
    etag = visit().get("/").headers["ETag"]
    assert visit().get("/", headers={"if-none-match": etag}).status_code == 304


def test_gzip_outside(use: Use, site: Site) -> None:
    """A compressor before us compresses the tagged page."""
    use(MIDDLEWARE=[GZIP, OURS, COMMON])
    response = visit().get("/stream", headers={"accept-encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert strip(gzip.decompress(body(response))).decode() == "".join(PARTS)


def test_gzip_inside(use: Use, site: Site) -> None:
    """What a compressor behind us made is left alone."""
    use(MIDDLEWARE=[OURS, GZIP, COMMON])
    response = visit().get("/stream", headers={"accept-encoding": "gzip"})
    assert gzip.decompress(body(response)).decode() == "".join(PARTS)


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
    """A page that lies about its length, or may not be changed, passes with all its headers."""
    found = visit().get("/?" + query)
    use(MIDDLEWARE=[COMMON])
    plain = visit().get("/?" + query)
    assert (found.content, dict(found.headers)) == (plain.content, dict(plain.headers))


def test_switched_off(use: Use, site: Site) -> None:
    """Switched off, no page changes, and our own URLs still answer."""
    use(DETECTOR={"secret": SECRET, "enabled": False})
    assert visit().get("/").content == PAGE.encode()
    assert b"script" not in visit().get("/by-hand").content
    src = f"/{current_site().names.prefix}/nothing"
    assert visit().get(src).content == b"no such file"


def test_robot_and_a_private_page(site: Site) -> None:
    """A page that nobody may share carries no tag for a robot."""
    robot = Client(headers={"user-agent": GOOGLEBOT})
    assert robot.get("/?Cache-Control=private").content == PAGE.encode()
    assert tags(robot.get("/").content)


def test_sub_path(use: Use, site: Site) -> None:
    """Mounted under a path, the script lies under that path, and is found there."""
    source = re.compile(rb'src="(/news%20site/[a-z]+/[a-z]+\.js)"')
    assert source.search(visit().get("/", SCRIPT_NAME="/news site").content)
    use(FORCE_SCRIPT_NAME="/news site/")
    found = source.search(visit().get("/").content)
    assert found is not None
    path = found[1].decode().removeprefix("/news%20site")
    assert visit().get(path).headers["Content-Type"].startswith("text/javascript")


def test_hostile_mount(site: Site) -> None:
    """A mount that a proxy had from a header never makes the script another host's."""
    page = visit().get("/", SCRIPT_NAME="//evil.example").content
    assert b'src="/evil.example/' in page


def test_our_urls_come_before_the_site(use: Use, site: Site) -> None:
    """Slashes, log-in, sessions and languages of the site are never asked about our URLs."""
    use(
        MIDDLEWARE=[OURS, SESSIONS, COMMON, "tests.test_django.log_in"],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        SESSION_SAVE_EVERY_REQUEST=True,
    )
    client = visit()
    assert client.get("/").status_code == 302
    response = client.get(f"/{site.names.prefix}/nothing")
    assert (response.status_code, response.content) == (404, b"no such file")
    assert not response.cookies


def log_in(get_response: Any) -> Callable[[HttpRequest], HttpResponse]:
    """Send everybody to the log-in, as a site's own middleware may."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=302, headers={"Location": "/login"})

    return middleware


def test_a_view_is_counted(use: Use, site: Site) -> None:
    """Control and report of one view answer through Django, with CSRF protection on."""
    use(MIDDLEWARE=[OURS, COMMON, CSRF])
    client = visit(enforce_csrf_checks=True)
    src, token = script(client.get("/").text)
    control = client.get(src + "on", {"v": "01234567890123456789", "p": token})
    told = control.json()
    assert control.headers["Cache-Control"] == "no-store"
    report = client.post(
        f"/{site.names.prefix}/{told['r']}",
        {"t": told["t"], "p": token, "s": "clear", "i": "", "f": [], "e": False},
        content_type="application/json",
    )
    assert (report.status_code, report.content, len(report.cookies)) == (204, b"", 0)
    assert "Content-Type" not in report.headers
    assert counted(site, "view") == counted(site, "verdict") == 1


class Body(BytesIO):
    """A body that notes how much of it was read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.seen = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read like a file."""
        data = super().read(size)
        self.seen += len(data)
        return data


def post(site: Site, data: Body, **environ: Any) -> Any:
    """Send a body to the report's URL."""
    path = f"/{site.names.prefix}/{site.names.report}"
    return visit().post(path, **{"wsgi.input": data, **environ})


def test_report_is_read_bounded(site: Site) -> None:
    """A large body is not read to its end: its first bytes are enough to refuse it."""
    data = Body(b"x" * 100_000)
    assert post(site, data, CONTENT_LENGTH="100000").status_code == 204
    assert 1024 < data.seen <= 2048
    assert counted(site, "refused") == 1


@pytest.mark.parametrize("ends", [True, False])
def test_report_without_a_length(site: Site, ends: bool) -> None:
    """A body in chunks is read only where the server says that it ends by itself."""
    data = Body(b"{}")
    post(site, data, CONTENT_LENGTH="", **{"wsgi.input_terminated": ends})
    assert data.seen == (2 if ends else 0)


def test_one_site_for_all_middlewares(site: Site) -> None:
    """Every client and handler shares one site, and no thread starts before a count."""
    before = threading.enumerate()
    made = [DetectorMiddleware(lambda request: HttpResponse()) for _ in range(3)]
    assert {id(each.site) for each in made} == {id(site)}
    assert set(threading.enumerate()) <= set(before)
    visit().get("/")
    visit().get("/")
    counted = {key[5]: n for key, n in site.counters.snapshot().items() if key[2] == "all"}
    assert counted == {"page-shared": 2}


def test_options_in_upper_case(use: Use) -> None:
    """Options may be written as Django's own settings are."""
    use(BASE_DIR=None, DETECTOR={"SECRET": SECRET, "NOTICE": "modal"})
    assert current_site().config.notice == "modal"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"notise": "modal"}, "did you mean notice"),
        ({"notice": "big"}, "allowed are slot, corner"),
        ([], "allowed is a dict"),
    ],
)
def test_wrong_options_stop_the_start(use: Use, options: Any, message: str) -> None:
    """Wrong settings stop the start with what is allowed, also where no check ran."""
    use(DETECTOR=options)
    with pytest.raises(ImproperlyConfigured, match=rf"settings\.DETECTOR.*{message}"):
        visit().get("/")


def test_secret_from_the_sites_key(use: Use) -> None:
    """The secret is derived as in Flask, and earlier keys' names keep answering."""
    use(BASE_DIR=None, DETECTOR={}, SECRET_KEY="new key", SECRET_KEY_FALLBACKS=["old key"])
    config = current_site().config
    assert config.secret == derived("new key")
    assert "new key" not in config.secret
    older = Names(derived("old key")).prefix
    assert visit().get(f"/{older}/nothing").content == b"no such file"
    use(DETECTOR={"secret": SECRET})
    assert current_site().config.previous_secrets == ()


def test_store_beside_the_project(use: Use, tmp_path: Path) -> None:
    """Counters are kept in BASE_DIR, and in memory where there is none."""
    use(BASE_DIR=tmp_path, DETECTOR={"secret": SECRET})
    site = current_site()
    site.count("error")
    site.close()
    store = SqliteStore(tmp_path / "detector.sqlite", readonly=True)
    assert list(store.rows())
    store.close()
    use(BASE_DIR=None)
    assert current_site().config == Config.make(secret=SECRET)


def test_tag_placed_by_hand(site: Site) -> None:
    """The template tag stands where it is written, once, and the middleware adds none."""
    page = visit().get("/by-hand").content.decode()
    assert tags(page.encode()) == 1
    assert "<meta charset=utf-8><script data-cfasync=" in page
    assert '="/by-hand.' in page


def test_tag_by_hand_without_request(site: Site) -> None:
    """A template without a request renders, and holds no tag."""
    from django.template import engines

    made = engines["django"].from_string("{% load detector %}a{% detector_tag %}b").render({})
    assert made == "ab"


def test_two_layers_one_tag(use: Use, site: Site) -> None:
    """Named twice, and with a WSGI detector around the site, a page still gets one tag."""
    use(MIDDLEWARE=[OURS, OURS, COMMON])
    found = call(WsgiMiddleware(WSGIHandler(), site=site))
    assert strip(found.body) == PAGE.encode()


def test_our_errors_stay_ours(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """With any error of ours, page and stream leave as the site made them."""

    def fail(*arguments: object, **options: object) -> int:
        raise RuntimeError("ours")

    monkeypatch.setattr("detector.page.inject.find", fail)
    page = visit().get("/")
    assert (page.content, page.headers["Content-Length"]) == (PAGE.encode(), str(len(PAGE)))
    assert body(visit().get("/stream")).decode() == "".join(PARTS)
    monkeypatch.setattr(Site, "injector", fail)
    assert visit().get("/").content == PAGE.encode()
    monkeypatch.setattr(Responder, "respond", fail)
    assert visit().get("/").content == PAGE.encode()
    monkeypatch.setattr(Site, "tag", fail)
    assert visit().get("/by-hand").status_code == 200
    assert counted(site, "error") == 9


@given(
    st.lists(st.binary(max_size=40) | st.sampled_from([p.encode() for p in PARTS])),
    st.booleans(),
)
def test_output_without_the_tag_is_the_input(parts: list[bytes], streamed: bool) -> None:
    """For every body and every cut into parts, the output minus our tag is the input."""
    from django.http import StreamingHttpResponse
    from django.test import RequestFactory

    plain = b"".join(parts)
    made = StreamingHttpResponse(parts) if streamed else HttpResponse(plain)
    with override_settings(BASE_DIR=None, DETECTOR={"secret": SECRET}):
        found = DetectorMiddleware(lambda request: made)(RequestFactory().get("/"))
    out = body(found)
    assert (strip(out) if tags(out) else out) == plain


def test_tells_the_address(site: Site) -> None:
    """The middleware hands on where a report came from: a flood from one address is cut off."""
    path = f"/{site.names.prefix}/{site.names.report}"
    for _ in range(23):
        visit().post(path, b"", content_type="text/plain", REMOTE_ADDR="9.8.7.6")
    rows = site.counters.snapshot()
    assert {key[3]: n for key, n in rows.items() if key[2] == "reason"} == {"syntax": 20, "rate": 3}
