"""Chromium over its own protocol, for what Playwright prevents: hidden tabs and prerendering.

Playwright tells every tab that it is seen, and no page is prerendered while anybody is attached.
"""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench.matrix.browsers import Started
from bench.matrix.environment import HIDDEN, Answer, NotRun, Read, Tab
from bench.matrix.reading import at_once
from detector.qa.browsers import CHROMIUM, chromium_args
from detector.qa.internet import Internet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

# Starts a prerendering of the page, and goes there when the server has said that it came.
BEFORE = """<!doctype html><title>Before</title><link rel="icon" href="data:,">
<script type="speculationrules">{"prerender":[{"urls":["/"],"eagerness":"immediate"}]}</script>
<script>setTimeout(() => location.assign("/"), 4000)</script>"""


class Wire:
    """One connection of the protocol: a command, its answer."""

    def __init__(self, url: str) -> None:
        import websocket

        self._socket = websocket.create_connection(url, suppress_origin=True, timeout=60)
        self._numbers = itertools.count(1)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and give its result."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(command))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                result: dict[str, Any] = answer.get("result", {})
                return result


class RawTab:
    """A tab that nobody is attached to until its page is asked for something."""

    def __init__(self, browser: Wire, address: str) -> None:
        self.page: Any = self
        self._browser = browser
        self._address = address
        self._target = ""
        self._wire: Wire | None = None

    def open(self, url: str, *, behind: bool = False) -> None:
        """Open a tab, before or behind the others."""
        found = self._browser.send("Target.createTarget", url=url, background=behind)
        self._target = found["targetId"]

    def goto(self, url: str) -> None:
        """Open a page before the others."""
        self.open(url)

    def show(self) -> None:
        """Bring the tab to the front."""
        self._browser.send("Target.activateTarget", targetId=self._target)

    def run(self, function: str, argument: Any = None) -> Any:
        """Run a function in the page."""
        if self._wire is None:
            self._wire = Wire(f"{self._address}/devtools/page/{self._target}")
        code = f"({function})({json.dumps(argument)})"
        options = {"awaitPromise": True, "returnByValue": True}
        answer = self._wire.send("Runtime.evaluate", expression=code, **options)
        return answer.get("result", {}).get("value")

    def picture(self) -> bytes:
        """Take a screenshot."""
        assert self._wire
        return base64.b64decode(self._wire.send("Page.captureScreenshot", format="jpeg")["data"])

    def close(self) -> None:
        """Close the tab."""
        self._browser.send("Target.closeTarget", targetId=self._target)


@contextmanager
def raw_chromium(playwright: Playwright, net: Internet) -> Iterator[Started]:
    """Start Chromium behind the test internet without Playwright."""
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        command = [CHROMIUM.find(), *chromium_args(), "--headless=new", "about:blank"]
        command += ["--ignore-certificate-errors", "--remote-debugging-port=0"]
        command += [f"--user-data-dir={folder}", f"--proxy-server={net.proxy_url}"]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
            try:
                port, path = _address(Path(folder) / "DevToolsActivePort")
                address = f"ws://127.0.0.1:{port}"
                browser = Wire(address + path)
                version = browser.send("Browser.getVersion")["product"].partition("/")[2]

                def tab(options: Mapping[str, Any]) -> Tab:
                    return RawTab(browser, address)

                yield Started(f"Chromium {version}", tab)
            finally:
                process.terminate()


def _address(file: Path) -> tuple[str, str]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if file.exists() and len(lines := file.read_text().splitlines()) > 1:
            return lines[0], lines[1]
        time.sleep(0.05)
    raise NotRun("Chromium did not start within 30 s")


def hidden(tab: Tab, url: str, read: Read) -> Answer:
    """Load the page behind another tab, then look at it."""
    raw: RawTab = tab.page
    raw.open(url, behind=True)
    time.sleep(1.5)
    if raw.run("() => document.visibilityState") != "hidden":
        raise NotRun("a tab in the background counts as visible here")
    before = at_once(tab)["state"]
    raw.show()
    return _after(before, read(tab))


def prerendered(tab: Tab, url: str, read: Read) -> Answer:
    """Let the browser prerender the page, and go there seconds later."""
    raw: RawTab = tab.page
    parts = urlsplit(url)
    raw.open(f"{parts.scheme}://{parts.netloc}/files/before")
    time.sleep(6)
    came = raw.run("() => performance.getEntriesByType('navigation')[0].activationStart")
    if not came:
        raise NotRun("this Chromium loaded the page anew instead of showing the prerendered one")
    asked = raw.run(
        "(came) => performance.getEntriesByType('resource')"
        ".some((one) => /\\.json\\?v=/.test(one.name) && one.startTime < came)",
        came,
    )
    return _after("too early" if asked else "none", read(tab))


def _after(before: str, answer: Answer) -> Answer:
    if answer["state"] in ("true", "false"):
        return answer
    return {**answer, "state": before + HIDDEN.removeprefix("none") + answer["state"]}
