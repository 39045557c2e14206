"""What an owner pastes: the tag, and the proxy configuration that passes our folder on."""

from __future__ import annotations

from detector.core.site import Site
from detector.serve.sites import ServedSite

ADVICE = """\
Put the line from the standard output into every page of {name}, right after <head>.

Its first script records from the start which of the page's own requests fail. A
Content-Security-Policy must allow both: with a nonce (write it into both tags) or with
'unsafe-inline'. Under a policy with 'self' alone, paste only the second script; failed ad requests
then go unseen, everything else works:

  {short}

The page and our folder must be on one host, so that everything is first-party. Configure the server
of your pages to pass the folder on:

  nginx   location ^~ {folder}/ {{
              proxy_pass http://{address};
              proxy_set_header Host $http_host;
              proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          }}

  Caddy   reverse_proxy {folder}/* {address}

Write proxies = 1 into [sites.{name}], so that reports are limited per visitor and not for the proxy
as a whole; with several proxies in a row, the number of them that append to X-Forwarded-For. Caddy
does so by itself.

Hosts that are answered: {hosts}.
Print the line again after changing secret, mount, reuse_minutes or single_page.
"""


def lines(served: ServedSite, group: str, host: str, port: int) -> tuple[str, str]:
    """Return the tag of a site, and the advice that belongs to it."""
    site = Site(served.config, name=served.name, pasted=True)
    folder = f"{served.mount}/{site.names.prefix}"

    def line(inline: bool) -> str:
        return site.tagger.pasted(served.mount, group, inline).decode()

    advice = ADVICE.format(
        name=served.name,
        short=line(inline=False),
        folder=folder,
        address=address(host, port),
        hosts=", ".join(sorted(served.hosts)),
    )
    return line(inline=True), advice


def address(host: str, port: int) -> str:
    """Return where a server of this machine that listens there is reached, as HOST:PORT."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{shown}]:{port}" if ":" in shown else f"{shown}:{port}"
