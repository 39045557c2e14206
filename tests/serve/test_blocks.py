"""`--print-tag NAME --for SERVER`: what it prints, in real nginx, Apache, HAProxy and Caddy."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from flask import Flask, Response, request

from detector.analytics.query import summary
from detector.cli.main import main
from detector.core.counting.store_url import open_store
from detector.serve.blocks import SERVERS, lines
from detector.serve.sites import read
from detector.testing.machine import free_port, need
from tests.support import caches
from tests.support.apache import apache
from tests.support.deployed import nginx, running, served
from tests.support.doctoring import Doctor
from tests.support.serving import Serving, Tag, ask
from tests.support.tags import tags

SITE = '[sites.news]\nsecret = "the secret of the news site"\nhosts = ["127.0.0.1"]\n'
SITE += "proxies = 1\nfrom_view = 1\n"
PAGE = (
    "<!doctype html>\n<html lang=en>\n<head>\n<title>News</title></head><body>\n"
    "<p>text</p><script>own = '<head>'</script></body></html>"
)
READERS = [
    *("/", "/article/one", "/article/feeding-time", "/administration", "/article/login"),
    *("/article/one?next=/login", "/?preview=true", "/?q=/feed/"),
]
BARE = [
    *("/login", "/login?next=/", "/wp-admin/", "/wp-login.php", "/admin/users", "/api/news"),
    *("/feed/", "/article/one/embed/", "/no/such/page"),
]


def site() -> Flask:
    """Return a site all of whose pages are HTML, compressed for those who accept it."""
    app = Flask("site")

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def page(path: str) -> Response:
        return Response(PAGE, 404 if path.startswith("no/") else 200, mimetype="text/html")

    @app.after_request
    def compress(response: Response) -> Response:
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.set_data(gzip.compress(response.get_data()))
            response.headers["Content-Encoding"] = "gzip"
        return response

    return app


def echo() -> Flask:
    """Return a server that answers with the headers that name visitor and host."""
    app = Flask("echo")

    @app.get("/<path:path>")
    def told(path: str) -> Response:
        names = ("X-Forwarded-For", "Host")
        return Response(json.dumps([request.headers.getlist(name) for name in names]))

    return app


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the file of a site."""
    file = tmp_path / "sites.toml"
    file.write_text(SITE)
    return file


def nginx_with(folder: Path, block: str, app: str) -> AbstractContextManager[list[int]]:
    """Run nginx with the lines where they say that they belong."""
    http, server = block.split("# In the site's server { }:\n")
    rest = f"location / {{ proxy_pass {app}; }} location ~ \\.(js|png)$ {{ return 404; }}"
    return nginx(folder, f"{http} server {{ listen PORT0; {server} {rest} }}")


@contextmanager
def front(server: str, folder: Path, config: Path, app: str, behind: int) -> Iterator[int]:
    """Run a web server with its printed lines in front of an app; yields its port."""
    block, _ = lines(read(config)["news"], server, "", "127.0.0.1", behind)
    if server == "nginx":
        with nginx_with(folder, block, app) as (port,):
            yield port
    elif server == "apache":
        block = block.replace("# RequestHeader", "RequestHeader")
        with apache(app, block) as port:
            yield port
    else:
        started = haproxy_with if server == "haproxy" else caddy_with
        with started(folder, block, app) as port:
            yield port


@contextmanager
def haproxy_with(folder: Path, block: str, app: str) -> Iterator[int]:
    """Run HAProxy with the lines where they say that they belong."""
    program, port = need("haproxy"), free_port()
    frontend, backend = block.split("# After the frontend.")
    file = folder / "haproxy.cfg"
    file.write_text(
        "defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n"
        f"frontend site\n  bind 127.0.0.1:{port}\n{frontend}\n  default_backend app\n"
        f"backend app\n  server app {app.removeprefix('http://')}\n#{backend}\n"
    )
    with running([program, "-db", "-f", str(file)], port, folder / "haproxy.log"):
        yield port


@contextmanager
def caddy_with(folder: Path, block: str, app: str) -> Iterator[int]:
    """Run Caddy with the lines in a site's block."""
    program, port = need("caddy"), free_port()
    file = folder / "Caddyfile"
    file.write_text(
        "{\n  admin off\n}\n"
        f"http://127.0.0.1:{port} {{\n{block}\nreverse_proxy {app.removeprefix('http://')}\n}}\n"
    )
    with running([program, "run", "--config", str(file)], port, folder / "caddy.log"):
        yield port


