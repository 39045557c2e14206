"""The site under test: the demo newspaper with this detector, and with each of the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

from bench.matrix.bundles import Peer
from bench.matrix.environment import Change, Environment
from detector.core.site import Site
from detector.demo.app import create_app
from detector.testing.internet import Internet

# Filter lists are partly inactive on localhost and on IP addresses.
HOST = "news.example"
NONCE = "c2l4dGVlbi1ieXRlcw"


def peer_host(number: int) -> str:
    """Return the host with another detector."""
    return f"paper{number}.example"


def put_sites(
    net: Internet, folder: Path, environment: Environment, peers: tuple[Peer, ...]
) -> Site:
    """Add the newspaper to the test internet, once for each detector; yield this detector's."""
    secret = environment.secret or f"the matrix, environment {environment.name}"
    database = str(folder / f"{abs(hash(environment.name))}.sqlite")
    app = create_app(secret=secret, db=database, treat_bots_as_people=True)
    site: Site = app.extensions["detector"]
    baits = site.baits[site.names.prefix].choose(int(site.clock() // 86400))
    _change(app, environment.site, baits.elements)
    net.site(HOST, app)
    if peers:
        other = create_app(secret=secret, detector=False)
        _change(other, environment.site, baits.elements, _with_script)
        scripts = {peer_host(n): peer.script for n, peer in enumerate(peers)}
        other.add_url_rule("/files/own.js", "own", lambda: _script(scripts[request.host]))
        for host in scripts:
            net.site(host, other)
    return site


def _with_script(page: str) -> str:
    # A neutral name, at the position of this detector's tag.
    tag = f'<head><script async nonce="{NONCE}" src="/files/own.js"></script>'
    return page.replace("<head>", tag, 1)


def _script(body: bytes) -> Response:
    return Response(body, mimetype="text/javascript")


def _change(
    app: Flask,
    change: Change,
    classes: tuple[str, ...],
    last: Callable[[str], str] | None = None,
) -> None:
    def after(response: Any) -> Any:
        if response.mimetype == "text/html" and not response.is_streamed:
            page = response.get_data(as_text=True)
            if change.html:
                page = change.html(page, classes)
            response.set_data(last(page) if last else page)
            response.headers.update(change.headers)
        return response

    app.after_request(after)
    for number, (path, (kind, body)) in enumerate(change.files.items()):
        app.add_url_rule(path, f"file{number}", _file(kind, body))


def _file(kind: str, body: bytes) -> Callable[[], Response]:
    return lambda: Response(body, mimetype=kind)
