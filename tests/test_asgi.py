"""The ASGI middleware: same messages in, same messages and one tag out."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import quart
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.templating import Jinja2Templates
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from detector.asgi import DetectorMiddleware, detector_tag
from detector.config import ConfigError
from detector.page.inject import Injector
from detector.report.parse import LIMIT
from detector.site import Site
from detector.stats.query import summary
from detector.stats.store import open_store
from tests.calls import Message, Result, acall, call_asgi, scope_of, take
from tests.conftest import SECRET
from tests.tags import strip

PAGE = b"<!doctype html><html><head><title>x</title></head><body>text</body></html>"
HTML = (b"content-type", b"text/html; charset=utf-8")


def page(*chunks: bytes, headers: Any = (HTML,), status: int = 200, **start: Any) -> Any:
    """Make an app that always gives one page."""
    parts = chunks or (PAGE,)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        begin = {"type": "http.response.start", "status": status, "headers": headers, **start}
        await send(begin)
        for number, part in enumerate(parts, 1):
            more = number < len(parts)
            await send({"type": "http.response.body", "body": part, "more_body": more})

    return app


def sends(*messages: Message) -> Any:
    """Make an app that sends these messages."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    return app


def test_page_gets_one_tag(site: Site) -> None:
    """A page gets one tag right behind <head>, its length and entity tag fit."""
    headers = [HTML, (b"content-length", str(len(PAGE)).encode()), (b"etag", b'"a"')]
    result = call_asgi(DetectorMiddleware(page(headers=headers), site=site))
    assert result.body.startswith(b"<!doctype html><html><head><script data-cfasync=")
    assert strip(result.body) == PAGE
    assert result.headers["content-length"] == str(len(result.body))
    assert result.headers["etag"] == 'W/"a"'


def test_what_is_no_page_keeps_its_messages(site: Site) -> None:
    """Whatever is no page leaves as the very messages that the app sent."""
    start = {"type": "http.response.start", "status": 200, "headers": [(b"X-odd", b"\xff")]}
    messages: list[Message] = [
        {"type": "http.response.debug", "info": {}},
        start,
        {"type": "http.response.body", "body": b"a", "more_body": True},
        {"type": "http.response.body"},
    ]
    sent: list[Message] = []

    async def send(message: Any) -> None:
        sent.append(message)

    app: Any = DetectorMiddleware(sends(*messages), site=site)
    asyncio.run(app(scope_of(), None, send))
    assert sent == messages
    assert sent[2] is messages[2]


def test_streaming(site: Site) -> None:
    """The start waits for the head, later chunks leave as soon as they come."""
    left: list[int] = []
    result = Result()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [HTML]})
        for part in (b"<!doctype html><ht", b"ml><he", b"ad>", b"<title>", b""):
            await send({"type": "http.response.body", "body": part, "more_body": bool(part)})
            left.append(len(result.messages))

    async def send(message: Any) -> None:
        take(result, message)

    middleware: Any = DetectorMiddleware(app, site=site)
    asyncio.run(middleware(scope_of(), None, send))
    assert left == [0, 0, 2, 3, 4]
    assert strip(result.body) == b"<!doctype html><html><head><title>"


def test_page_without_a_place(site: Site) -> None:
    """A body that is no whole document leaves as it was, start included."""
    headers = [HTML, (b"content-length", b"8"), (b"etag", b'"a"')]
    app = page(b"<p>o", b"ne<p", headers=headers)
    assert call_asgi(DetectorMiddleware(app, site=site)).messages == [
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": b"<p>o", "more_body": True},
        {"type": "http.response.body", "body": b"ne<p", "more_body": False},
    ]


def test_head_and_revalidation(site: Site) -> None:
    """HEAD makes no promise about the length; a 304 names the tag that the visitor has."""
    headers = [HTML, (b"content-length", b"9"), (b"etag", b'"a"')]
    found = call_asgi(DetectorMiddleware(page(b"", headers=headers), site=site), method="HEAD")
    assert found.headers == {"content-type": "text/html; charset=utf-8", "etag": 'W/"a"'}
    known = DetectorMiddleware(page(b"", headers=[(b"etag", b'"a"')], status=304), site=site)
    asked = {"if-none-match": 'W/"a"'}
    assert call_asgi(known, headers=asked).headers == {"etag": 'W/"a"'}


def test_other_scopes_pass(site: Site) -> None:
    """A websocket reaches the app untouched, also below our prefix."""
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.append(arguments)

    given = ({"type": "websocket", "path": f"/{site.names.prefix}/x"}, object(), object())
    middleware: Any = DetectorMiddleware(app, site=site)
    asyncio.run(middleware(*given))
    assert seen == [given]


