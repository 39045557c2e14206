"""The WSGI middleware: same bytes in, same bytes and one tag out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any
from wsgiref.util import FileWrapper, setup_testing_defaults

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from detector.config import ConfigError
from detector.names import Names
from detector.page.inject import Injector
from detector.site import Site
from detector.wsgi import DetectorMiddleware, detector_tag
from tests.calls import call_wsgi as call
from tests.conftest import GOOGLEBOT, SECRET
from tests.tags import strip, tags

PAGE = b"<!doctype html><html><head><title>x</title></head><body>text</body></html>"
HTML = ("Content-Type", "text/html; charset=utf-8")


def page(
    body: Iterable[bytes] = (PAGE,), *headers: tuple[str, str], status: str = "200 OK"
) -> Callable[..., Iterable[bytes]]:
    """Make an app that always gives one page."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start(status, [HTML, *headers])
        return list(body) if isinstance(body, tuple) else body

    return app


def test_page_gets_one_tag(site: Site) -> None:
    """A page gets one tag right behind <head>, the rest stays."""
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
    """A 304 names the entity tag under which the visitor has the page."""
    app = page((), ("ETag", '"abc"'), status="304 Not Modified")

    def without_type(environ: Any, start: Any) -> Iterable[bytes]:
        return app(environ, lambda status, headers: start(status, headers[1:]))

    middleware = DetectorMiddleware(without_type, site=site)
    assert call(middleware, HTTP_IF_NONE_MATCH='W/"abc"').headers["ETag"] == 'W/"abc"'
    assert call(middleware, HTTP_IF_NONE_MATCH='"abc"').headers["ETag"] == '"abc"'


def test_head_agrees_with_get(site: Site) -> None:
    """HEAD has GET's headers but for the length, which it cannot know."""
    app = page((), ("Content-Length", str(len(PAGE))), ("ETag", '"abc"'))
    result = call(DetectorMiddleware(app, site=site), REQUEST_METHOD="HEAD")
    assert "Content-Length" not in result.headers
    assert result.headers["ETag"] == 'W/"abc"'


def test_streaming(site: Site) -> None:
    """A stream goes on chunk by chunk as soon as its head is there."""
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
    """An app that starts its response while it is iterated works too."""

    def app(environ: Any, start: Any) -> Iterator[bytes]:
        start("200 OK", [HTML])
        yield PAGE

    assert strip(call(DetectorMiddleware(app, site=site)).body) == PAGE


def test_written_page(site: Site) -> None:
    """What an app sends by `write` is a page as well."""

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
    """What is not a plain page passes byte for byte, headers too."""
    plain = call(page((PAGE,), *headers))
    result = call(DetectorMiddleware(page((PAGE,), *headers), site=site))
    assert (result.headers, result.body) == (plain.headers, plain.body)


def test_foreign_charset(site: Site) -> None:
    """A page in an encoding in which "<" may be half of a character is left alone."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/html; charset=shift_jis")])
        return [PAGE]

    assert call(DetectorMiddleware(app, site=site)).body == PAGE


def test_other_responses_keep_their_iterable(site: Site) -> None:
    """A file keeps the server's own wrapper, so that it can be sent without copying."""
    wrapper = FileWrapper(BytesIO(b"data"))

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "application/pdf")])
        return wrapper

    env: dict[str, Any] = {}
    setup_testing_defaults(env)
    assert DetectorMiddleware(app, site=site)(env, lambda *a: lambda b: None) is wrapper


def test_nonce_of_the_response(site: Site) -> None:
    """The tag carries the nonce of the response's policy."""
    policy = "default-src 'none'; script-src 'nonce-abc123' 'strict-dynamic'"
    result = call(DetectorMiddleware(page((PAGE,), ("Content-Security-Policy", policy)), site=site))
    assert result.body.count(b'nonce="abc123"') == 2


def test_nonce_of_the_framework(site: Site) -> None:
    """A nonce that a function tells is taken where no policy stands against it."""

    def nonce(environ: Any) -> str:
        return str(environ["app.nonce"])

    free = DetectorMiddleware(page(), site=site, nonce=nonce)
    assert call(free, **{"app.nonce": "abc"}).body.count(b'nonce="abc"') == 2
    policy = ("Content-Security-Policy", "script-src 'nonce-xyz'")
    held = DetectorMiddleware(page((PAGE,), policy), site=site, nonce=nonce)
    assert call(held, **{"app.nonce": "abc"}).body.count(b'nonce="xyz"') == 2


