"""Chromium over its own protocol, for what Playwright prevents: hidden tabs and prerendering.

Playwright makes every tab visible, and no page is prerendered while a debugger is attached.
"""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench.matrix.browsers import Started
from bench.matrix.environment import HIDDEN, Answer, NotRun, Read, Tab
from bench.matrix.reading import unseen
from bench.matrix.waiting import until
from detector.testing.blockers import Options
from detector.testing.blockers.chromium import arguments
from detector.testing.browsers import CHROMIUM
from detector.testing.internet import Internet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

# Starts prerendering the page, and goes there once the page reports that scripts could run.
BEFORE = """<!doctype html><title>Before</title><link rel="icon" href="data:,">
<script>localStorage.removeItem("ready")</script>
<script type="speculationrules">{"prerender":[{"urls":["/"],"eagerness":"immediate"}]}</script>
<script>(function look() {
  if (localStorage.ready) location.assign("/"); else setTimeout(look, 20);
})()</script>"""
# Frames of other sites, and with them the load event, wait until the page is shown. The detector is
# ready when it answers, another one when it has loaded; their immediate requests are sent
# before the request after that.
READY = """<script>if (document.prerendering) (async function look() {
  const ours = !document.dispatchEvent(new CustomEvent("ads:ask", { cancelable: true }));
  const other = performance.getEntriesByName(location.origin + "/files/own.js").length;
  if (!ours && !other) return void setTimeout(look, 20);
  await (await fetch("/files/before", { cache: "no-store" })).text();
  localStorage.ready = 1;
})()</script>"""
WHERE = "() => location.href"
SEEN = "() => document.visibilityState"


class Wire:
    """One connection of the protocol: a command and its result."""

    def __init__(self, url: str) -> None:
        import websocket

        self._socket = websocket.create_connection(url, suppress_origin=True, timeout=60)
        self._numbers = itertools.count(1)
        # What was received between commands and their results.
        self.events: list[dict[str, Any]] = []

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(command))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                result: dict[str, Any] = answer.get("result", {})
                return result
            self.events.append(answer)


def evaluate(wire: Wire, function: str, argument: Any = None) -> Any:
    """Run a function in a page; raise Playwright's error, as its own tabs do."""
    code = f"({function})({json.dumps(argument)})"
    options = {"awaitPromise": True, "returnByValue": True}
    answer = wire.send("Runtime.evaluate", expression=code, **options)
    if failed := answer.get("exceptionDetails"):
        from playwright.sync_api import Error

        # The row has failed, and the others continue.
        raise Error(failed["text"])
    return answer.get("result", {}).get("value")


class RawTab:
    """A tab without an attached debugger until its page is used."""

    def __init__(self, browser: Wire, address: str) -> None:
        self.page: Any = self
        self._browser = browser
        self._address = address
        self._target = ""
        self._wire: Wire | None = None

    def open(self, url: str, *, behind: bool = False) -> None:
        """Open a tab, in front of or behind the others."""
        found = self._browser.send("Target.createTarget", url=url, background=behind)
        self._target = found["targetId"]

    def goal(self) -> str:
        """Return the tab's current or pending address, without attaching to it."""
        found = self._browser.send("Target.getTargets")["targetInfos"]
        return next((str(one["url"]) for one in found if one["targetId"] == self._target), "")

    def goto(self, url: str) -> None:
        """Open a page in front of the others."""
        self.open(url)

    def show(self) -> None:
        """Bring the tab to the front."""
        self._browser.send("Target.activateTarget", targetId=self._target)

    def run(self, function: str, argument: Any = None) -> Any:
        """Run a function in the page."""
        if self._wire is None:
            self._wire = Wire(f"{self._address}/devtools/page/{self._target}")
        return evaluate(self._wire, function, argument)

    def picture(self) -> bytes:
        """Capture a screenshot."""
        assert self._wire
        return base64.b64decode(self._wire.send("Page.captureScreenshot", format="jpeg")["data"])

    def close(self) -> None:
        """Close the tab."""
        self._browser.send("Target.closeTarget", targetId=self._target)
        if self._wire:
            self._wire.close()


@contextmanager
def raw_chromium(playwright: Playwright | None, net: Internet) -> Iterator[Started]:
    """Start Chromium behind the test internet without Playwright."""
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        ours = arguments(Options(net=net, hide_automation=False))
        command = [CHROMIUM.find(), *ours, "--headless=new", "about:blank"]
        command.append("--remote-debugging-port=0")
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
                browser.close()
            finally:
                process.terminate()


def _address(file: Path) -> tuple[str, str]:
    def look() -> list[str] | None:
        lines = file.read_text().splitlines() if file.exists() else []
        return lines if len(lines) > 1 else None

    port, path = until(look, 30, "Chromium did not start within 30 s") or ("", "")
    return port, path


def hidden(tab: Tab, url: str, read: Read) -> Answer:
    """Load the page behind another tab, then show it."""
    raw: RawTab = tab.page
    # A new tab in front: if the previous one was just closed, there may be none yet.
    raw.open("about:blank")
    raw.open(url, behind=True)
    until(lambda: raw.run(WHERE) == url, 20, "Chromium opened no tab in the background within 20 s")
    until(lambda: raw.run(SEEN) == "hidden", 10, "a tab in the background counts as visible here")
    before = unseen(tab)
    raw.show()
    return _after(before, read(tab))


def prerendered(tab: Tab, url: str, read: Read) -> Answer:
    """Prerender the page, and go there seconds later."""
    raw: RawTab = tab.page
    parts = urlsplit(url)
    raw.open(f"{parts.scheme}://{parts.netloc}/files/before")
    until(lambda: raw.goal() == url, 20, "Chromium prerendered no page within 20 s")
    until(lambda: raw.run(WHERE) == url, 20, "Chromium did not show the prerendered page in 20 s")
    came = raw.run("() => performance.getEntriesByType('navigation')[0].activationStart")
    if not came:
        raise NotRun("this Chromium reloaded the page instead of showing the prerendered one")
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