@pytest.mark.parametrize("server", ["nginx", "apache"])
def test_pages_get_the_tag_and_others_not(
    server: str, tmp_path: Path, config: Path, doctor: Doctor
) -> None:
    """Readers' pages get one tag, others none; a view is counted, and the doctor finds nothing."""
    with (
        served(site().wsgi_app) as app,
        Serving(config) as serving,
        front(server, tmp_path, config, app, serving.port) as port,
    ):
        host = f"127.0.0.1:{port}"
        for path in READERS:
            status, page = ask(port, path, host)
            assert (status, tags(page.encode())) == (200, 1), (path, page)
            assert page.startswith("<!doctype html>\n<html lang=en>\n<head><script")
            assert page.endswith(PAGE.partition("<head>")[2])
        for path in BARE:
            assert ask(port, path, host)[1] == PAGE, path
        member = "theme=dark; wordpress_logged_in_9f=editor"
        assert ask(port, "/", host, Cookie=member)[1] == PAGE
        Tag(config, "news").visit(port, host, "01234567890123456789")
        assert doctor(f"http://{host}/", "--untagged", *BARE) == (0, [])


@pytest.mark.parametrize("server", ["nginx", "apache"])
def test_no_cache_keeps_a_page_for_members(server: str, tmp_path: Path, config: Path) -> None:
    """A page for a member's cookie is private, so that no cache in front serves it to readers."""
    with (
        served(site().wsgi_app) as app,
        front(server, tmp_path, config, app, free_port()) as port,
    ):
        address = f"http://127.0.0.1:{port}/"
        member = caches.ask(address, Cookie="wordpress_logged_in_9f=forged").headers
        assert "private" in member["cache-control"]
        assert "cache-control" not in caches.ask(address, Cookie="theme=dark").headers


@pytest.mark.parametrize("server", ["caddy", "haproxy"])
def test_a_pasted_tag_works(server: str, tmp_path: Path, config: Path) -> None:
    """Where the lines only pass the folder on, a view of a page with the pasted tag is counted."""
    tag = Tag(config, "news")
    page = Flask("pasted")
    page.add_url_rule("/", "page", lambda: PAGE.replace("<head>", f"<head>{tag.line}", 1))
    with (
        served(page.wsgi_app) as app,
        Serving(config) as serving,
        front(server, tmp_path, config, app, serving.port) as port,
    ):
        host = f"127.0.0.1:{port}"
        assert tags(ask(port, "/", host)[1].encode()) == 1
        tag.visit(port, host, "01234567890123456789")
        serving.stop()
    store = open_store(str(config.with_name("news.sqlite")), readonly=True)
    counted = summary(store)
    store.close()
    assert (counted.views, counted.verdicts["clear"], counted.refused) == (1, 1, {})


@pytest.mark.parametrize("server", SERVERS)
def test_the_visitors_address_is_the_last(server: str, tmp_path: Path, config: Path) -> None:
    """What arrives ends with the address that the web server saw, whatever a visitor wrote."""
    tag = Tag(config, "news")
    with served(site().wsgi_app) as app, served(echo().wsgi_app) as behind:
        port_behind = int(behind.rpartition(":")[2])
        with front(server, tmp_path, config, app, port_behind) as port:
            host = f"127.0.0.1:{port}"
            asked = ask(port, f"{tag.folder}/x.js", host, X_Forwarded_For="203.0.113.9")
            addresses, hosts = json.loads(asked[1])
            came = ",".join(addresses).replace(" ", "")
            # Caddy replaces the header of a visitor; the others add to it.
            assert came == ("127.0.0.1" if server == "caddy" else "203.0.113.9,127.0.0.1")
            assert hosts == [host]
            assert ask(port, "/", host)[0] == 200


def test_lines_below_a_mount(tmp_path: Path, config: Path) -> None:
    """Below a mount, folder and excepted paths begin with it."""
    config.write_text(SITE + 'mount = "/my.blog"\n')
    for server in SERVERS:
        block, _ = lines(read(config)["news"], server, "", "::", 8101)
        assert "[::1]:8101" in block and f"{Tag(config, 'news').folder}/" in block
    block, _ = lines(read(config)["news"], "nginx", "", "127.0.0.1", 8100)
    assert '"~^/my\\.blog/xmlrpc\\.php" 0;' in block
    with served(site().wsgi_app) as app, nginx_with(tmp_path, block, app) as (port,):
        found = [ask(port, path, "127.0.0.1")[1] for path in ("/my.blog/", "/my.blog/login")]
        assert [tags(page.encode()) for page in found] == [1, 0]


@pytest.mark.parametrize("server", SERVERS)
def test_the_command(server: str, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lines go to the standard output, advice to the other; neither has the secret."""
    command = ["serve", "--config", str(config), "--print-tag", "news", "--for", server]
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert Tag(config, "news").folder in out and "127.0.0.1:8100" in out
    assert "proxies = 1" in err and "detector doctor" in err
    assert "the secret of" not in out + err
    pasted = Tag(config, "news").line
    assert (pasted in err) == (server in ("caddy", "haproxy"))


def test_an_unknown_server(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another server's name is refused, with those that there are."""
    with pytest.raises(SystemExit):
        main(["serve", "--config", str(config), "--print-tag", "news", "--for", "iis"])
    assert "'haproxy'" in capsys.readouterr().err
