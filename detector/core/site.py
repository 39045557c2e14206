"""One site: its parts, built from its Config, and the operations that concern all of them.

Each adapter holds one Site and translates between the framework and its parts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from time import gmtime, strftime, time
from typing import TYPE_CHECKING, TypeVar

from detector.core.baits import pool
from detector.core.baits.site_baits import Baits
from detector.core.circuit_breaker import CircuitBreaker
from detector.core.config.notice_options import used_modes
from detector.core.config.options import Config
from detector.core.counting.batch_queue import MOST, BatchQueue
from detector.core.counting.counters import Counters
from detector.core.counting.dimensions import Watcher
from detector.core.counting.flusher import Flusher
from detector.core.counting.store_url import load_driver, open_store
from detector.core.html.injector import Injector
from detector.core.limits.rate_limiter import VIEWS, RateLimiter
from detector.core.notice import modes
from detector.core.reports.client_address import ClientAddresses
from detector.core.reports.parser import Refused
from detector.core.reports.processor import Counted, ReportProcessor
from detector.core.reports.receiver import ReceivedReport, ReportReceiver
from detector.core.reports.recent_views import RecentViews
from detector.core.served_names import ServedNames
from detector.core.state_cookie import StateCookie
from detector.core.switch import Switch
from detector.core.tagger import Tagger
from detector.core.tokens import Tokens, as_group
from detector.core.vocabulary import WALLS

if TYPE_CHECKING:
    from detector.core.counting.store import Store
    from detector.core.counting.verdict_hook import VerdictHook
    from detector.core.limits.deduplication import Deduplication
    from detector.core.preview_links import PreviewLinks

log = logging.getLogger("detector")
T = TypeVar("T")
_SOON = 60.0


class Site:
    """The detector of one site; thread-safe; `clock` returns seconds since 1970.

    `name` identifies its counts in the store. With `pasted` its pages carry a hand-placed tag, so
    that switching off stops the probes instead. `views` are those of a site that this one replaces:
    views that began under the old settings end under the new ones.
    """

    def __init__(
        self,
        config: Config,
        clock: Callable[[], float] = time,
        *,
        name: str = "site",
        pasted: bool = False,
        views: RecentViews | None = None,
    ) -> None:
        self.config = config
        self.clock = clock
        self.pasted = pasted
        self.names = ServedNames(config.secret)
        self.older_names = tuple(ServedNames(secret) for secret in config.previous_secrets)
        self.tokens = Tokens([*config.previous_secrets, config.secret], clock)
        baits = pool.load(config.baits_file)
        if baits.date < strftime("%Y-%m-%d", gmtime(clock() - pool.FRESH_DAYS * 86400)):
            from detector.core.baits import age

            age.warn(baits, clock())
        self._pool_date = baits.date
        off = pool.switched_off(baits, config.without_baits)
        self.baits = {
            names.prefix: Baits(names, baits, off) for names in (self.names, *self.older_names)
        }
        self.recent_views = views or RecentViews()
        self.switch = Switch(config.enabled, config.switch_file)
        self.circuit_breaker = CircuitBreaker(self.count)
        self.state_cookie = StateCookie(self.names, self.tokens, config.level)
        self.rules = modes.rules(config.notice_rules)
        self.tagger = Tagger(
            config, self.names, self.tokens, self.rules, lambda: self.previews, self._is_on
        )
        for wall in sorted(used_modes(config) & set(WALLS)):
            log.warning("detector: " + modes.WALL_WARNING, wall)
        self._start_counting(name)

    def _start_counting(self, name: str) -> None:
        """Create the counters, the limits, and what writes the counts to the store."""
        config, clock = self.config, self.clock
        passed_on = self._watchers()
        self.counters = Counters(name, None, clock, config.pairs, passed_on)
        self.clients = ClientAddresses(config.proxies)
        self.rate_limiter = RateLimiter(clock)
        self.view_rate_limiter = RateLimiter(clock, VIEWS)
        self.deduplication: Deduplication | None = None
        if config.shared_limits:
            # While a secret is being rotated, old and new processes share the oldest.
            from detector.core.limits.deduplication import Deduplication
            from detector.core.limits.shared_rate_limiter import SharedRateLimiter

            secret = (*config.previous_secrets, config.secret)[0]
            self.rate_limiter = SharedRateLimiter(clock, name, secret)
            self.deduplication = Deduplication(self.counters, secret)
        self.flusher: Flusher | None = None
        if config.store:
            store = config.store
            load_driver(store)
            self.flusher = Flusher(
                self.counters,
                lambda: open_store(store),
                config.flush_seconds,
                log,
                claims=self.deduplication,
                rate=self.rate_limiter,
                daily=self._daily,
            )
        self.receiver = ReportReceiver(config, self.clients, self.rate_limiter)
        self.processor = ReportProcessor(
            *(config, self.tokens, self.recent_views, self._count_once),
            *(self.baits, self._hook(name)),
        )
        # Watchers and the hook are called at once; and with a longer interval, queued pages would
        # be counted in the wrong hour.
        watched = bool(passed_on or config.on_verdict)
        soon = self.flusher is not None and config.flush_seconds <= _SOON
        most = MOST if soon and not watched else 1
        self._reports = BatchQueue(self._process, most)
        self._pages = BatchQueue(self._count_page, most)
        self.counters.settle = self._settle

    def _watchers(self) -> tuple[Watcher, ...]:
        """Return what passes counts on to metrics, which few sites have."""
        on = {"prometheus": self.config.prometheus, "opentelemetry": self.config.opentelemetry}
        if not any(on.values()):
            return ()
        from detector.core.counting.watchers import watchers

        return watchers(**on)

    def _hook(self, name: str) -> VerdictHook | None:
        """Return what calls the owner's function for each verdict, which few sites have."""
        if not self.config.on_verdict:
            return None
        from detector.core.counting.verdict_hook import VerdictHook

        return VerdictHook(self.config.on_verdict, name, self.circuit_breaker.caught)

    @cached_property
    def previews(self) -> PreviewLinks:
        """The signed links that show the notice; loaded when somebody follows or makes one."""
        from detector.core.preview_links import PreviewLinks

        return PreviewLinks(self.names, self.tokens, self.config.slots)

    def _daily(self, store: Store, hour: int) -> None:
        """Leave out the baits that fell silent, and annotate a new version or pool."""
        if self.config.rotate_baits:
            from detector.core.baits.rotation import rotate

            rotate(store, self.counters.site, hour, self.config, self.baits.values())
        from detector import __version__
        from detector.core.counting.annotations import add_own

        add_own(store, __version__, self._pool_date, hour * 3600)

    def take_report(self, received: ReceivedReport) -> str:
        """Count a report, at once or in a batch before the next flush.

        Return the state to keep in the visitor's browser, "" for none. Raises Refused only if the
        report is counted at once.
        """
        if self.config.level == "full":
            return self.processor.process(received)
        self._put(self._reports, received)
        return ""

    def placed(self, injector: Injector) -> None:
        """Count a page that is sent with its tag, if somebody sees it; never raises."""
        try:
            if injector.counted:
                action = "page-shared" if injector.shared else "page"
                self._put(self._pages, (action, injector.group))
        except Exception:
            self.circuit_breaker.caught("counting a page")

    def count(self, action: str, state: str = "", **dims: str) -> None:
        """Add one to a counter; it is written within a few seconds, never here.

        A reason that the vocabulary does not know is an error of ours, and counted as one.
        """
        try:
            self.counters.count(action, state, **dims)
        except ValueError:
            if "reason" not in dims:
                raise
            self.circuit_breaker.caught("counting a refusal", in_page=False)
        self._touch()

    def _put(self, queue: BatchQueue[T], what: T) -> None:
        queue.put(what)
        self._touch()

    def _touch(self) -> None:
        if self.flusher:
            self.flusher.touch()

    def _settle(self) -> None:
        """Count the queued events."""
        self._reports.settle()
        self._pages.settle()

    def _process(self, received: ReceivedReport) -> None:
        try:
            self.processor.process(received)
        except Refused as refused:
            self.count("refused", reason=refused.reason)
        except Exception:
            self.circuit_breaker.caught("counting a report", in_page=False)

    def _count_page(self, page: tuple[str, str]) -> None:
        try:
            self.counters.count(page[0], group=as_group(page[1]))
        except Exception:
            self.circuit_breaker.caught("counting a page")

    def _count_once(self, view: tuple[str, int], *counted: Counted) -> None:
        """Count what a view reports, once over all processes if they share limits.

        It is counted in the hour in which the view began.
        """
        if self.deduplication is not None:
            self.deduplication.put(*view, *counted)
        else:
            hour = self.counters.hour_of(view[1])
            for each in counted:
                self.counters.count_in(hour, *each)
        self._touch()

    def simulate_link(self, url: str, mode: str, kind: str = "extension") -> str:
        """Return the address at which a page shows a mode to anyone; see `PreviewLinks`."""
        return self.previews.link(url, mode, kind)

    def _is_on(self) -> bool:
        on = self.switch.is_on() and self.config.level != "off"
        return on and not self.circuit_breaker.is_open()

    def is_idle(self) -> bool:
        """Whether pages with a hand-placed tag are not to be probed."""
        return self.pasted and not self.switch.is_on()

    def pause(self) -> None:
        """Tag no page of this process until `resume`; our own URLs still answer."""
        self.switch.pause()

    def resume(self) -> None:
        """Undo `pause`."""
        self.switch.resume()

    def will_close(self) -> None:
        """Note that `close` will be called at the end."""
        if self.flusher:
            self.flusher.will_close()

    def close(self) -> None:
        """Write the counts and stop the flusher."""
        if self.flusher:
            self.flusher.close()
