"""A site with a page and another one to go to, and an ad that a page loads late."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, Response

from detector.testing.internet import Internet
from e2e.support.newspaper import EMPTY, Paper, one_page

AD_HOST = "securepubads.g.doubleclick.net"
AD = f"https://{AD_HOST}/tag/js/gpt.js"
LOAD_AD = """(url) => new Promise((done) => {
  const script = document.createElement("script");
  script.onload = script.onerror = (event) => done(event.type);
  script.src = url;
  document.head.append(script);
})"""


def two_pages(net: Internet, folder: Path, html: str = EMPTY, **options: Any) -> Paper:
    """Add a site with a page and another one to go to, which has no tag."""

    def more(app: Flask) -> None:
        app.add_url_rule("/other", "other", lambda: Response("other", mimetype="text/plain"))

    return one_page(net, folder, html, setup=more, **options)
