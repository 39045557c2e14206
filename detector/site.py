"""One site: all that its detector knows while it runs, made from its Config.

Adapters hold one Site each and translate between their framework and these few methods.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import time
from typing import TypeVar

from detector.baits import pool
from detector.baits.urls import Baits
from detector.config import Config
from detector.guard import Guard
from detector.level import counts
from detector.names import Names
from detector.notice import modes, simulate
from detector.notice.texts import spoken
from detector.page import csp, noscript, tag
from detector.page.about import NOTHING, About, Known
from detector.page.eligible import may_carry, may_differ, wants_fragment
from detector.page.flags import Flags
from detector.page.headers import ByName, RequestHeaders
from detector.page.inject import Injector
from detector.page.preload import Preload
from detector.report.client import Clients
from detector.report.parse import Refused
from detector.report.take import Came, take
from detector.report.tokens import Tokens, as_group
from detector.report.views import Views
from detector.static_files import script
from detector.stats.counters import Counters
from detector.stats.flusher import Flusher
from detector.stats.hook import Teller
from detector.stats.passing import watchers
from detector.stats.rate import VIEWS, Rate
from detector.stats.shared import limits
from detector.stats.store import open_store
from detector.stats.tray import MOST, Tray
from detector.switch import Switch

log = logging.getLogger("detector")
T = TypeVar("T")
_TAGS = 1000
_SLIPS = 20
_SOON = 60.0
_LASTING = "b" * 8
_USUAL, _ERROR = Flags(), Flags("none")
_FREE = csp.Leave()


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
        self.clients = Clients(config.proxies)
        passed_on = watchers(config)
        self.counters = Counters(name, None, clock, config.pairs, passed_on)
        self.rate, self.claims = limits(config, self.counters, clock)
        self.view_rate = Rate(clock, VIEWS)
        self.flusher: Flusher | None = None
        if config.store:
            store, shares = config.store, (self.claims, self.rate)
            self.flusher = Flusher(
                self.counters, lambda: open_store(store), config.flush_seconds, log, *shares
            )
        # Whoever is told of each event hears of it at once; and what waits longer would be counted
        # in a wrong hour.
        told = bool(passed_on or config.on_verdict)
        soon = self.flusher is not None and config.flush_seconds <= _SOON
        most = MOST if soon and not told else 1
        self._reports = Tray(self._count_came, most)
        self._pages = Tray(self._count_page, most)
        self.counters.settle = self._settle
        self.rules = modes.rules(config.notice_rules)
        self.by_path = any(rule.paths for rule in self.rules)
        for wall in sorted(modes.used(config) & set(modes.WALLS)):
            log.warning("detector: " + modes.WALL_WARNING, wall)
        self._slips: set[str] = set()
        self._noscript = spoken(config, "noscript") if config.noscript else ""
        self.pasted = pasted
        self.switch = Switch(config.enabled, config.switch_file)
        self.guard = Guard(self.count)
        self.tell = Teller(config.on_verdict, name, self.guard.caught)
        self._tags: dict[tuple[str, str, csp.Leave, Flags], bytes] = {}
        self.attribute = "data-" + self.names.word("attribute", 3)

    def take(self, came: Came) -> str:
        """Count a report, now or with others before the next flush; see `report.take.take`.

        Where a browser is to keep what it said, Refused is raised.
        """
        if self.config.level == "full":
            return take(self, came)
        self._put(self._reports, came)
        return ""

    def _put(self, tray: Tray[T], what: T) -> None:
        tray.put(what)
        if self.flusher:
            self.flusher.touch()

    def _settle(self) -> None:
        """Count what waits."""
        self._reports.settle()
        self._pages.settle()

    def _count_came(self, came: Came) -> None:
        try:
            take(self, came)
        except Refused as refused:
            self.count("refused", reason=refused.reason)
        except Exception:
            self.guard.caught("counting a report", in_page=False)

    def count_report(
        self, view: tuple[str, int], action: str, state: str, dims: dict[str, str]
    ) -> None:
        """Count what the script of one view (and when its token was signed) reports once."""
        if self.claims is None:
            self.counters.count(action, state, **dims)
        else:
            self.claims.put(*view, action, state, dims)
        if self.flusher:
            self.flusher.touch()

    def count(self, action: str, state: str = "", **dims: str) -> None:
        """Add one to a counter; it is written within a few seconds, never here."""
        self.counters.count(action, state, **dims)
        if self.flusher:
            self.flusher.touch()

    def injector(
        self,
        method: str,
        status: int,
        headers: ByName,
        request: RequestHeaders,
        about: About = NOTHING,
    ) -> Injector | None:
        """Return the injector for a response, or None to leave the response alone.

        `headers` and those of the `request` are by lower-case name. Of the request nothing counts
        where a shared cache may store the response, but a signed link, which makes it private.
        """
        config = self.config
        if not self._is_on():
            return None
        if not may_carry(method, status, headers, error_pages=config.error_pages):
            return None
        flags = self._flags(status, about)
        shared = not may_differ(headers)
        if not shared:
            if wants_fragment(request) or self.is_bot(request.get("user-agent")):
                return None
            if wanted := about.notice:
                flags = self._wanted(flags, wanted)
        policies = headers.get("content-security-policy", ())
        reported = headers.get("content-security-policy-report-only", ())
        leave, nonce = _FREE, about.nonce
        if policies or reported or nonce:
            leave = csp.read(policies, reported, nonce)
        mount, group, query = about.mount, about.group, about.query
        if query and (link := simulate.link_in(self, query)):
            usual = self._tag(mount, group, leave, Flags("none", local=True))
            built = simulate.build(self, mount, link, leave, usual)
            return Injector(built, private=True) if built else None
        built = self._tag(mount, group, leave, flags)
        return Injector(built, group, shared) if built else None

    def placed(self, injector: Injector) -> None:
        """Count a page that leaves with its tag; never raises."""
        try:
            if not injector.private:
                action = "page-shared" if injector.shared else "page"
                self._put(self._pages, (action, injector.group))
        except Exception:
            self.guard.caught("counting a page")

    def _count_page(self, page: tuple[str, str]) -> None:
        try:
            self.count(page[0], group=as_group(page[1]))
        except Exception:
            self.guard.caught("counting a page")

    def simulate_link(self, url: str, mode: str, kind: str = "extension") -> str:
        """Give the address under which a page shows a mode to anybody; see `notice.simulate`."""
        return simulate.link(self, url, mode, kind)

    def _is_on(self) -> bool:
        on = self.switch.is_on() and self.config.level != "off"
        return on and not self.guard.is_open()

    def _flags(self, status: int, about: About) -> Flags:
        """Give what a page says of itself: no notice on errors, and the rules that fit its path."""
        if not self.by_path:
            return _ERROR if status >= 400 else _USUAL
        return Flags("none" if status >= 400 else "", modes.fitting(self.rules, about.path))

    def rules_for(self, path: str | None) -> int | None:
        """Give the rules that fit a page's path as bits; None where the path is not known."""
        return None if path is None else modes.fitting(self.rules, path)

    def _wanted(self, flags: Flags, wanted: str) -> Flags:
        if wanted in modes.MODES:
            return flags._replace(notice=wanted)
        # A slip in one view is no reason to count towards the circuit of all.
        if wanted not in self._slips and len(self._slips) < _SLIPS:
            self._slips.add(wanted)
            log.error(
                "detector: a page wants the notice %r, which is no mode: use one of %s",
                wanted,
                ", ".join(modes.MODES),
            )
        return flags

    def tag(
        self,
        *,
        mount: str = "",
        group: str = "",
        nonce: str = "",
        inline: bool = True,
        path: str = "",
        notice: str = "",
    ) -> bytes:
        """Give the tag for a template to place; empty while pages are left alone.

        `inline=False` leaves the inline line out, for policies that refuse it. `notice` is the mode
        for this page alone.
        """
        if not self._is_on():
            return b""
        leave = csp.read((), (), nonce)
        flags = self._flags(200, Known(path=path))
        flags = self._wanted(flags, notice) if notice else flags
        return self._tag(mount, group, leave._replace(inline=inline), flags)

    def _tag(self, mount: str, group: str, leave: csp.Leave, flags: Flags) -> bytes:
        """Build the tag, or find it: without a nonce it is the same for a whole path group."""
        key = (mount, group, leave, flags)
        built = self._tags.get(key)
        if built is None:
            src = f"{mount}/{self.names.prefix}/{self.file()}"
            token = self.tokens.page(group) + str(flags)
            built = tag.build(src, self.attribute, token, leave)
            if built and self._noscript:
                built += noscript.build(self._noscript, leave.nonce).encode()
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
        minutes = config.reuse_minutes if counts(config.level) else 0
        if not minutes and not config.single_page and not config.consent:
            return file
        signals = config.gpc == "local"
        told = Preload(file[:-3], minutes, config.single_page, signals, config.consent)
        return f"{name('front')}?{told}"

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
