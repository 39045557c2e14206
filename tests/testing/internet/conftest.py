"""Fixtures of the tests of the test internet: a site in it, and a client."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterable
from contextlib import closing
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.validate import validator

import pytest

from detector.testing.fixtures import internet, net
from detector.testing.internet import Internet

__all__ = ["internet", "net"]

HOST = "news.example"


@pytest.fixture(autouse=True)
def site(net: Internet) -> None:
    """Add a site to the test internet that echoes its requests."""
    net.site(HOST, validator(echo))


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the request as the site received it."""
    body = environ["wsgi.input"].read(100_000)
    text = " ".join(
        [
            environ["REQUEST_METHOD"],
            environ["wsgi.url_scheme"],
            environ["HTTP_HOST"],
            environ["PATH_INFO"],
            environ["QUERY_STRING"],
            str(len(body)),
        ]
    )
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Site", "echo")])
    return [text.encode()]


def connect(net: Internet, host: str = HOST) -> http.client.HTTPSConnection:
    """Open a connection through the proxy and check the host's certificate."""
    proxy = urlsplit(net.proxy_url)
    context = ssl.create_default_context(cafile=str(net.ca_pem_path))
    client = http.client.HTTPSConnection(str(proxy.hostname), proxy.port, context=context)
    client.timeout = 10
    client.set_tunnel(host, 443)
    return client


def ask(net: Internet, host: str, path: str = "/", method: str = "GET") -> tuple[int, bytes]:
    """Return status and body of one request over https."""
    with closing(connect(net, host)) as client:
        client.request(method, path)
        response = client.getresponse()
        return response.status, response.read()