def test_options_are_those_of_the_config() -> None:
    """Options make a site of their own; wrong ones stop the start and say how to mend it."""
    middleware = DetectorMiddleware(page(), secret=SECRET, notice="modal")
    assert middleware.site.config.notice == "modal"
    assert call(middleware).body != PAGE
    with pytest.raises(ConfigError, match="did you mean notice"):
        DetectorMiddleware(page(), secret=SECRET, notce="modal")
    with pytest.raises(ConfigError, match="SECRET is not set"):
        DetectorMiddleware(page())


def test_options_beside_a_site(site: Site) -> None:
    """Options that a given site would not take are refused."""
    with pytest.raises(ConfigError, match="notice: give these options to the Site"):
        DetectorMiddleware(page(), site=site, notice="modal")


def test_tag_placed_by_a_template(site: Site) -> None:
    """A page that has its tag placed by hand gets no other; elsewhere there is none to place."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        made = PAGE.replace(b"</head>", detector_tag(environ, "abc").encode() + b"</head>")
        start("200 OK", [HTML])
        return [made]

    app_with = DetectorMiddleware(app, site=site, group=lambda environ: "/route")
    result = call(app_with, SCRIPT_NAME="/news")
    assert tags(result.body) == 1
    assert result.body.count(b'nonce="abc"') == 2
    assert f'src="/news/{site.names.prefix}/'.encode() in result.body
    assert b'="/route.' in result.body
    assert call(app).body == PAGE


def test_template_of_a_stream(site: Site) -> None:
    """A template that runs while the page leaves places nothing: the page is tagged already."""

    def app(environ: Any, start: Any) -> Iterator[bytes]:
        start("200 OK", [HTML])
        yield PAGE[:30]
        yield detector_tag(environ).encode()
        yield PAGE[30:]

    assert strip(call(DetectorMiddleware(app, site=site)).body) == PAGE


def test_placed_tag_without_its_line(site: Site) -> None:
    """Where the policy refuses inline lines the template leaves it out."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        made = detector_tag(environ, inline=False).encode()
        start("200 OK", [HTML])
        return [made]

    assert call(DetectorMiddleware(app, site=site)).body.startswith(b"<script async")


