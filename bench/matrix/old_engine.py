"""An old engine, Chromium 87 of 2020: Debian's QtWebEngine 5.15, in a bare window and qutebrowser.

What the scripts use that is newer must be missing quietly: the answer is right or `unknown`, and
the page's console stays empty.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.matrix import conditions as seen
from bench.matrix.browsers import AD_HOSTS, Start, Started
from bench.matrix.engines import packaged
from bench.matrix.environment import (
    CLEAR,
    EXTENSION,
    UNREACHABLE,
    Answer,
    Environment,
    NotRun,
    Read,
    Tab,
)
from bench.matrix.raw import Wire, evaluate
from bench.matrix.waiting import until
from detector.testing.blockers.compiled import adblock
from detector.testing.internet import Internet
from detector.testing.machine import free_port
from detector.testing.webkit import display

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

PYTHON = "/usr/bin/python3"
WINDOW = Path(__file__).with_name("qt_window.py")
PACKAGES = "apt-get install python3-pyqt5.qtwebengine qutebrowser"
VERSION = "Chrome/87."
IS_OLD = f"() => navigator.userAgent.includes('{VERSION}')"
NOTICE = """() => [...document.body.children].some((one) =>
  one.shadowRoot?.querySelector("[part~=card]")?.getBoundingClientRect().height)"""
# What the console reports of a page: messages, uncaught errors, and the browser's own entries.
CONSOLE = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")


class QtTab:
    """The only page of a window; its console is listened to."""

    def __init__(self, wire: Wire) -> None:
        self.page: Any = self
        self._wire = wire
        self._origins: set[str] = set()
        for domain in ("Page", "Runtime", "Log", "Network"):
            wire.send(f"{domain}.enable")

    def goto(self, url: str) -> None:
        """Go to a page; what it loads is not waited for."""
        self._wire.events.clear()
        self._origins.add(url.rstrip("/"))
        self._wire.send("Page.navigate", url=url)
        until(lambda: self.run("() => location.href") == url, 20, f"no page at {url} within 20 s")

    def run(self, function: str, argument: Any = None) -> Any:
        """Run a function in the page."""
        return evaluate(self._wire, function, argument)

    def console(self) -> list[str]:
        """Return what the page's console has shown so far, but for requests that failed."""
        self._wire.send("Runtime.evaluate", expression="0")
        events = [one for one in self._wire.events if one["method"] in CONSOLE]
        return [text for one in events if (text := console_text(one["params"]))]

    def picture(self) -> bytes:
        """Return nothing: without a graphics card this engine never answers for a screenshot."""
        return b""

    def close(self) -> None:
        """Leave the page and delete its visitor's data."""
        self._wire.send("Page.navigate", url="about:blank")
        self._wire.send("Network.clearBrowserCookies")
        self._wire.send("Network.clearBrowserCache")
        for origin in self._origins:
            self._wire.send("Storage.clearDataForOrigin", origin=origin, storageTypes="all")


def console_text(event: Mapping[str, Any]) -> str:
    """Return the text of an event of the console; empty for what a browser says of a request."""
    if entry := event.get("entry"):
        return "" if entry["source"] == "network" else str(entry["text"])
    if details := event.get("exceptionDetails"):
        return str(details.get("exception", {}).get("description") or details["text"])
    return " ".join(str(one.get("value", one.get("description"))) for one in event["args"])


def window(kind: str) -> Start:
    """Return a function that starts a bare `window`, or `qutebrowser` with the packaged lists."""
    return partial(_window, kind=kind)


