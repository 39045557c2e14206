"""Real servers in front of a site, as owners run them: TLS, HTTP/2, compression, caches, firewall.

Each writes the visitor's address into X-Forwarded-For; `proxies` says how many addresses they add.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import trustme

from detector.testing.machine import free_port, missing, need
from tests.support.caches import varnish
from tests.support.deployed import nginx, running
from tests.support.firewall import firewall
from tests.support.haproxy import haproxy_with

HOST = "news.example"
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so")


class Certificate:
    """A certificate for `HOST`, made for this run, in files in a folder."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        made = authority.issue_cert(HOST)
        self.authority = folder / "authority.pem"
        self.pem = folder / "front.pem"
        authority.cert_pem.write_to_path(str(self.authority))
        made.private_key_and_cert_chain_pem.write_to_path(str(self.pem))


Start = Callable[[Path, str, Certificate], AbstractContextManager[int]]
"""Starts servers in front of an app, with their files in a folder; yields the port for visitors."""


@dataclass(frozen=True, slots=True)
class Front:
    """What stands in front of a site, and what it is expected to do."""

    start: Start
    version: str
    """The version of HTTP that visitors speak with it."""
    packs: str
    """The encoding in which it sends pages to who accepts all."""
    proxies: int = 1
    stores: bool = False
    """Whether it keeps pages."""


@contextmanager
def nginx_front(folder: Path, app: str, certificate: Certificate) -> Iterator[int]:
    """Run nginx with HTTP/2, a cache and brotli."""
    if not BROTLI.exists():
        missing(f"{BROTLI} is missing: Debian `apt-get install libnginx-mod-http-brotli-filter`")
    block = f"""
brotli on; brotli_min_length 0; brotli_types text/javascript application/json;
server {{ listen PORT0 ssl http2; {_tls(certificate)} location / {{
  proxy_pass {app}; proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_cache kept; proxy_cache_valid 200 10m; proxy_cache_lock on;
  add_header X-Cache $upstream_cache_status always;
}} }}"""
    with nginx(folder, block, modules=(BROTLI,)) as (port,):
        yield port


@contextmanager
def apache_front(folder: Path, app: str, certificate: Certificate) -> Iterator[int]:
    """Run Apache with HTTP/2, brotli and ModSecurity with the OWASP Core Rule Set."""
    modules = "\n".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
        for name in ("socache_shmcb", "ssl", "http2", "filter", "brotli")
    )
    # mod_proxy adds the visitor's address by itself.
    lines = f"""{modules}
SSLEngine On
SSLCertificateFile {certificate.pem}
Protocols h2 http/1.1
AddOutputFilterByType BROTLI_COMPRESS text/html text/javascript application/json"""
    with firewall(app, 1, lines) as wall:
        yield wall.port
        assert wall.hits == []


@contextmanager
def haproxy_front(folder: Path, app: str, certificate: Certificate) -> Iterator[int]:
    """Run HAProxy with HTTP/2, gzip and `option forwardfor`."""
    options = f"""
  bind 127.0.0.1:PORT ssl crt {certificate.pem} alpn h2,http/1.1
  option forwardfor
  compression algo gzip
  compression type text/html text/javascript application/json
  server app {urlsplit(app).netloc}"""
    with haproxy_with(folder, options) as port:
        yield port


@contextmanager
def proxy_protocol(folder: Path, app: str, certificate: Certificate) -> Iterator[int]:
    """Run HAProxy that passes connections on by the PROXY protocol, and nginx that reads it."""
    # Whoever may connect could write another address: nginx takes it from HAProxy alone.
    block = f"""
gzip on; gzip_min_length 0; gzip_proxied any; gzip_types text/javascript application/json;
server {{ listen PORT0 ssl http2 proxy_protocol; {_tls(certificate)}
  set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol;
  location / {{ proxy_pass {app}; proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }} }}"""
    with (
        nginx(folder, block) as (inner,),
        haproxy_with(
            folder,
            f"\n  mode tcp\n  bind 127.0.0.1:PORT\n  server app 127.0.0.1:{inner} send-proxy-v2",
        ) as port,
    ):
        yield port


@contextmanager
def varnish_front(folder: Path, app: str, certificate: Certificate) -> Iterator[int]:
    """Run HAProxy for TLS and HTTP/2 and behind it Varnish, which reads the PROXY protocol."""
    with varnish(folder, app, True, listen="PROXY") as inner:
        options = f"""
  bind 127.0.0.1:PORT ssl crt {certificate.pem} alpn h2,http/1.1
  server cache {urlsplit(inner).netloc} send-proxy-v2"""
        with haproxy_with(folder, options) as port:
            yield port


@contextmanager
def caddy_front(folder: Path, app: str, certificate: Certificate) -> Iterator[int]:
    """Run Caddy with HTTP/2, HTTP/3 and gzip."""
    program, port = need("caddy"), free_port()
    file = folder / "Caddyfile"
    file.write_text(f"""{{
  admin off
  auto_https off
  storage file_system {folder}/caddy
}}
https://{HOST}:{port} {{
  bind 127.0.0.1
  tls {certificate.pem} {certificate.pem}
  encode {{
    gzip
    minimum_length 1
  }}
  reverse_proxy {urlsplit(app).netloc}
}}
""")
    with running([program, "run", "--config", str(file)], port, folder / "caddy.log"):
        yield port


@contextmanager
def client_header(folder: Path, app: str, certificate: Certificate) -> Iterator[int]:
    """Run nginx that takes the visitor's address from a CDN's own header; HAProxy is that CDN."""
    block = f"""
server {{ listen PORT0;
  set_real_ip_from 127.0.0.1; real_ip_header True-Client-IP;
  location / {{ proxy_pass {app}; proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr; }} }}"""
    with nginx(folder, block) as (inner,):
        lines = f"""
  bind 127.0.0.1:PORT ssl crt {certificate.pem} alpn h2,http/1.1
  http-request set-header True-Client-IP %[src]
  server app 127.0.0.1:{inner}"""
        with haproxy_with(folder, lines) as port:
            yield port


@contextmanager
def two_proxies(folder: Path, app: str, certificate: Certificate) -> Iterator[int]:
    """Run nginx, as a CDN, in front of HAProxy: each adds an address."""
    lines = f"\n  bind 127.0.0.1:PORT\n  option forwardfor\n  server app {urlsplit(app).netloc}"
    with (
        haproxy_with(folder, lines) as inner,
        nginx_front(folder, f"http://127.0.0.1:{inner}", certificate) as port,
    ):
        yield port


def _tls(certificate: Certificate) -> str:
    return f"ssl_certificate {certificate.pem}; ssl_certificate_key {certificate.pem};"


FRONTS = {
    "nginx": Front(nginx_front, "2", "br", stores=True),
    "apache and ModSecurity": Front(apache_front, "2", "br"),
    "haproxy": Front(haproxy_front, "2", "gzip"),
    "haproxy, PROXY, nginx": Front(proxy_protocol, "2", "gzip"),
    "haproxy, PROXY, varnish": Front(varnish_front, "2", "", stores=True),
    "caddy": Front(caddy_front, "2", "gzip"),
    "haproxy, True-Client-IP, nginx": Front(client_header, "2", ""),
    "nginx, haproxy": Front(two_proxies, "2", "br", proxies=2, stores=True),
}
