"""The read-only JSON API below the dashboard, `/api/v1/`; `openapi.json` describes it."""

from __future__ import annotations

import difflib
import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, tzinfo
from http import HTTPStatus
from importlib import resources
from typing import TYPE_CHECKING, Any

from detector.analytics.baits import bait_health
from detector.analytics.filtered import FILTERS
from detector.analytics.filtered import checked as checked_filter
from detector.analytics.local_days import LocalDays
from detector.analytics.price import Price
from detector.analytics.query import STEPS
from detector.analytics.variants import Design
from detector.analytics.whole import moment_of, whole
from detector.core.counting.annotations import within
from detector.core.counting.store import Store
from detector.core.errors import StoreError
from detector.core.reports.client_address import ClientAddresses
from detector.dashboard.api_tokens import is_known
from detector.dashboard.guesses import Guesses
from detector.dashboard.http import Answer, Refusal, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("detector")

PREFIX = "/api/v1/"
_SPAN = ("site", "since", "until")
_LAST = 2**53


class Problem(Exception):
    """A request that is not answered: the text names the parameter and the fix."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = [(name.replace("_", "-"), value) for name, value in headers.items()]


class Api:
    """Answers what begins with `/api/v1/` by token; all else goes on to the dashboard."""

    def __init__(
        self,
        page: WSGIApplication,
        store: Store,
        hashes: Iterable[str],
        clients: ClientAddresses,
        price: Price | None,
        design: Design,
        zone: tzinfo = UTC,
    ) -> None:
        self._page, self._store, self._hashes = page, store, tuple(hashes)
        self._clients, self._price, self._design, self._zone = clients, price, design, zone
        self._guesses = Guesses()
        self._routes: dict[str, tuple[tuple[str, ...], Callable[[Mapping[str, str]], Any]]] = {
            "sites": ((), lambda asked: {"sites": store.sites()}),
            "figures": ((*_SPAN, "by", "step", *FILTERS), self._figures),
            "baits": (_SPAN, self._baits),
            "annotations": (_SPAN, self._annotations),
            "openapi.json": ((), lambda asked: description()),
        }

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        if not request.path.startswith(PREFIX):
            return self._page(environ, start)
        try:
            answer = _json(self._answer(request))
        except Problem as problem:
            answer = _problem(problem.status, str(problem), problem.headers)
        except Refusal as refusal:
            answer = _problem(refusal.status, str(refusal), refusal.headers)
        except StoreError as error:
            log.error("the API cannot read its store: %s", error)
            answer = _problem(503, f"The counts cannot be read. {error}")
        except Exception:
            log.exception("the API failed")
            answer = _problem(500, "Something went wrong here; the log says more.")
        answer.headers.append(("Vary", "Authorization"))
        return answer.send(request.method, start)

    def _answer(self, request: Request) -> Any:
        self._admit(request)
        name = request.path.removeprefix(PREFIX)
        if name not in self._routes:
            raise Problem(404, f"There is no such path: {PREFIX} has {', '.join(self._routes)}.")
        if request.method not in ("GET", "HEAD"):
            raise Problem(405, "The API is only read: use GET.", Allow="GET, HEAD")
        known, answer = self._routes[name]
        asked = request.query()
        for parameter in asked:
            if parameter not in known:
                near = difflib.get_close_matches(parameter, known, n=1)
                meant = f"did you mean {near[0]}?" if near else f"known: {', '.join(known) or '-'}"
                raise Problem(400, f"There is no parameter {parameter!r}; {meant}")
        return answer(asked)

    def _admit(self, request: Request) -> None:
        if is_known(request.header("HTTP_AUTHORIZATION"), self._hashes):
            return
        forwarded = {"x-forwarded-for": request.header("HTTP_X_FORWARDED_FOR")}
        client = self._clients.client(request.client, forwarded) or request.client
        if retry := self._guesses.turn(client).retry:
            raise Problem(429, "Too many wrong tokens; wait a minute.", Retry_After=str(retry))
        raise Problem(
            401,
            "Send a token: Authorization: Bearer TOKEN, by detector dashboard --new-api-token.",
            WWW_Authenticate='Bearer realm="figures"',
        )

    def _figures(self, asked: Mapping[str, str]) -> Any:
        days = LocalDays.of(self._zone, time.time())
        span, step = self._span(asked), asked.get("step", "")
        if step not in STEPS:
            raise Problem(400, f"step: {step!r} is none of hour, day, week and month.")
        try:
            only = checked_filter(asked)
        except ValueError as error:
            raise Problem(400, f"{error}.") from None
        try:
            by = asked.get("by", "")
            found = whole(self._store, self._design, by=by, step=step, only=only, days=days, **span)
        except ValueError as error:
            raise Problem(400, f"by: {error}") from None
        return found.as_dict(self._price)

    def _baits(self, asked: Mapping[str, str]) -> Any:
        span = self._span(asked)
        where = (span["site"], span["since"], span["until"])
        return bait_health(self._store, time.time(), *where).as_dict()

    def _annotations(self, asked: Mapping[str, str]) -> Any:
        span = self._span(asked, exact=True)
        until = _LAST if span["until"] is None else span["until"]
        found = within(self._store, span["site"], span["since"] or 0, until)
        return {"annotations": [one.as_dict() for one in found]}

    def _span(self, asked: Mapping[str, str], *, exact: bool = False) -> dict[str, Any]:
        """Return the span that is asked for; `exact` where it is not of counts, see `moment_of`."""
        site = asked.get("site") or None
        if site is not None and site not in self._store.sites():
            raise Problem(400, f"site: there are no counts of {site!r}; see {PREFIX}sites.")
        span: dict[str, Any] = {"site": site}
        now = time.time()
        days = LocalDays.of(self._zone, now)
        for name in ("since", "until"):
            try:
                given = asked.get(name)
                span[name] = moment_of(given, now, days, exact=exact) if given else None
            except ValueError as error:
                raise Problem(400, f"{name}: {error}.") from None
        return span


def description() -> Any:
    """Return the description of the API, OpenAPI 3.1."""
    return json.loads(resources.files(__package__).joinpath("openapi.json").read_text("utf-8"))


def _json(found: Any) -> Answer:
    return Answer(json.dumps(found), kind="application/json")


def _problem(status: int, detail: str, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    found = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    made = Answer(json.dumps(found), status, kind="application/problem+json")
    made.headers += headers
    return made
