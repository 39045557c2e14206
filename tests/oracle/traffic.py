"""Random visitors of random sites: sends their requests, and notes each as a fact."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from tests.oracle.facts import (
    BaitArrival,
    Bootstrap,
    Fact,
    Flush,
    Join,
    Options,
    Page,
    Sent,
    Told,
    Who,
)
from tests.oracle.reports import ACTIONS, FLAWS, TEST, acted, body_of, verdict
from tests.oracle.visitors import AGENTS, Process, Time, View

CACHES = ("private", "no-store", "public, max-age=60")
HOUR, DAY = 3600, 86_400


class Traffic:
    """The visitors of one run; `start` makes a new process of a site."""

    def __init__(
        self,
        dice: Random,
        options: Options,
        time: Time,
        groups: int,
        start: Callable[[str], Process],
        in_batches: bool,
    ) -> None:
        self.dice, self.options, self.time = dice, options, time
        self.facts: list[Fact] = []
        self._groups = [f"/g/{number}" for number in range(groups)]
        self._start = start
        self.in_batches = in_batches
        self.processes: list[Process] = []
        self._open: dict[str, list[View]] = {}
        self._sent: list[tuple[Sent, bytes, str]] = []
        self._clients = 0
        self._path = ""

    def begin(self, sites: tuple[str, ...]) -> None:
        """Start the processes of each site."""
        self.processes = [self._start(name) for name in sites]

    def visits(self, count: int) -> None:
        """Send some visitors, a few seconds after each other."""
        for _ in range(count):
            self.wait(self.dice.choice((0, 0, 0, 1, 1, 2)))
            self.visit(self.dice.choice(self.processes))

    def each_site(self) -> None:
        """Send a visitor to each site, whose page is certainly counted."""
        for process in {each.name: each for each in self.processes}.values():
            self.visit(process, Who("firefox", "desktop"))

    def wait(self, seconds: int) -> None:
        """Move the time on; processes that count in batches write each minute, and before an hour
        ends."""
        later = self.time.now + seconds
        if self.in_batches and (seconds >= 60 or later // HOUR != self.time.now // HOUR):
            self.flush_all()
        self.time.now += seconds

    def visit(self, process: Process, who: Who | None = None) -> View:
        """Open a page, and do what its script does."""
        dice = self.dice
        who = who or dice.choice(list(AGENTS))
        who = replace(who, objects=not who.bot and dice.random() < 0.1)
        group, cache, client = dice.choice(self._groups), dice.choice(CACHES), self._client()
        # A page that a shared cache may keep cannot be a member's.
        member = not who.bot and cache in CACHES[:2] and dice.random() < 0.1
        number = f"{dice.randrange(10**16):016}{dice.randrange(10_000):04}"
        view = process.open(number, group, who, client, cache, member)
        self._note(Page, process, group=group, cache=cache, who=who)
        assert bool(view.page_token) is not (who.bot and cache in CACHES[:2]), (who, cache)
        if not view.page_token or dice.random() < 0.08:
            return view  # no tag, or a script that was never heard of
        foreign = dice.random() < 0.02
        for _ in range(2 if dice.random() < 0.05 else 1):
            process.ask(view, client, foreign=foreign)
            asked = {"view": number, "group": group, "who": who, "member": member}
            self._note(Bootstrap, process, **asked, foreign=foreign)
        if view.token:
            self._look(process, view, client)
        return view

    def _look(self, process: Process, view: View, client: str) -> None:
        """Load some baits of a view, then report what was found, or leave first."""
        dice = self.dice
        gone = set(view.urls) if dice.random() < 0.4 else set[int]()
        for number in view.urls:
            if number not in gone and dice.random() < 0.5:
                process.load(view, number, client)
                self._note(BaitArrival, process, view=view.view, number=number)
        if not (view.reports or self._path):
            return
        self._open.setdefault(process.name, []).append(view)
        if dice.random() < 0.1:
            return
        sender = self._other(process)
        self._report(sender, view, verdict(dice, view), client)
        if dice.random() < 0.4:
            for action in dice.sample((*ACTIONS, *TEST), dice.randrange(1, 4)):
                self._report(self._other(sender), view, acted(dice, action), client)
        if dice.random() < 0.15:
            self._again(sender)

    def _report(self, process: Process, view: View, told: Told, client: str) -> None:
        """Send a report, sometimes with a flaw, sometimes as a robot."""
        dice = self.dice
        left = 86_700 - (int(process.clock()) - view.began)
        if self.in_batches and 0 <= left < 120:
            return  # may expire while it waits in its batch
        # Where nothing is counted the page knows no address; all others have the same.
        self._path = path = view.reports or self._path
        # A report with two things wrong may be refused for either.
        flaw = dice.choice(FLAWS) if dice.random() < 0.08 and not view.who.objects else ""
        who = Who(bot=True) if not flaw and dice.random() < 0.02 else view.who
        body, extra = body_of(view, told, flaw)
        process.post(path, body, who, client, extra)
        fact = Sent(
            *self._when(process),
            view=view.view,
            group=view.group,
            who=who,
            client=client,
            began=view.began,
            told=told,
            flaw=flaw,
            baits=view.baits,
        )
        self.facts.append(fact)
        if not flaw and not who.bot:
            self._sent.append((fact, body, path))

    def _again(self, process: Process) -> None:
        """Send an old report again, to any process of its site, or with another verdict."""
        fact, body, path = self.dice.choice(self._sent[-400:])
        if fact.site != process.name:
            return
        told = fact.told
        if not told.action and self.dice.random() < 0.5:
            # A verdict that was revised later: the first one stands.
            told = replace(
                told, state="unreachable", kind="network", failed=(), recovered="", session=""
            )
            fields = json.loads(body)
            fields |= {"s": "unreachable", "i": "network", "f": [], "r": "", "w": ""}
            body = json.dumps(fields).encode()
        self._resend(self._other(process), replace(fact, told=told), body, path)

    def _resend(self, process: Process, fact: Sent, body: bytes, path: str) -> None:
        client = self._client()
        process.post(path, body, fact.who, client, {})
        at, number, _ = self._when(process)
        self.facts.append(replace(fact, at=at, process=number, client=client))

    def flood(self) -> None:
        """Send many reports of one client at once, each of its own view."""
        dice = self.dice
        process, client = dice.choice(self.processes), self._client()
        views = [view for view in self._open.get(process.name, ()) if not view.who.objects]
        for view in views[-60:]:
            self._report(process, view, acted(dice, dice.choice(ACTIONS)), client)
            if dice.random() < 0.1:
                self.wait(1)

    def return_later(self) -> None:
        """Act on the notice of pages that are still open, or send a late verdict from them."""
        dice = self.dice
        for process in self.processes:
            views = self._open.get(process.name, [])
            for view in dice.sample(views, min(6, len(views))):
                late = dice.random() < 0.3
                told = verdict(dice, view) if late else acted(dice, "allowed")
                self._report(process, view, told, self._client())
            self._open[process.name] = views[-80:]

    def flush(self, process: Process) -> None:
        """Write what a process has counted."""
        process.flush()
        self._note(Flush, process)

    def flush_all(self) -> None:
        """Write everything, in any order; counts in memory stay there."""
        if not self.processes[0].site.flusher:
            return
        for process in self.dice.sample(self.processes, len(self.processes)):
            self.flush(process)

    def restart(self) -> None:
        """Replace a process by a new one, which knows nothing of the views before."""
        at = self.dice.randrange(len(self.processes))
        old = self.processes[at]
        old.close()
        self._note(Flush, old)
        self.processes[at] = self._start(old.name)

    def wrong_clock(self) -> None:
        """Set a process days ahead for a while; everything else is written before and after."""
        self.each_site()
        self.flush_all()
        process = self.dice.choice(self.processes)
        process.clock.ahead = self.dice.randrange(2 * DAY, 400 * DAY)
        for _ in range(3):
            self._apart(process)
        self.flush(process)
        process.clock.ahead = 0
        self._apart(process)
        self.flush(process)

    def _apart(self, process: Process) -> None:
        """Send a visitor to whose page nobody returns."""
        kept = self.processes, dict(self._open), list(self._sent)
        self.processes = [process]
        self._open = {}
        self.visit(process)
        self.processes, self._open, self._sent = kept

    def joined(self) -> None:
        """Note that the store was compacted."""
        self._note(Join, self.processes[0])

    def _other(self, process: Process) -> Process:
        """Return some process of the same site."""
        same = [each for each in self.processes if each.name == process.name]
        return self.dice.choice(same) if self.dice.random() < 0.3 else process

    def _client(self) -> str:
        self._clients += 1
        first, rest = divmod(self._clients, 65_536)
        return f"{20 + first}.{rest % 7}.{rest // 256}.{rest % 256}"

    def _when(self, process: Process) -> tuple[int, int, str]:
        return int(process.clock()), process.number, process.name

    def _note(self, kind: Callable[..., Fact], process: Process, **more: Any) -> None:
        self.facts.append(kind(*self._when(process), **more))