@contextmanager
def _window(playwright: Playwright, net: Internet, *, kind: str) -> Iterator[Started]:
    if not Path(PYTHON).exists() or not shutil.which("qutebrowser"):
        raise NotRun(f"QtWebEngine 5.15 is not installed: {PACKAGES}")
    port = free_port()
    with (
        display() as screen,
        tempfile.TemporaryDirectory(prefix="qt-", ignore_cleanup_errors=True) as folder,
        ExitStack() as stack,
    ):
        flags = ["--ignore-certificate-errors", "--no-sandbox", "--disable-gpu"]
        flags.append(f"--proxy-server={net.proxy_url}")
        env = {
            **os.environ,
            "DISPLAY": screen,
            "QT_QPA_PLATFORM": "xcb",
            "XDG_RUNTIME_DIR": folder,
            "QTWEBENGINE_REMOTE_DEBUGGING": f"127.0.0.1:{port}",
            "QTWEBENGINE_CHROMIUM_FLAGS": " ".join(flags),
        }
        command = [PYTHON, str(WINDOW)]
        if kind == "qutebrowser":
            command = _qutebrowser(Path(folder), net)
            env["PYTHONPATH"] = folder
        quiet = subprocess.DEVNULL
        process = stack.enter_context(
            subprocess.Popen(command, env=env, stdout=quiet, stderr=quiet)
        )
        stack.callback(process.terminate)
        wire = Wire(until(lambda: _page(port), 30, f"{kind} opened no page within 30 s"))
        tab = QtTab(wire)
        label = "Chromium 87 (QtWebEngine 5.15)" + (" + qutebrowser" if kind != "window" else "")
        yield Started(label, lambda options: tab)


def _page(port: int) -> str:
    """Return the debugger's address of the first page, or nothing yet."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=2) as answer:
            found = json.load(answer)
    except OSError:
        return ""
    return next((str(one["webSocketDebuggerUrl"]) for one in found if one["type"] == "page"), "")


def _qutebrowser(folder: Path, net: Internet) -> list[str]:
    """Return the command of qutebrowser with its blocker on the packaged lists.

    Debian packages it without the engine; ours is the same package.
    """
    module = Path(str(adblock().__file__)).parent
    (folder / module.name).symlink_to(module)
    settings = {
        "content.blocking.method": "adblock",
        "content.blocking.adblock.lists": json.dumps([path.as_uri() for path in packaged()]),
        "content.proxy": net.proxy_url,
        "content.tls.certificate_errors": "load-insecurely",
        "tabs.last_close": "ignore",
    }
    pairs = [part for name, value in settings.items() for part in ("-s", name, value)]
    return ["qutebrowser", "--temp-basedir", *pairs, "about:blank", ":adblock-update"]


def quiet(tab: Tab, url: str, read: Read) -> Answer:
    """Visit as most people do; whatever the console shows makes the answer wrong."""
    tab.goto(url)
    answer = read(tab)
    if answer["state"] in ("true", "false"):
        return answer
    return _silent(tab) or answer


def _silent(tab: Tab) -> Answer:
    """Return an answer that is wrong if the console has shown anything, else an empty one."""
    said = [text[:200] for text in tab.page.console()]
    return {"state": "console", "kind": None, "why": said[0]} if said else {}


def asked(tab: Tab, url: str, read: Read) -> Answer:
    """Visit, and look whether the notice shows, as it does on the demo from the first view on."""
    answer = quiet(tab, url, read)
    if answer["state"] != "blocked":
        return answer
    try:
        until(lambda: tab.run(NOTICE), 10, "no notice")
    except NotRun as error:
        return {**answer, "state": str(error)}
    return _silent(tab) or answer


def old_rows() -> list[Environment]:
    """Return the rows of the old engine: clean, without ads, and under a real blocker."""
    unknown = ("unknown", None)
    row = partial(Environment, group="clean", browser="chromium 87", visit=quiet)
    old = seen.script(IS_OLD)
    return [
        row(
            "clean, old engine",
            wanted=(CLEAR,),
            how="Chromium 87, all its ads arrive",
            holds=seen.every(old, seen.ads_arrive),
        ),
        row(
            "third parties down, old engine",
            wanted=(unknown,),
            how="Chromium 87, no host but the site answers",
            holds=seen.every(old, seen.third_parties_fail),
            faults=lambda net: net.third_parties_down(),
        ),
        row(
            "ad hosts fail, old engine",
            group="unreachable",
            wanted=(UNREACHABLE,),
            how="Chromium 87, no tunnel to them",
            holds=seen.every(old, seen.ads_answer(0)),
            faults=lambda net: net.dead(AD_HOSTS),
            real=False,
        ),
        row(
            "qutebrowser",
            group="blocked",
            browser="chromium 87, qutebrowser",
            wanted=(EXTENSION,),
            how="its own blocker with the packaged lists, Chromium 87; the notice shows",
            visit=asked,
            holds=seen.every(old, seen.ads_stopped),
        ),
    ]
