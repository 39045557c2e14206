"""Pages in the WSGI middleware: which get the tag, and the headers that change with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any
from wsgiref.util import FileWrapper, setup_testing_defaults

import pytest

from detector.core.site import Site
from detector.wsgi import DetectorMiddleware
from tests.conftest import GOOGLEBOT
from tests.support.calls import call_wsgi as call
from tests.support.tags import strip
from tests.wsgi.conftest import HTML, PAGE, page


def test_page_gets_one_tag(site: Site) -> None:
    """A page gets one tag directly after <head>, and the rest is unchanged."""
    result = call(DetectorMiddleware(page(), site=site))
    assert result.body.startswith(b"<!doctype html><html><head><script data-cfasync=")
    assert strip(result.body) == PAGE


def test_length_and_entity_tag(site: Site) -> None:
    """Content-Length grows by the tag, a strong entity tag becomes weak."""
    app = page((PAGE,), ("Content-Length", str(len(PAGE))), ("ETag", '"abc"'))
    result = call(DetectorMiddleware(app, site=site))
    assert int(result.headers["Content-Length"]) == len(result.body) > len(PAGE)
    assert result.headers["ETag"] == 'W/"abc"'


def test_revalidation_names_the_weak_tag(site: Site) -> None:
    """A 304 has the entity tag of the visitor's copy."""
    app = page((), ("ETag", '"abc"'), status="304 Not Modified")

    def without_type(environ: Any, start: Any) -> Iterable[bytes]:
        return app(environ, lambda status, headers: start(status, headers[1:]))

    middleware = DetectorMiddleware(without_type, site=site)
    assert call(middleware, HTTP_IF_NONE_MATCH='W/"abc"').headers["ETag"] == 'W/"abc"'
    assert call(middleware, HTTP_IF_NONE_MATCH='"abc"').headers["ETag"] == '"abc"'


def test_head_agrees_with_get(site: Site) -> None:
    """HEAD has GET's headers except for the length, which is unknown."""
    app = page((), ("Content-Length", str(len(PAGE))), ("ETag", '"abc"'))
    result = call(DetectorMiddleware(app, site=site), REQUEST_METHOD="HEAD")
    assert "Content-Length" not in result.headers
    assert result.headers["ETag"] == 'W/"abc"'


def test_streaming(site: Site) -> None:
    """A stream is sent chunk by chunk once its head is complete."""
    seen: list[bytes] = []

    def stream() -> Iterator[bytes]:
        for part in (b"<!doctype html><ht", b"ml><he", b"ad>", b"<title>x</title>", b"more"):
            seen.append(part)
            yield part

    result = call(DetectorMiddleware(page(stream()), site=site))
    assert [len(c) > 0 for c in result.chunks] == [True, True, True]
    assert result.chunks[1:] == [b"<title>x</title>", b"more"]
    assert strip(result.body) == b"<!doctype html><html><head><title>x</title>more"


def test_generator_app(site: Site) -> None:
    """An app that starts its response during iteration works too."""

    def app(environ: Any, start: Any) -> Iterator[bytes]:
        start("200 OK", [HTML])
        yield PAGE

    assert strip(call(DetectorMiddleware(app, site=site)).body) == PAGE


def test_written_page(site: Site) -> None:
    """A page sent by `write` is tagged too."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        write = start("200 OK", [HTML])
        write(PAGE[:10])
        write(PAGE[10:40])
        return [PAGE[40:]]

    assert strip(call(DetectorMiddleware(app, site=site)).body) == PAGE


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Encoding", "gzip")],
        [("Content-Disposition", "attachment")],
        [("Cache-Control", "no-transform")],
    ],
)
def test_left_alone(site: Site, headers: list[tuple[str, str]]) -> None:
    """Anything but a plain page is unchanged, headers too."""
    plain = call(page((PAGE,), *headers))
    result = call(DetectorMiddleware(page((PAGE,), *headers), site=site))
    assert (result.headers, result.body) == (plain.headers, plain.body)


def test_foreign_charset(site: Site) -> None:
    """A page in an encoding in which "<" may be part of a character is left unchanged."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/html; charset=shift_jis")])
        return [PAGE]

    assert call(DetectorMiddleware(app, site=site)).body == PAGE


def test_other_responses_keep_their_iterable(site: Site) -> None:
    """A file keeps the server's file wrapper, so that it can be sent without copying."""
    wrapper = FileWrapper(BytesIO(b"data"))

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "application/pdf")])
        return wrapper

    env: dict[str, Any] = {}
    setup_testing_defaults(env)
    assert DetectorMiddleware(app, site=site)(env, lambda *a: lambda b: None) is wrapper


def test_list_of_one_part_stays_one(site: Site) -> None:
    """A page in one part stays a list, so that the server adds its length."""
    env: dict[str, Any] = {}
    setup_testing_defaults(env)
    parts = DetectorMiddleware(page(), site=site)(env, lambda *a: lambda b: None)
    assert isinstance(parts, list)
    assert len(parts) == 1


def test_two_middlewares_one_tag(site: Site, make_site: Callable[..., Site]) -> None:
    """Mounted twice there is one tag, the inner one's."""
    other = make_site(secret="the secret of another detector")
    result = call(DetectorMiddleware(DetectorMiddleware(page(), site=site), site=other))
    assert strip(result.body) == PAGE
    assert site.names.prefix.encode() in result.body


def test_disabled(make_site: Callable[..., Site]) -> None:
    """Switched off, pages are unchanged and the detector's URLs still answer."""
    site = make_site(enabled=False)
    middleware = DetectorMiddleware(page(), site=site)
    assert call(middleware).body == PAGE
    assert call(middleware, path=f"/{site.names.prefix}/x").status == "404 Not Found"


def test_robots_differ_only_where_no_cache_may_see_it(site: Site) -> None:
    """A page that a cache may store is the same for everybody; a private one is left to robots."""
    cacheable = DetectorMiddleware(page(), site=site)
    private = DetectorMiddleware(page((PAGE,), ("Cache-Control", "private")), site=site)
    assert call(cacheable, HTTP_USER_AGENT=GOOGLEBOT).body != PAGE
    assert call(private, HTTP_USER_AGENT=GOOGLEBOT).body == PAGE
    assert call(private).body != PAGE
