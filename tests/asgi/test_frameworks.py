"""What ASGI frameworks provide for a page: its route, its nonce, its template's tag."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import quart
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.templating import Jinja2Templates
from starlette.testclient import TestClient

from detector.asgi import DetectorMiddleware, detector_tag
from detector.core.errors import ConfigError
from detector.core.site import Site
from tests.asgi.conftest import HTML, PAGE, page
from tests.conftest import SECRET
from tests.support.calls import call_asgi
from tests.support.tags import group_of, strip


async def html(request: Request) -> HTMLResponse:
    """Answer with the page."""
    return HTMLResponse(PAGE)


def routed() -> tuple[Any, list[tuple[str, str]]]:
    """Build apps with routes; return them with paths and the expected groups."""
    inner = Starlette(routes=[Route("/{slug}", html), Mount("/deep", routes=[Route("/{n}", html)])])
    app = FastAPI()
    router = APIRouter(prefix="/r")
    for each in (app, router):
        each.add_api_route("/items/{item}", html)
    app.include_router(router, prefix="/api")
    app.mount("/sub", inner)
    return app, [
        ("/items/4", "/items/*item*"),
        ("/api/r/items/4", "/api/r/items/*item*"),
        ("/sub/x", "/sub/*slug*"),
        ("/sub/deep/5", "/sub/deep/*n*"),
    ]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("root", ["", "/news"])
def test_groups_are_routes(site: Site, number: int, root: str) -> None:
    """A page's group is its route template, prefixes and mounts included, whatever the root."""
    app, cases = routed()
    path, group = cases[number]
    found = call_asgi(DetectorMiddleware(app, site=site), path=root + path, root_path=root)
    assert group_of(found.body, site) == group
    assert f'src="{root}/{site.names.prefix}/'.encode() in found.body


def test_quart(site: Site) -> None:
    """Quart provides its route with the two lines from README."""
    app = quart.Quart("news")

    @app.before_request
    async def keep_route() -> None:
        scope: Any = quart.request.scope
        scope["route_rule"] = str(quart.request.url_rule or "")

    @app.get("/article/<slug>")
    async def article(slug: str) -> Any:
        return PAGE.decode()

    found = call_asgi(
        DetectorMiddleware(app.asgi_app, site=site, group=lambda s: s.get("route_rule")),
        path="/article/one",
    )
    assert group_of(found.body, site) == "/article/*slug*"


def test_group_of_litestar_and_of_nobody(site: Site) -> None:
    """A framework may set `path_template` as its route; without a route the group is empty."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["path_template"] = "/l/{a}"
        await page()(scope, receive, send)

    found = call_asgi(DetectorMiddleware(app, site=site)).body
    assert group_of(found, site) == "/l/*a*"
    assert group_of(call_asgi(DetectorMiddleware(page(), site=site)).body, site) == ""
    told = DetectorMiddleware(page(), site=site, group=lambda scope: scope["method"])
    assert group_of(call_asgi(told).body, site) == "GET"


def test_nonce(site: Site) -> None:
    """The nonce is the policy's, or the one in the scope if there is no policy yet."""
    policy = [HTML, (b"content-security-policy", b"script-src 'nonce-abc'")]
    for app in (page(headers=policy), page()):
        middleware = DetectorMiddleware(app, site=site, nonce=lambda scope: scope["nonce"])
        assert call_asgi(middleware, nonce="abc").body.count(b'nonce="abc"') == 2


def test_tag_placed_by_a_template(site: Site, tmp_path: Path) -> None:
    """A Jinja template places the tag with its request; the page gets no other."""
    (tmp_path / "a.html").write_text("<!doctype html><title>x</title>{{ detector_tag(request) }}")
    templates = Jinja2Templates(tmp_path)
    templates.env.globals["detector_tag"] = detector_tag

    async def show(request: Request) -> Any:
        return templates.TemplateResponse(request, "a.html")

    app = Starlette(routes=[Mount("/m", routes=[Route("/{a}", show)])])
    text = TestClient(DetectorMiddleware(app, site=site)).get("/m/1").text
    assert text.startswith("<!doctype html><title>x</title><script data-cfasync=")
    assert text.count("<script async") == 1
    assert f'src="/{site.names.prefix}/' in text
    assert group_of(text, site) == "/m/*a*"
    assert TestClient(app).get("/m/1").text == "<!doctype html><title>x</title>"


def test_added_as_starlettes_middleware() -> None:
    """Starlette and FastAPI accept the middleware with its options; wrong ones are refused."""
    app = FastAPI()
    app.add_api_route("/", html)
    app.add_middleware(DetectorMiddleware, secret=SECRET)
    assert strip(TestClient(app).get("/").content) == PAGE
    with pytest.raises(ConfigError, match="did you mean secret"):
        DetectorMiddleware(page(), secrt=SECRET)
