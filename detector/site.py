"""One site: all that its detector knows while it runs, made from its Config.

Adapters hold one Site each and translate between their framework and these few methods.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from time import monotonic, time

from detector.baits import pool
from detector.baits.urls import Baits
from detector.config import Config
from detector.names import Names
from detector.page import csp, tag
from detector.page.eligible import may_carry, may_differ
from detector.page.headers import Headers, RequestHeaders, all_of
from detector.page.inject import Injector
from detector.report.tokens import Tokens
from detector.report.views import Views
from detector.static_files import script
from detector.stats.counters import Counters
from detector.stats.flusher import Flusher
from detector.stats.fork import ForkAware, watch
from detector.stats.store import open_store
from detector.switch import Switch

log = logging.getLogger("detector")
_CIRCUIT = 10
_LOG_EVERY = 60.0
_TAGS = 1000
_LASTING = "b" * 8


class Site:
    """The detector of one site; thread-safe; `clock` gives seconds since 1970.

    `name` stands in the store beside its counts. `pasted` says that its pages carry the tag by
    hand: what is switched off is then the looking.
    """

    def __init__(
        self,
        config: Config,
        clock: Callable[[], float] = time,
        *,
        name: str = "site",
        pasted: bool = False,
    ) -> None:
        self.config = config
        self.clock = clock
        self.names = Names(config.secret)
        self.older_names = tuple(Names(secret) for secret in config.previous_secrets)
        self.tokens = Tokens([*config.previous_secrets, config.secret], clock)
        baits = pool.load(config.baits_file)
        off = pool.switched_off(baits, config.without_baits)
        self.baits = {
            names.prefix: Baits(names, baits, off) for names in (self.names, *self.older_names)
        }
        self.views = Views()
        self.counters = Counters(name, clock=clock)
        self.flusher: Flusher | None = None
        if config.store:
            store = config.store
            self.flusher = Flusher(
                self.counters, lambda: open_store(store), config.flush_seconds, log
            )
        self.pasted = pasted
        self.switch = Switch(config.enabled, config.switch_file)
        self.guard = Guard(self.count)
        self._tags: dict[tuple[str, str, csp.Leave], bytes] = {}
        self.attribute = "data-" + self.names.word("attribute", 3)

    def count(self, action: str, state: str = "", **dims: str) -> None:
        """Add one to a counter; it is written within a few seconds, never here."""
        self.counters.count(action, state, **dims)
        if self.flusher:
            self.flusher.touch()

    def injector(
        self,
        method: str,
        status: int,
        headers: Headers,
        request: RequestHeaders,
        *,
        mount: str | Callable[[], str] = "",
        group: str | Callable[[], str] = "",
        nonce: str | Callable[[], str] = "",
    ) -> Injector | None:
        """Give the injector for a response, or None to leave the response alone.

        `request` has the request's headers by lower-case name, `mount` is the path that the site
        is mounted under, `group` the route of the page. `nonce` is the one that the framework
        tells, taken where the response's policies accept it. Each may be a function.
        """
        config = self.config
        if not self.switch.is_on() or self.guard.is_open():
            return None
        if not may_carry(method, status, headers, request, error_pages=config.error_pages):
            return None
        if may_differ(headers) and self.is_bot(request.get("user-agent")):
            return None
        leave = csp.read(
            all_of(headers, "content-security-policy"),
            all_of(headers, "content-security-policy-report-only"),
            _given(nonce),
        )
        built = self._tag(_given(mount), _given(group), leave)
        return Injector(built) if built else None

    def tag(
        self, *, mount: str = "", group: str = "", nonce: str = "", inline: bool = True
    ) -> bytes:
        """Give the tag for a template to place; empty while pages are left alone.

        `inline=False` leaves the inline line out, for policies that refuse it.
        """
        if not self.switch.is_on() or self.guard.is_open():
            return b""
        leave = csp.read((), (), nonce)
        return self._tag(mount, group, replace(leave, inline=inline))

    def _tag(self, mount: str, group: str, leave: csp.Leave) -> bytes:
        """Build the tag, or find it: without a nonce it is the same for a whole path group."""
        key = (mount, group, leave)
        built = self._tags.get(key)
        if built is None:
            src = f"{mount}/{self.names.prefix}/{self.file()}"
            built = tag.build(src, self.attribute, self.tokens.page(group), leave)
            if not leave.nonce and len(self._tags) < _TAGS:
                self._tags[key] = built
        return built

    def file(self, lasting: bool = False) -> str:
        """Name the script of the tag; a lasting name stays the same over our versions."""

        def name(which: str) -> str:
            # A hash that no content has: such an address is cached for minutes, not for a year.
            return self.names.script(which, _LASTING if lasting else script(which).content_hash)

        config = self.config
        file = name("detect")
        if not config.reuse_minutes and not config.single_page:
            return file
        return f"{name('front')}?{file[:-3]}.{config.reuse_minutes}.{int(config.single_page)}"

    def is_idle(self) -> bool:
        """Say whether pages that carry the tag by hand are not to be looked at."""
        return self.pasted and not self.switch.is_on()

    def is_bot(self, user_agent: str | None) -> bool:
        """Say whether a request comes from a robot that the site does not count."""
        if self.config.treat_bots_as_people:
            return False
        from detector.visitor import look

        return look(user_agent).bot

    def pause(self) -> None:
        """Tag no page of this process until `resume`; our own URLs still answer."""
        self.switch.pause()

    def resume(self) -> None:
        """Take `pause` back."""
        self.switch.resume()

    def will_close(self) -> None:
        """Say that `close` will be called at the end."""
        if self.flusher:
            self.flusher.will_close()

    def close(self) -> None:
        """Write what is counted and stop the writer."""
        if self.flusher:
            self.flusher.close()


def _given(value: str | Callable[[], str]) -> str:
    return value if isinstance(value, str) else value()


class Guard(ForkAware):
    """Keeps our errors from the page: counts them, logs one a minute, opens after ten."""

    def __init__(self, count: Callable[..., None]) -> None:
        self._count = count
        self._lock = Lock()
        self._errors = 0
        self._logged = -_LOG_EVERY
        watch(self)

    def after_fork_in_child(self) -> None:
        """Let go of a lock that a thread of the parent may have held."""
        self._lock = Lock()

    def is_open(self) -> bool:
        """Say whether so many errors happened that pages are left alone from now on."""
        return self._errors >= _CIRCUIT

    def caught(self, where: str, *, in_page: bool = True) -> None:
        """Note the exception being handled; never raises. Only those of pages open the circuit."""
        with self._lock:
            self._errors += in_page
            now = monotonic()
            speak = now - self._logged >= _LOG_EVERY
            if speak:
                self._logged = now
            opened = in_page and self._errors == _CIRCUIT
        if speak:
            log.exception("detector: an error in %s was kept from the page", where)
        if opened:
            log.error("detector: %d errors; pages are left alone until a restart", _CIRCUIT)
        try:
            self._count("error")
        except Exception:
            log.debug("detector: the error could not be counted", exc_info=True)