def test_websocket_of_an_app(site: Site) -> None:
    """A websocket works through the middleware."""

    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    app = Starlette(routes=[WebSocketRoute("/ws", echo)])
    app.add_middleware(DetectorMiddleware, site=site)
    with TestClient(app).websocket_connect("/ws") as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"


def test_counters_are_written_at_shutdown(tmp_path: Path) -> None:
    """When the server ends the app, what was counted is in the store."""
    db = str(tmp_path / "db")
    app = Starlette()
    middleware = DetectorMiddleware(app, secret=SECRET, store=db, flush_seconds=3600)
    with TestClient(middleware):
        middleware.site.count("view", group="/", browser="firefox", device="desktop")
    assert summary(open_store(db, readonly=True)).views == 1


@pytest.mark.parametrize("lifespan", [True, False])
def test_signal_is_heard_where_no_lifespan_ends(lifespan: bool, tmp_path: Path) -> None:
    """The server's handler of SIGTERM is ours to hear only where no lifespan tells of the end."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if not lifespan:
            raise ValueError("HTTP only")
        await send({"type": "lifespan.startup.complete"})

    async def serve() -> None:
        with contextlib.suppress(ValueError):
            await middleware({"type": "lifespan"}, None, send)
        middleware.site.count("view", group="/", browser="firefox", device="desktop")

    async def send(message: Message) -> None:
        assert message == {"type": "lifespan.startup.complete"}

    def server(number: int, frame: Any) -> None:
        raise AssertionError("no signal was sent")

    store = str(tmp_path / "db")
    middleware: Any = DetectorMiddleware(app, secret=SECRET, store=store, flush_seconds=3600)
    before = signal.signal(signal.SIGTERM, server)
    try:
        asyncio.run(serve())
        assert (signal.getsignal(signal.SIGTERM) is server) is lifespan
    finally:
        signal.signal(signal.SIGTERM, before)
        middleware.site.close()


def test_first_visitor_waits_for_no_import() -> None:
    """The parsers are imported while the server starts, not while it serves."""
    code = """
