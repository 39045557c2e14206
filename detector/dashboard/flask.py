"""The dashboard below a path of a Flask app: `init_app(app, store, password=…)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from detector.core.secret import derived
from detector.dashboard.site_options import OF_THE_SITE
from detector.dashboard.wsgi import app as dashboard

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["init_app"]


def init_app(app: Flask, store: str, prefix: str = "/ads", **options: Any) -> None:
    """Mount the dashboard below `prefix`; options as for `detector.dashboard.app`.

    Sessions are signed by a key derived from the app's own, so that all workers accept them. Raises
    ValueError for a prefix that is not a path, or when nothing guards the page.
    """
    if not prefix.startswith("/") or prefix.rstrip("/") == "":
        raise ValueError(f"prefix {prefix!r} is not a path below the site: use one such as /ads")
    options.setdefault("secret", derived(app.secret_key))
    if site := app.extensions.get("detector"):
        for name in OF_THE_SITE:
            options.setdefault(name, getattr(site.config, name))
    mounted = dashboard(store, **options)
    app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        app.wsgi_app, {prefix.rstrip("/"): mounted}
    )
