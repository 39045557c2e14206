"""What the adapters share: the answers to our own URLs, and the tag that a template places."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from detector.core.config.loading import gather
from detector.core.endpoints import Endpoints, Response
from detector.core.errors import ConfigError
from detector.core.request import Request
from detector.core.response import TAGGED, ResponseRewriter
from detector.core.site import Site

_HERE = "detector.here"

Marks = MutableMapping[str, Any]
Origin = tuple[str, str]
"""What a request said at first: what the app is mounted under, and the path below."""
Ask = Callable[[Any], "str | None"]


class Html(str):
    """A text that template engines take as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


class BaseMiddleware:
    """What every middleware is: an app with the detector of its site; read-only after it is made.

    `group(source)`, `nonce(source)` and `notice_for(source)` are called while the app answers, with
    what the adapter calls a request: an environ or a scope. Raises ConfigError.
    """

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
                f"{', '.join(options)}: give these options to the Site, or leave site= out"
            )
        self.app = app
        self.site = site or Site(gather(options).config)
        self.group = group or self.route
        self.nonce = nonce
        self.notice_for = notice_for
        self.endpoints = Endpoints(self.site)

    def route(self, source: Any) -> str:
        """Return a page's route as far as the framework tells it."""
        return ""

    def mount(self, source: Any, origin: Origin) -> str:
        """Return where the app lies, from the request as it is by now and as it came in.

        Proxies' helpers and sub-apps change it on the way.
        """
        raise NotImplementedError

    def path(self, origin: Origin) -> str:
        """Return a page's path below the mount, as people read it."""
        return origin[1]

    def answer(self, request: Request) -> Response | None:
        """Answer a request for one of our URLs, or give None; see `Endpoints.respond`."""
        try:
            return self.endpoints.respond(request)
        except Exception:
            self.site.circuit_breaker.caught("answering one of our URLs", in_page=False)
            return None

    def rewriter(
        self, source: Any, marks: Marks, request: Request, origin: Origin
    ) -> ResponseRewriter:
        """Make a way out for the response to a request."""
        # No passage in here: a request that leads back to itself would wait for the collector.
        marks[_HERE] = (self, origin)
        return ResponseRewriter(
            self.site, marks, request, _RequestPageInfo(self, source, origin, request.query)
        )


class _RequestPageInfo:
    """What a gate tells of a page, taken from the request when it is asked for."""

    __slots__ = ("_gate", "_origin", "_source", "query")

    def __init__(self, middleware: BaseMiddleware, source: Any, origin: Origin, query: str) -> None:
        self._gate, self._source, self._origin, self.query = middleware, source, origin, query

    @property
    def mount(self) -> str:
        return self._gate.mount(self._source, self._origin)

    @property
    def group(self) -> str:
        return _asked(self._gate.group, self._source)

    @property
    def nonce(self) -> str:
        return _asked(self._gate.nonce, self._source)

    @property
    def path(self) -> str:
        return self._gate.path(self._origin)

    @property
    def notice(self) -> str:
        return _asked(self._gate.notice_for, self._source)


def placed(
    source: Any, marks: Marks, nonce: str = "", inline: bool = True, notice: str = ""
) -> Html:
    """Return the tag for a template to place and mark the response, which then gets no other.

    Empty where no detector is around the app, or where it leaves pages alone.
    """
    middleware, origin = marks.get(_HERE, (None, None))
    # In a stream the template may run after the start, when the page gets its tag by itself.
    if middleware is None or marks.get(TAGGED) is True:
        return Html()
    try:
        group = _asked(middleware.group, source)
        nonce = nonce or _asked(middleware.nonce, source)
        mount = middleware.mount(source, origin)
        notice = notice or _asked(middleware.notice_for, source)
        tag = middleware.site.tagger.tag(
            mount=mount,
            group=group,
            nonce=nonce,
            inline=inline,
            path=middleware.path(origin),
            notice=notice,
        )
    except Exception:
        middleware.site.circuit_breaker.caught("making a tag for a template")
        return Html()
    if tag:
        marks[TAGGED] = "by a template"
    return Html(tag.decode())


def _asked(function: Ask | None, source: Any) -> str:
    return str(function(source) or "") if function else ""