import asyncio, sys
from detector.asgi import DetectorMiddleware
async def app(scope, receive, send): print("ua_parser" in sys.modules)
made = DetectorMiddleware(app, secret="a secret for tests, long enough")
print("ua_parser" in sys.modules)
asyncio.run(made({"type": "lifespan"}, None, None))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_own_urls_come_before_the_app(site: Site) -> None:
    """Our URLs never reach the app."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("reached the app")

    middleware = DetectorMiddleware(app, site=site)
    found = call_asgi(middleware, path=f"/{site.names.prefix}/nothing")
    assert (found.status, found.body) == ("404", b"no such file")
    assert found.headers["cache-control"] == "no-store"
    assert call_asgi(middleware, path=f"/{site.names.prefix}/x", method="HEAD").body == b""


def test_report_body_is_read_within_limits(site: Site) -> None:
    """A report is read to its end or its limit, and nothing else is read at all."""
    read: list[int] = []

    async def receive() -> Message:
        read.append(1)
        return {"type": "http.request", "body": b"x" * 400, "more_body": len(read) < 50}

    async def send(message: Any) -> None:
        sent.append(message)

    sent: list[Message] = []
    middleware: Any = DetectorMiddleware(page(), site=site)
    report = f"/{site.names.prefix}/{site.names.report}"
    asyncio.run(middleware(scope_of(report, "POST"), receive, send))
    assert (sum(read), sent[0]["status"]) == (LIMIT // 400 + 1, 204)
    for path, method in ((report, "GET"), (f"/{site.names.prefix}/x", "POST"), ("/", "POST")):
        asyncio.run(middleware(scope_of(path, method), receive, send))
    assert sum(read) == LIMIT // 400 + 1


def test_report_of_a_client_that_leaves(site: Site) -> None:
    """A client that goes away in the middle of its report is refused, not an error."""

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    middleware: Any = DetectorMiddleware(page(), site=site)
    path = f"/{site.names.prefix}/{site.names.report}"
    asyncio.run(middleware(scope_of(path, "POST"), receive, send))
    assert {key[5] for key in site.counters.snapshot()} == {"refused"}


@pytest.mark.parametrize("path", ["/news/{}", "/{}"])
@pytest.mark.parametrize("root", ["/news", "/news/"])
def test_root_path(site: Site, path: str, root: str) -> None:
    """Under a root path our URLs answer whether the server leaves it in the path or not."""
    middleware = DetectorMiddleware(page(), site=site)
    assert f'src="/news/{site.names.prefix}/'.encode() in call_asgi(middleware, root_path=root).body
    ours = path.format(f"{site.names.prefix}/x")
    assert call_asgi(middleware, path=ours, root_path=root).status == "404"


def test_path_that_only_begins_like_the_root_path(site: Site) -> None:
    """A root path ends at a slash."""
    path = f"/news{site.names.prefix}/x"
    middleware = DetectorMiddleware(page(), site=site)
    assert call_asgi(middleware, path=path, root_path="/news").status == "200"


@pytest.mark.parametrize("kind", ["pathsend", "zerocopysend"])
@pytest.mark.parametrize("before", [b"", b"<!doctype html>"])
def test_file_sent_by_the_server(site: Site, kind: str, before: bytes) -> None:
    """What the server sends by itself is left alone, with all that came before it."""
    headers = [HTML, (b"content-length", b"99")]
    messages: list[Message] = [
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": before, "more_body": True},
        {"type": f"http.response.{kind}", "path": "/a", "file": 3},
    ]
    if not before:
        del messages[1]
    found = call_asgi(DetectorMiddleware(sends(*messages), site=site))
    assert found.messages == messages


def test_hints_and_trailers(site: Site) -> None:
    """A hint leaves at once though the start waits; trailers follow the page."""
    hint = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
    trailers = {"type": "http.response.trailers", "headers": [(b"server-timing", b"a")]}
    start = {"type": "http.response.start", "status": 200, "headers": [HTML], "trailers": True}
    body = {"type": "http.response.body", "body": PAGE}
    found = call_asgi(DetectorMiddleware(sends(start, hint, body, trailers), site=site))
    kinds = [message["type"].rpartition(".")[2] for message in found.messages]
    assert kinds == ["early_hint", "start", "body", "trailers"]
    assert (found.messages[0], found.messages[3]) == (hint, trailers)
    assert found.messages[1]["trailers"] is True
    assert strip(found.body) == PAGE


def test_events_are_never_held(site: Site) -> None:
    """Each event of a stream leaves as it comes."""
    headers = [(b"content-type", b"text/event-stream")]
    app = page(b"data: <!doctype html>\n\n", b"", b"data: 2\n\n", headers=headers)
    found = call_asgi(DetectorMiddleware(app, site=site))
    assert found.chunks == [b"data: <!doctype html>\n\n", b"", b"data: 2\n\n"]


def test_error_of_the_app_stays_its_own(site: Site) -> None:
    """What the app raises reaches the server, which then has no half page on its hands."""
    result = Result()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [HTML]})
        await send({"type": "http.response.body", "body": PAGE[:9], "more_body": True})
        raise KeyError("late")

    async def send(message: Any) -> None:
        take(result, message)

    middleware: Any = DetectorMiddleware(app, site=site)
    with pytest.raises(KeyError, match="late"):
        asyncio.run(middleware(scope_of(), None, send))
    assert result.messages == []


def test_client_that_leaves(site: Site) -> None:
    """An app hears of a client that leaves, and its stream ends."""
    ended: list[str] = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            yield PAGE
            while True:
                await asyncio.sleep(0)
                yield b"more"
        finally:
            ended.append("yes")

    async def stream(request: Request) -> StreamingResponse:
        return StreamingResponse(endless(), media_type="text/html")

    got: list[Message] = []

    async def receive() -> Message:
        while len(got) < 3:
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        got.append(message)

    app: Any = DetectorMiddleware(Starlette(routes=[Route("/", stream)]), site=site)
    scope = scope_of(asgi={"version": "3.0", "spec_version": "2.3"})
    asyncio.run(app(scope, receive, send))
    assert len(got) >= 3
    assert ended == ["yes"]


def test_two_middlewares_one_tag(site: Site, make_site: Callable[..., Site]) -> None:
    """Mounted twice there is one tag, also where something between copies the scope."""
    inner = DetectorMiddleware(page(), site=site)

    async def copying(scope: Any, receive: Any, send: Any) -> None:
        await inner(dict(scope), receive, send)

    other = make_site(secret="the secret of another detector")
    found = call_asgi(DetectorMiddleware(copying, site=other))
    assert strip(found.body) == PAGE
    assert site.names.prefix.encode() in found.body


async def html(request: Request) -> HTMLResponse:
    """Answer with the page."""
    return HTMLResponse(PAGE)


def routed() -> tuple[Any, list[tuple[str, str]]]:
    """Make apps that find their pages by routes; give paths and the groups they should get."""
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
    assert f'="{group}.'.encode() in found.body
    assert f'src="{root}/{site.names.prefix}/'.encode() in found.body


def test_quart(site: Site) -> None:
    """Quart keeps its route by the two lines that README has."""
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
    assert b'="/article/*slug*.' in found.body


def test_group_of_litestar_and_of_nobody(site: Site) -> None:
    """A framework may tell its route as `path_template`; without any the group is empty."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["path_template"] = "/l/{a}"
        await page()(scope, receive, send)

    assert b'="/l/*a*.' in call_asgi(DetectorMiddleware(app, site=site)).body
    assert b'="./' not in call_asgi(DetectorMiddleware(page(), site=site)).body
    told = DetectorMiddleware(page(), site=site, group=lambda scope: scope["method"])
    assert b'="GET.' in call_asgi(told).body


