"""The owner's settings of the WSGI middleware: options, a nonce, the mount path, a manual tag."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from detector.core.errors import ConfigError
from detector.core.site import Site
from detector.wsgi import DetectorMiddleware, detector_tag
from tests.conftest import SECRET
from tests.support.calls import call_wsgi as call
from tests.support.tags import group_of, strip, tags
from tests.wsgi.conftest import HTML, PAGE, page


def test_nonce_of_the_response(site: Site) -> None:
    """The tag carries the nonce of the response's policy."""
    policy = "default-src 'none'; script-src 'nonce-abc123' 'strict-dynamic'"
    result = call(DetectorMiddleware(page((PAGE,), ("Content-Security-Policy", policy)), site=site))
    assert result.body.count(b'nonce="abc123"') == 2


def test_nonce_of_the_framework(site: Site) -> None:
    """A nonce from a function is used if no policy contradicts it."""

    def nonce(environ: Any) -> str:
        return str(environ["app.nonce"])

    free = DetectorMiddleware(page(), site=site, nonce=nonce)
    assert call(free, **{"app.nonce": "abc"}).body.count(b'nonce="abc"') == 2
    policy = ("Content-Security-Policy", "script-src 'nonce-xyz'")
    held = DetectorMiddleware(page((PAGE,), policy), site=site, nonce=nonce)
    assert call(held, **{"app.nonce": "abc"}).body.count(b'nonce="xyz"') == 2


def test_options_are_those_of_the_config() -> None:
    """Options make a separate site; wrong ones stop the start with a message and the fix."""
    middleware = DetectorMiddleware(page(), secret=SECRET, notice="modal")
    assert middleware.site.config.notice == "modal"
    assert call(middleware).body != PAGE
    with pytest.raises(ConfigError, match="did you mean notice"):
        DetectorMiddleware(page(), secret=SECRET, notce="modal")
    with pytest.raises(ConfigError, match="SECRET is not set"):
        DetectorMiddleware(page())


def test_options_beside_a_site(site: Site) -> None:
    """Options that a given site would not take are refused."""
    with pytest.raises(ConfigError, match="notice: pass these options to the Site"):
        DetectorMiddleware(page(), site=site, notice="modal")


def test_tag_placed_by_a_template(site: Site) -> None:
    """A page with a manual tag gets no other; outside of pages the helper returns none."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        made = PAGE.replace(b"</head>", detector_tag(environ, "abc").encode() + b"</head>")
        start("200 OK", [HTML])
        return [made]

    app_with = DetectorMiddleware(app, site=site, group=lambda environ: "/route")
    result = call(app_with, SCRIPT_NAME="/news")
    assert tags(result.body) == 1
    assert result.body.count(b'nonce="abc"') == 2
    assert f'src="/news/{site.names.prefix}/'.encode() in result.body
    assert group_of(result.body, site) == "/route"
    assert call(app).body == PAGE


def test_template_of_a_stream(site: Site) -> None:
    """A template rendered while the page is sent places nothing: the page is already tagged."""

    def app(environ: Any, start: Any) -> Iterator[bytes]:
        start("200 OK", [HTML])
        yield PAGE[:30]
        yield detector_tag(environ).encode()
        yield PAGE[30:]

    assert strip(call(DetectorMiddleware(app, site=site)).body) == PAGE


def test_placed_tag_without_its_line(site: Site) -> None:
    """If the policy forbids inline scripts the template leaves the line out."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        made = detector_tag(environ, inline=False).encode()
        start("200 OK", [HTML])
        return [made]

    assert call(DetectorMiddleware(app, site=site)).body.startswith(b"<script async")


def test_no_tag_to_place(make_site: Callable[..., Site], caplog: pytest.LogCaptureFixture) -> None:
    """Switched off, or after an error, the helper returns nothing and the page is unchanged."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"x" + detector_tag(environ).encode()]

    off = DetectorMiddleware(app, site=make_site(enabled=False))
    failing = DetectorMiddleware(app, site=make_site(), group=lambda environ: environ["no"])
    assert call(off).body == call(failing).body == b"x"
    assert "making a tag for a template" in caplog.text


def test_sub_path(site: Site) -> None:
    """Mounted below a path, the script's URL is below that path."""
    result = call(DetectorMiddleware(page(), site=site), SCRIPT_NAME="/news site")
    assert f'src="/news%20site/{site.names.prefix}/'.encode() in result.body


def test_sub_apps_that_share_the_environ(site: Site) -> None:
    """An app that shifts the path to SCRIPT_NAME does not change the detector's URLs."""

    def outer(environ: Any, start: Any) -> Iterable[bytes]:
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "/sub", "/"
        return page()(environ, start)

    result = call(DetectorMiddleware(outer, site=site), path="/sub/")
    assert f'src="/{site.names.prefix}/'.encode() in result.body


@pytest.mark.parametrize("inside", [False, True])
def test_helper_of_a_proxy(site: Site, inside: bool) -> None:
    """A proxy's prefix is respected, in either order of the two middleware."""

    def fix(app: Any) -> Any:
        return ProxyFix(app, x_prefix=1)

    detect = DetectorMiddleware
    app = detect(fix(page()), site=site) if inside else fix(detect(page(), site=site))
    result = call(app, path="/a", HTTP_X_FORWARDED_PREFIX="/news")
    assert f'src="/news/{site.names.prefix}/'.encode() in result.body