def test_no_tag_to_place(make_site: Callable[..., Site], caplog: pytest.LogCaptureFixture) -> None:
    """Switched off, or failing, the helper gives nothing and the page stands."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"x" + detector_tag(environ).encode()]

    off = DetectorMiddleware(app, site=make_site(enabled=False))
    failing = DetectorMiddleware(app, site=make_site(), group=lambda environ: environ["no"])
    assert call(off).body == call(failing).body == b"x"
    assert "making a tag for a template" in caplog.text


def test_sub_path(site: Site) -> None:
    """Mounted under a path, the script lies under that path."""
    result = call(DetectorMiddleware(page(), site=site), SCRIPT_NAME="/news site")
    assert f'src="/news%20site/{site.names.prefix}/'.encode() in result.body


def test_sub_apps_that_share_the_environ(site: Site) -> None:
    """An app that moves the path over to SCRIPT_NAME does not move our URLs."""

    def outer(environ: Any, start: Any) -> Iterable[bytes]:
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "/sub", "/"
        return page()(environ, start)

    result = call(DetectorMiddleware(outer, site=site), path="/sub/")
    assert f'src="/{site.names.prefix}/'.encode() in result.body


@pytest.mark.parametrize("inside", [False, True])
def test_helper_of_a_proxy(site: Site, inside: bool) -> None:
    """A prefix that a proxy tells is respected, whichever of its helper and ours is further out."""

    def fix(app: Any) -> Any:
        return ProxyFix(app, x_prefix=1)

    detect = DetectorMiddleware
    app = detect(fix(page()), site=site) if inside else fix(detect(page(), site=site))
    result = call(app, path="/a", HTTP_X_FORWARDED_PREFIX="/news")
    assert f'src="/news/{site.names.prefix}/'.encode() in result.body


def test_list_of_one_part_stays_one(site: Site) -> None:
    """A server adds a length to a list of one part, so a page in one part stays a list."""
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


def test_disabled(make_site: Callable[..., Site]) -> None:
    """Switched off, pages stay as they are and our URLs still answer."""
    site = make_site(enabled=False)
    middleware = DetectorMiddleware(page(), site=site)
    assert call(middleware).body == PAGE
    assert call(middleware, path=f"/{site.names.prefix}/x").status == "404 Not Found"


def test_robots_differ_only_where_no_cache_may_see_it(site: Site) -> None:
    """A page that a cache may keep is the same for everybody; a private one spares robots."""
    cacheable = DetectorMiddleware(page(), site=site)
    private = DetectorMiddleware(page((PAGE,), ("Cache-Control", "private")), site=site)
    assert call(cacheable, HTTP_USER_AGENT=GOOGLEBOT).body != PAGE
    assert call(private, HTTP_USER_AGENT=GOOGLEBOT).body == PAGE
    assert call(private).body != PAGE


def test_error_of_the_app_stays_its_own(site: Site) -> None:
    """What the app raises, at once or midway, reaches the server unchanged."""

    def early(environ: Any, start: Any) -> Iterable[bytes]:
        raise KeyError("early")

    def late(environ: Any, start: Any) -> Iterator[bytes]:
        start("200 OK", [HTML])
        yield b"<!doctype html><html>"
        raise KeyError("late")

    for app, message in ((early, "early"), (late, "late")):
        with pytest.raises(KeyError, match=message):
            call(DetectorMiddleware(app, site=site))


def test_error_page_replaces_a_held_start(site: Site) -> None:
    """An app that changes its mind with exc_info before any byte left gets its way."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [HTML])
        try:
            raise ValueError("no")
        except ValueError as error:
            info = (ValueError, error, error.__traceback__)
            start("500 Oh", [("Content-Type", "text/plain")], info)
        return [b"sorry"]

    result = call(DetectorMiddleware(app, site=site))
    assert (result.status, result.body) == ("500 Oh", b"sorry")


def test_body_is_closed_once(site: Site) -> None:
    """The app's iterable is closed once, also when the client leaves early."""

    class Body:
        closed = 0

        def __iter__(self) -> Iterator[bytes]:
            return iter([PAGE, b"more"])

        def close(self) -> None:
            self.closed += 1

    body = Body()
    call(DetectorMiddleware(page(body), site=site))
    assert body.closed == 1
    early = Body()
    env: dict[str, Any] = {}
    setup_testing_defaults(env)
    chunks = DetectorMiddleware(page(early), site=site)(env, lambda *a: lambda b: None)
    next(iter(chunks))
    chunks.close()  # type: ignore[attr-defined]
    assert early.closed == 1


def test_our_errors_never_reach_the_page(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error of ours gives the original page, one log line, and leaves pages alone after ten."""

    def broken(self: Injector, chunk: bytes) -> bytes:
        self._held = bytearray(chunk)
        raise RuntimeError("ours")

    monkeypatch.setattr(Injector, "feed", broken)
    middleware = DetectorMiddleware(page((PAGE[:30], PAGE[30:])), site=site)
    with caplog.at_level(logging.ERROR, "detector"):
        for _ in range(12):
            assert call(middleware).body == PAGE
    messages = [record.message for record in caplog.records]
    assert len([m for m in messages if "kept from the page" in m]) == 1
    assert len([m for m in messages if "left alone" in m]) == 1
    monkeypatch.undo()
    assert call(middleware).body == PAGE
    counted = site.counters.snapshot()
    assert sum(n for key, n in counted.items() if key[5] == "error" and key[2] == "all") == 10


def test_error_while_looking_at_a_response(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error before the first byte also gives the original page."""
    monkeypatch.setattr(Site, "injector", lambda *a, **k: 1 / 0)
    assert call(DetectorMiddleware(page(), site=site)).body == PAGE


def test_error_in_our_urls_falls_to_the_app(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while answering one of our URLs ends as the app's own answer; pages keep the tag."""
    middleware = DetectorMiddleware(page(), site=site)
    monkeypatch.setattr(Names, "script_of", lambda *a: 1 / 0)
    for _ in range(12):
        assert call(middleware, path=f"/{site.names.prefix}/x").status == "200 OK"
    assert not site.guard.is_open()