def test_nonce(site: Site) -> None:
    """The nonce is the policy's, or the one that is told where there is no policy yet."""
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
    assert '="/m/*a*.' in text
    assert TestClient(app).get("/m/1").text == "<!doctype html><title>x</title>"


def test_files(site: Site, tmp_path: Path) -> None:
    """A part of a file is left alone, and a whole page of which parts were on offer offers none."""
    (tmp_path / "a.html").write_bytes(PAGE)

    async def show(request: Request) -> FileResponse:
        return FileResponse(tmp_path / "a.html")

    app = Starlette(routes=[Route("/", show)])
    with_, without = TestClient(DetectorMiddleware(app, site=site)), TestClient(app)
    part = {"range": "bytes=3-40"}
    assert with_.get("/", headers=part).content == without.get("/", headers=part).content
    whole = with_.get("/")
    assert strip(whole.content) == PAGE
    assert "accept-ranges" not in whole.headers
    assert "accept-ranges" in without.get("/").headers


def test_added_as_starlettes_middleware() -> None:
    """Starlette and FastAPI take the middleware with its options; wrong ones are refused."""
    app = FastAPI()
    app.add_api_route("/", html)
    app.add_middleware(DetectorMiddleware, secret=SECRET)
    assert strip(TestClient(app).get("/").content) == PAGE
    with pytest.raises(ConfigError, match="did you mean secret"):
        DetectorMiddleware(page(), secrt=SECRET)


def test_disabled(make_site: Callable[..., Site]) -> None:
    """Switched off, pages stay as they are and our URLs still answer."""
    site = make_site(enabled=False)
    middleware = DetectorMiddleware(page(), site=site)
    assert call_asgi(middleware).body == PAGE
    assert call_asgi(middleware, path=f"/{site.names.prefix}/x").status == "404"


def test_our_errors_never_reach_the_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of ours gives the original page."""
    monkeypatch.setattr(Injector, "_decide", lambda *a, **k: 1 / 0)
    assert call_asgi(DetectorMiddleware(page(PAGE[:30], PAGE[30:]), site=site)).body == PAGE
    monkeypatch.setattr(Site, "injector", lambda *a, **k: 1 / 0)
    assert call_asgi(DetectorMiddleware(page(), site=site)).body == PAGE


def test_headers_that_are_no_headers(site: Site) -> None:
    """A start that the server may make sense of, and we cannot, passes."""
    sent: list[Message] = []

    async def send(message: Any) -> None:
        sent.append(message)

    middleware: Any = DetectorMiddleware(page(headers=[("text", "text/html")]), site=site)
    asyncio.run(middleware(scope_of(), None, send))
    assert sent[0]["headers"] == [("text", "text/html")]
    assert sent[1]["body"] == PAGE


def test_headers_that_can_be_read_once(site: Site) -> None:
    """Headers may be any iterable."""
    middleware = DetectorMiddleware(page(headers=iter([HTML])), site=site)
    assert strip(call_asgi(middleware).body) == PAGE


def test_many_at_once(site: Site) -> None:
    """Responses that are under way at the same time do not mix."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        text = scope["path"].encode()
        await send({"type": "http.response.start", "status": 200, "headers": [HTML]})
        for part in (PAGE[:20], PAGE[20:], text):
            await asyncio.sleep(0)
            await send({"type": "http.response.body", "body": part, "more_body": part != text})

    async def all_of() -> list[Result]:
        middleware = DetectorMiddleware(app, site=site)
        return await asyncio.gather(*(acall(middleware, scope_of(f"/{n}")) for n in range(50)))

    for number, found in enumerate(asyncio.run(all_of())):
        assert strip(found.body) == PAGE + f"/{number}".encode()
