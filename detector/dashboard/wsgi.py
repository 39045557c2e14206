"""The dashboard as a WSGI app: who may see it, and which page a request is for."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from detector.analytics.filtered import Filter
from detector.analytics.goals import Goal, read_all
from detector.analytics.local_days import LocalDays
from detector.analytics.price import Price
from detector.analytics.variants import Design
from detector.core.config.validators import check_proxies
from detector.core.counting.annotations import Annotated, of_site
from detector.core.counting.dimensions import pair_of
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store
from detector.core.errors import StoreError
from detector.core.reports.client_address import ClientAddresses
from detector.core.texts.locales import ENGLISH
from detector.core.texts.negotiation import nearest
from detector.dashboard import choice, pages, texts
from detector.dashboard.access import Access, Allowed
from detector.dashboard.annotating import Annotating, NoteForm
from detector.dashboard.api import Api
from detector.dashboard.api_tokens import checked
from detector.dashboard.hints import hints
from detector.dashboard.http import Answer, Refusal, Request, redirect
from detector.dashboard.open_guard import OpenGuard
from detector.dashboard.overview import overview
from detector.dashboard.password import Password
from detector.dashboard.session import Session
from detector.dashboard.texts import _

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["app"]

log = logging.getLogger("detector")

_EXPORTS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def app(
    store: str | Store,
    *,
    password: str = "",
    allowed: Allowed | None = None,
    open: bool = False,
    key: str = "",
    proxies: int = 0,
    secret: str = "",
    per_thousand: float | str | None = None,
    secure: bool = False,
    pairs: Iterable[Iterable[str]] = (),
    variants: Iterable[Mapping[str, Any]] = (),
    once_a_session: bool = True,
    from_view: int = 2,
    every: int = 1,
    language: str = "",
    api_tokens: Iterable[str] = (),
    goals: Iterable[str] = (),
    time_zone: str = "UTC",
    read_only: bool = False,
) -> WSGIApplication:
    """Return the dashboard of a store as a WSGI app; raise ValueError when nothing guards it.

    Guarded by one of three: `password`, a hash that `detector dashboard --hash` creates; `allowed`,
    a function of the WSGI environ that returns whether your own login lets this request see it; or
    `open`, which answers this machine only, and only after `key` was sent once in the address,
    `?key=…` (a random one is created, and logged, if none is passed). `secret` signs the sessions:
    set one where several processes serve the page, or each start signs everybody out.
    `per_thousand` is what a thousand views with ads earn, 4.5 or "4.50 EUR". `secure` marks cookies
    for https behind a proxy that terminates it. `proxies` of them append to X-Forwarded-For, by
    which guesses of the password are told apart. `pairs`, `variants`, `once_a_session`,
    `from_view` and `every` are the site's options: what the funnel can be split by, and whether the
    variants can be compared.
    `language` is that of the page, such as "de"; by default it is the browser's. `api_tokens` are
    hashes that `detector dashboard --new-api-token` creates; their tokens open `/api/v1/`.
    `goals` are such as "blocked<20" and "allowed>5", in percent. `time_zone` is the owner's, such
    as Europe/Berlin: days, weeks and months are those of it.
    `read_only` leaves out the form for annotations, which there is with `password` and `open`, and
    a store that is named.
    """
    if sum((bool(password), allowed is not None, open)) != 1:
        raise ValueError(
            "the dashboard needs one guard: password (a hash by detector dashboard --hash), "
            "allowed (a function of your own log-in), or open=True on this machine only"
        )
    if secret and len(secret) < 16:
        raise ValueError("option secret: the dashboard's needs at least 16 characters")
    if key and not open:
        raise ValueError("option key: it belongs to open=True")
    check_proxies("proxies", proxies)
    if language and not texts.supported(language):
        raise ValueError(f"option language: {nearest(language, texts.LANGUAGES, 'languages')}")
    zone = _zone(time_zone)
    opened = open_store(store, readonly=True) if isinstance(store, str) else store
    known = Password(password) if password else None
    named = tuple(pair_of(pair) for pair in pairs)
    guard = OpenGuard(key) if open else None
    if guard and not key:
        log.warning("dashboard: open it by its address with ?key=%s", guard.key)
    clients = ClientAddresses(proxies)
    design = Design.of(variants, once_a_session, from_view, every)
    price = None if per_thousand is None else Price.read(f"{per_thousand}")
    access = Access(known, allowed, guard, clients, secret, secure)
    notes = None
    if isinstance(store, str) and not read_only and allowed is None:
        notes = Annotating(store, zone)
    settings = _Settings(price, named, design, language, read_all(goals), zone)
    page = _App(opened, access, settings, notes if isinstance(opened, Annotated) else None)
    hashes = checked(api_tokens)
    return Api(page, opened, hashes, clients, price, design, zone) if hashes else page


def _zone(name: str) -> tzinfo:
    from detector.core.time_zone import time_zone

    try:
        return time_zone(name)
    except ValueError as error:
        raise ValueError(f"option time_zone: {error}") from None


@dataclass(frozen=True, slots=True)
class _Settings:
    """What the owner set for the page."""

    price: Price | None
    pairs: tuple[str, ...]
    design: Design
    language: str
    goals: tuple[Goal, ...]
    zone: tzinfo


class _App:
    def __init__(
        self, store: Store, access: Access, settings: _Settings, notes: Annotating | None
    ) -> None:
        self._store, self._access, self._settings = store, access, settings
        self._notes = notes
        self._design, self._pairs = settings.design, settings.pairs

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        accepted = request.header("HTTP_ACCEPT_LANGUAGE")
        language = texts.choose(request.language, self._settings.language, accepted)
        with texts.speaking(language):
            return self._send(request, start)

    def _send(self, request: Request, start: StartResponse) -> Iterable[bytes]:
        try:
            answer = self._answer(request)
        except Refusal as refusal:
            answer = pages.message(refusal.status, str(refusal))
            answer.headers += refusal.headers
        except StoreError as error:
            # The text names files and hosts: everyone who gets here has been let in already.
            log.error("the dashboard cannot read its store: %s", error)
            answer = pages.message(503, _("The counts cannot be read. %(error)s", error=error))
        except Exception:
            log.exception("the dashboard failed")
            answer = pages.message(500, _("Something went wrong here; the log says more."))
        answer.referrer = self._access.referrer
        return answer.send(request.method, start)

    def _answer(self, request: Request) -> Answer:
        if not request.path:
            # Relative, like all redirects: neither Host nor a doubled slash leads elsewhere.
            return redirect(f"./{request.root.rpartition('/')[2]}/{request.lang}")
        session = self._access.session(request)
        if (other := self._access.answer(request, session)) is not None:
            return other
        if self._notes and request.path == "/annotate":
            return self._annotate(request, session, self._notes)
        if request.method not in ("GET", "HEAD"):
            raise Refusal(405, _("This page is only read."), [("Allow", "GET, HEAD")])
        if request.path == "/":
            return self._page(request, session)
        place, _slash, rest = request.path.lstrip("/").partition("/")
        if place == "export":
            with texts.speaking(ENGLISH):
                return self._export(request, rest)
        raise Refusal(404, _("There is no such page."))

    def _annotate(self, request: Request, session: Session | None, notes: Annotating) -> Answer:
        form = self._access.form(request, session)
        sites = self._store.sites()
        try:
            chosen = self._chosen(request.query(), sites)
        except choice.BadChoice as error:
            raise Refusal(400, str(error)) from None
        status = 400
        try:
            wrong = notes.apply(form, sites, time.time())
        except StoreError as error:
            log.error("the dashboard cannot write to its store: %s", error)
            wrong, status = _("It could not be saved. %(error)s", error=error), 503
        if wrong:
            text, at, site = (form.get(name, "")[:400] for name in ("text", "at", "site"))
            token = self._access.form_token(session)
            return self._page(request, session, NoteForm(token, wrong, text, at, site, status))
        return redirect(f"./?{chosen.query()}#h-time")

    def _page(
        self, request: Request, session: Session | None, form: NoteForm | None = None
    ) -> Answer:
        sites = self._store.sites()
        asked = request.query()
        wrong, status = "", form.status if form else 200
        try:
            chosen = self._chosen(asked, sites)
        except choice.BadChoice as error:
            wrong, status = str(error), 400
            chosen = self._chosen({"lang": request.language}, sites)
        found = overview(self._store, chosen, self._design)
        return pages.dashboard(
            found,
            sites,
            wrong,
            self._access.token(session),
            status,
            self._pairs,
            bool(self._design.weights),
            of_site(self._store, chosen.site),
            () if chosen.only else self._settings.goals,
            hints(self._store, found, sites),
            form or (NoteForm(self._access.form_token(session)) if self._notes else None),
        )

    def _chosen(self, asked: Mapping[str, str], sites: list[str]) -> choice.Choice:
        now = time.time()
        days = LocalDays.of(self._settings.zone, now)
        return choice.read(asked, sites, now, self._settings.price, self._pairs, days)

    def _export(self, request: Request, name: str) -> Answer:
        table, _dot, form = name.partition(".")
        try:
            chosen = self._chosen(request.query(), self._store.sites())
        except choice.BadChoice as error:
            raise Refusal(400, str(error)) from None
        tables = overview(self._store, chosen, self._design).tables
        if table not in tables or form not in _EXPORTS:
            raise Refusal(404, _("There is no such table."))
        if tables[table].missing:
            raise Refusal(404, tables[table].missing)
        text = tables[table].as_csv() if form == "csv" else tables[table].as_json()
        only = f"-{_file_name(chosen.only)}" if chosen.only else ""
        file = f"{table}-{chosen.first}-{chosen.last}{only}.{form}"
        headers = [("Content-Disposition", f'attachment; filename="{file}"')]
        return Answer(text, kind=_EXPORTS[form], headers=headers)


def _file_name(only: Filter) -> str:
    """Return a filter as a part of a file's name."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", "-".join(only))[:40]
