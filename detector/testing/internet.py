"""A closed internet for tests: every host is answered on the loopback address, none outside it.

Filter lists switch parts of themselves off on localhost, so a test under a blocker needs real host
names; and without a network every third party fails, which must never count as "blocked".
"""

from __future__ import annotations

import tempfile
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Self
from wsgiref.types import WSGIApplication

from detector.testing import adhosts, hosting
from detector.testing.messages import Answer, Handler, Request, RequestLog
from detector.testing.proxy import Proxy
from detector.testing.tls import Authority

# Hosts that browsers contact by themselves: answered at once with a 404.
BACKGROUND = (
    *("mozilla.org", "mozilla.com", "mozilla.net", "firefox.com", "mozgcp.net"),
    *("google.com", "googleapis.com", "gstatic.com", "gvt1.com", "gvt2.com", "chromium.org"),
)


class Internet:
    """The test internet, for use in a `with` block; all its methods are thread-safe.

    A host is a name without port; `"*.news.example"` means every name under it. A host that was not
    set up does not resolve. Faults apply from the next request on and are removed by `reset()`.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="test-internet-")
        self._authority = Authority(Path(self._folder.name))
        self._hosts: dict[str, Handler] = {}
        self._sites: set[str] = set()
        self._lock = threading.Lock()
        self._log = RequestLog()
        self._proxy = Proxy(self._authority, self._reachable, self._answer)
        self._thread = threading.Thread(target=self._proxy.serve_forever, args=(0.05,), daemon=True)
        self._faults: dict[str, Callable[[Request], Answer | None]] = {}
        self._delays: dict[str, float] = {}
        self._cuts: dict[str, Callable[[Request], bool]] = {}
        self._device: tuple[Callable[[Request], bool], Callable[[], Answer | None]] | None = None
        self._third_parties_down = False
        # Set when delays are to end early: at a reset and at the end of the test internet.
        self._wake = threading.Event()
        self.errors: list[str] = []
        for host, handler in adhosts.HOSTS.items():
            self.answer(host, handler)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._wake.set()
        self._proxy.stop()
        self._thread.join()
        self._folder.cleanup()

    @property
    def proxy_url(self) -> str:
        """The address that browsers use as their proxy for http and https."""
        return self._proxy.url

    @property
    def ca_pem_path(self) -> Path:
        """The certificate of the throw-away authority, for clients that check certificates."""
        return self._authority.pem_path

    # Hosts

    def site(self, host: str, app: WSGIApplication) -> None:
        """Serve a WSGI app under a host, over https and http."""
        self._set(host, hosting.wsgi_host(app), site=True)

    def forward(self, host: str, address: str, port: int) -> None:
        """Serve under a host what a server on this machine answers."""
        self._set(host, hosting.forwarding_host(address, port), site=True)

    def answer(self, host: str, handler: Handler) -> None:
        """Answer for a third-party host with a function from a `Request` to an `Answer`."""
        self._set(host, handler, site=False)

    def _set(self, host: str, handler: Handler, *, site: bool) -> None:
        with self._lock:
            self._hosts[host] = handler
            (self._sites.add if site else self._sites.discard)(host)

    # Faults

    def dead(self, hosts: str | Iterable[str]) -> None:
        """Simulate a DNS blocker for hosts: no connection, no answer."""
        self._fault(hosts, lambda request: None)

    def third_parties_down(self) -> None:
        """Disconnect all hosts except the sites."""
        with self._lock:
            self._third_parties_down = True

    def slow(self, hosts: str | Iterable[str], seconds: float) -> None:
        """Delay the answers of hosts by some seconds."""
        with self._lock:
            self._delays |= dict.fromkeys(_names(hosts), seconds)

    def hold(self, hosts: str | Iterable[str], status: int) -> Callable[[], None]:
        """Hold answers of hosts, a bare status, until the returned function is called."""
        released = threading.Event()

        def fault(request: Request) -> Answer:
            released.wait(60)
            return Answer(status=status)

        self._fault(hosts, fault)
        return released.set

    def status(self, hosts: str | Iterable[str], status: int) -> None:
        """Answer for hosts with a status and no body."""
        self._fault(hosts, lambda request: Answer(status=status))

    def empty(self, hosts: str | Iterable[str]) -> None:
        """Answer for hosts with 200 and an empty body, as some filtering proxies do."""
        self._fault(hosts, lambda request: Answer(type=None))

    def cut(self, host: str, takes: Callable[[Request], bool]) -> None:
        """Close the connection without an answer for a host's requests that match.

        The host's handler is not called. To a page it looks like a blocker.
        """
        with self._lock:
            self._cuts[host] = takes

    def device(self, stops: Callable[[Request], bool], answer: Callable[[], Answer | None]) -> None:
        """Answer matching requests to any host in its place, as a proxy that filters by URL does.

        `answer` returns None for a connection that is closed without an answer.
        """
        with self._lock:
            self._device = stops, answer

    def reset(self) -> None:
        """Remove all faults and release waiting answers; the log stays."""
        with self._lock:
            self._faults.clear()
            self._delays.clear()
            self._cuts.clear()
            self._device = None
            self._third_parties_down = False
            self._wake.set()
            self._wake = threading.Event()

    def _fault(self, hosts: str | Iterable[str], fault: Callable[[Request], Answer | None]) -> None:
        with self._lock:
            self._faults |= dict.fromkeys(_names(hosts), fault)

    # The log

    @property
    def requests(self) -> list[Request]:
        """All requests since the last `clear_log()`, in order, including tunnels to dead hosts."""
        return self._log.all()

    def seen(
        self, host: str | None = None, path_contains: str = "", method: str | None = None
    ) -> list[Request]:
        """Return the requests so far that match."""
        return [
            request
            for request in self._log.all()
            if (host is None or request.host == host)
            and path_contains in request.path
            and (method is None or request.method == method)
        ]

    def wait_for(self, predicate: Callable[[Request], bool], timeout: float = 10) -> Request:
        """Return the first logged request that matches, waiting up to `timeout` seconds for it."""
        return self._log.wait_for(predicate, timeout)

    def last_requests(self, count: int = 60) -> str:
        """Return the last requests as text, a line each: seconds, status, method and address."""
        return self._log.last(count)

    def clear_log(self) -> None:
        """Delete the requests and the handlers' errors so far."""
        self._log.clear()
        self.errors.clear()

    # Called by the proxy

    def _reachable(self, host: str) -> bool:
        request = Request(host, "CONNECT", "")
        with self._lock:
            fault, _, handler = self._find(host)
        if handler is not None and not (fault and fault(request) is None):
            return True
        self._log.set_status(self._log.add(request), 0)
        return False

    def _answer(self, request: Request) -> Answer | None:
        with self._lock:
            fault, delay, handler = self._find(request.host)
            takes = self._cuts.get(request.host)
            device = self._device
            wake = self._wake
        number = self._log.add(request)
        if delay:
            wake.wait(delay)
        if device and device[0](request):
            answer = device[1]()
        else:
            cut = takes is not None and takes(request)
            answer = None if cut else self._made(fault or handler, request)
        self._log.set_status(number, answer.status if answer else 0)
        return answer

    def _made(
        self, handler: Callable[[Request], Answer | None] | None, request: Request
    ) -> Answer | None:
        try:
            answer = handler(request) if handler else None
        except Exception:
            self.errors.append(traceback.format_exc())
            return Answer("the handler of this host failed", status=500)
        if answer is not None and not isinstance(answer.body, (bytes, str)):
            answer.body = self._noting(answer.body)
        return answer

    def _noting(self, body: Iterable[bytes]) -> Iterator[bytes]:
        try:
            yield from body
        except Exception:
            self.errors.append(traceback.format_exc())
            raise

    def _find(
        self, host: str
    ) -> tuple[Callable[[Request], Answer | None] | None, float, Handler | None]:
        key = _match(host, self._hosts)
        handler = self._hosts[key] if key else None
        if handler is None and any(host == b or host.endswith("." + b) for b in BACKGROUND):
            handler = _nothing
        faulty = _match(host, self._faults)
        fault = self._faults[faulty] if faulty else None
        if self._third_parties_down and key not in self._sites:
            fault = _down
        slow = _match(host, self._delays)
        return fault, self._delays[slow] if slow else 0, handler


def _names(hosts: str | Iterable[str]) -> list[str]:
    return [hosts] if isinstance(hosts, str) else list(hosts)


def _match(host: str, names: Iterable[str]) -> str | None:
    known = set(names)
    if host in known:
        return host
    labels = host.split(".")
    for first in range(1, len(labels)):
        if (name := ".".join(["*", *labels[first:]])) in known:
            return name
    return None


def _nothing(request: Request) -> Answer:
    return Answer(status=404)


def _down(request: Request) -> Answer | None:
    return None
