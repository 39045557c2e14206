"""The Flask extension: `Detector(app)`, or `Detector().init_app(app)` in a factory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, has_request_context, request

from detector.core.config.loading import gather, prefixed
from detector.core.middleware import Html
from detector.core.secret import derived
from detector.core.site import Site
from detector.core.state_cookie import ENVIRON_KEY, UNKNOWN
from detector.core.vocabulary import AD_FREE
from detector.wsgi import SKIP, DetectorMiddleware, detector_tag

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask.ctx import _AppCtxGlobals

__all__ = ["Detector"]

NAME = "detector"
# Where Flask's request stores itself. Its proxies would look it up on every access.
_REQUEST = "werkzeug.request"


class Detector:
    """Adds the detector to a Flask app; options are keywords here, DETECTOR_* config keys,
    DETECTOR_* environment variables, or in a TOML file (`config="detector.toml"`).

    One object may serve several apps: everything of an app is kept in `app.extensions["detector"]`,
    a `Site` of the core. `nonce()` returns the nonce of the current page's policy; flask-talisman's
    is found without it. `g.ad_notice` set by a view is the mode for its page, `g.ad_free = True`
    marks a member's page, where nobody is looked at or asked; `g.ad_state` is the visitor's last
    state. Raises ConfigError at start-up.
    """

    def __init__(
        self, app: Flask | None = None, *, nonce: Callable[[], str] | None = None, **options: Any
    ) -> None:
        self._options = options
        self._nonce = nonce
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Add the detector to one app, once."""
        if NAME in app.extensions:
            return
        settings = gather(
            self._options,
            prefixed(app.config, "Flask config"),
            fallback={
                "secret": derived(app.config.get("SECRET_KEY")),
                "store": str(Path(app.instance_path) / "detector.sqlite"),
            },
        )
        site = Site(settings.config)
        app.extensions[NAME] = site
        # A hook runs for every request; a constant can be a class attribute.
        if settings.config.level == "full":
            app.before_request(_set_state)
        app.app_ctx_globals_class = _with_state(app.app_ctx_globals_class)
        app.after_request(_skip_files)
        app.add_template_global(_tag, "detector_tag")
        # Wraps the whole app: our URLs are answered before its routing, sessions and log-in hooks,
        # and error pages pass through too.
        app.wsgi_app = DetectorMiddleware(  # type: ignore[method-assign]
            app.wsgi_app,
            site=site,
            group=_route,
            nonce=self._nonce_of,
            notice_for=_notice,
        )

    def _nonce_of(self, environ: WSGIEnvironment) -> str:
        """Return the page's nonce: the owner's, or flask-talisman's."""
        if self._nonce is None:
            return getattr(environ.get(_REQUEST), "csp_nonce", "")
        return self._nonce() if has_request_context() else ""


def _with_state(kind: type[_AppCtxGlobals]) -> type[_AppCtxGlobals]:
    """Return the class of `g` with the default state, the only one below the level `full`."""
    return type(kind.__name__, (kind,), {"ad_state": UNKNOWN})


def _set_state() -> None:
    g.ad_state = request.environ.get(ENVIRON_KEY, UNKNOWN)


def _skip_files(response: Response) -> Response:
    """Mark responses of `send_file` to be skipped: they are the owner's files, not pages."""
    if response.direct_passthrough:
        request.environ[SKIP] = True
    return response


def _route(environ: WSGIEnvironment) -> str:
    """Return the route template of the current page, as its group."""
    found = getattr(environ.get(_REQUEST), "url_rule", None)
    return found.rule if found else ""


def _notice(environ: WSGIEnvironment) -> str:
    """Return the mode that the view requests for its page, or that the page is a member's."""
    asked: Any = g if has_request_context() else {}
    return AD_FREE if asked.get("ad_free") else asked.get("ad_notice", "")


def _tag(nonce: str = "", inline: bool = True, notice: str = "") -> Html:
    """Return the tag for a template to place at the start of its head; the page gets no other."""
    return detector_tag(request.environ, nonce, inline, notice)
