"""What all adapters share: answering our own URLs, and the tag that a template places."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from detector.core.config.loading import gather
from detector.core.endpoints import Endpoints, Response
from detector.core.errors import ConfigError
from detector.core.request import Request
from detector.core.response import TAGGED, ResponseRewriter
from detector.core.site import Site
from detector.core.vocabulary import AD_FREE

HERE = "detector.here"
"""The key of the marks by which `placed` finds the middleware and the request's origin.

No rewriter is stored there: the reference cycle would need the garbage collector."""

Marks = MutableMapping[str, Any]
Origin = tuple[str, str]
"""A request's original mount point and the path below it."""
Ask = Callable[[Any], "str | None"]


class Html(str):
    """A string that template engines insert without escaping."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


class BaseMiddleware:
    """Wraps an app with the detector of its site; read-only after construction.

    `group(source)`, `nonce(source)` and `notice_for(source)` are called while the app responds,
    with the adapter's request: an environ or a scope. Raises ConfigError.
    """

    ad_free_key = ""
    """The key of the adapter's request by which an app marks a member's page as free of ads."""

    def __init__(
        self,
        app: Any,
        *,
        site: Site | None = None,
        group: Ask | None = None,
        nonce: Ask | None = None,
        notice_for: Ask | None = None,
        **options: Any,
    ) -> None:
        if site and options:
            raise ConfigError(
                f"{', '.join(options)}: pass these options to the Site, or leave site= out"
            )
        self.app = app
        self.site = site or Site(gather(options).config)
        self.group = group or self.route
        self.nonce = nonce
        self.notice_for = notice_for
        self.endpoints = Endpoints(self.site)

    def route(self, source: Any) -> str:
        """Return a page's route, where the framework provides it."""
        return ""

    def mount(self, source: Any, origin: Origin) -> str:
        """Return the app's mount point, from the request as it is now and as it was received.

        Proxy middlewares and sub-apps change it on the way.
        """
        raise NotImplementedError

    def path(self, origin: Origin) -> str:
        """Return a page's path below the mount, unquoted."""
        return origin[1]

    def wanted(self, source: Any) -> str:
        """Return what a page asks for: a mode, `AD_FREE` or ""."""
        return AD_FREE if source.get(self.ad_free_key) else _call(self.notice_for, source)

    def answer(self, request: Request) -> Response | None:
        """Return the response to a request for one of our URLs, else None; never raises."""
        try:
            return self.endpoints.respond(request)
        except Exception:
            self.site.circuit_breaker.caught("answering one of our URLs", in_page=False)
            return None

    def rewriter(
        self, source: Any, marks: Marks, request: Request, origin: Origin
    ) -> ResponseRewriter:
        """Return a rewriter for the response to a request; adapters make one for pages only."""
        page = _RequestPageInfo(self, source, origin, request.query)
        return ResponseRewriter(self.site, marks, request, page)


class _RequestPageInfo:
    """The page info of a middleware, computed from the request when it is read."""

    __slots__ = ("_middleware", "_origin", "_source", "query")

    def __init__(self, middleware: BaseMiddleware, source: Any, origin: Origin, query: str) -> None:
        self._middleware, self._source, self._origin = middleware, source, origin
        self.query = query

    @property
    def mount(self) -> str:
        return self._middleware.mount(self._source, self._origin)

    @property
    def group(self) -> str:
        return _call(self._middleware.group, self._source)

    @property
    def nonce(self) -> str:
        return _call(self._middleware.nonce, self._source)

    @property
    def path(self) -> str:
        return self._middleware.path(self._origin)

    @property
    def notice(self) -> str:
        return self._middleware.wanted(self._source)


def placed(
    source: Any, marks: Marks, nonce: str = "", inline: bool = True, notice: str = ""
) -> Html:
    """Return the tag for a template to place, and mark the response so that it gets no other.

    Empty where no middleware wraps the app, or where it leaves pages alone.
    """
    middleware, origin = marks.get(HERE, (None, None))
    # In a stream the template may run after the start, when the page has got its tag already.
    if middleware is None or marks.get(TAGGED) is True:
        return Html()
    try:
        page = _RequestPageInfo(middleware, source, origin, "")
        tag = middleware.site.tagger.tag(
            mount=page.mount,
            group=page.group,
            nonce=nonce or page.nonce,
            inline=inline,
            path=page.path,
            notice=notice or page.notice,
        )
    except Exception:
        middleware.site.circuit_breaker.caught("making a tag for a template")
        return Html()
    if tag:
        marks[TAGGED] = "by a template"
    return Html(tag.decode())


def _call(function: Ask | None, source: Any) -> str:
    return str(function(source) or "") if function else ""
