"""WebKitGTK's MiniBrowser behind the test internet, with or without a content blocker's rules."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from detector.testing.browsers import MINIBROWSER, WEBKIT_DRIVER, XVFB
from detector.testing.contentrules import Rule
from detector.testing.internet import Internet
from detector.testing.machine import free_port

if TYPE_CHECKING:
    from selenium.webdriver.webkitgtk.webdriver import WebDriver

START_SECONDS = 30


@contextmanager
def display() -> Iterator[str]:
    """Run an X server without a screen on a free display and yield its name, such as `:7`."""
    reader, writer = os.pipe()
    command = [XVFB.find(), "-displayfd", str(writer), "-screen", "0", "1280x900x24"]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, pass_fds=[writer], stdout=quiet, stderr=quiet)
    os.close(writer)
    with _ended(server), os.fdopen(reader) as pipe:
        number = pipe.readline().strip()
        if not number:
            raise RuntimeError("Xvfb ended before it had a display; run it by hand to see why")
        yield f":{number}"


@contextmanager
def start_webkit(
    net: Internet | None,
    rules: Sequence[Rule] | None = None,
    *,
    page_load_strategy: str = "normal",
) -> Iterator[WebDriver]:
    """Start MiniBrowser and yield its Selenium driver; `rules` as from `content_rules`.

    With the strategy `none` the driver's `get` returns before the page even exists. The one in
    between, `eager`, never returns in WebKitGTK 2.50.
    """
    with display() as screen, _home() as folder:
        # The capability `proxy` would make it speak TLS to the proxy itself.
        command = [MINIBROWSER.find(), "--automation"]
        if net is not None:
            command.append(f"--proxy={net.proxy_url}")
        if rules is not None:
            path = Path(folder) / "rules.json"
            path.write_text(json.dumps(list(rules)), encoding="utf-8")
            command.append(f"--content-filter={path}")
        target = f"127.0.0.1:{free_port()}"
        # Its own home: no compiled rules or storage of an earlier run are found.
        homes = {f"XDG_{kind}_HOME": f"{folder}/{kind}" for kind in ("CACHE", "DATA", "CONFIG")}
        env = {**os.environ, **homes, "DISPLAY": screen, "GDK_BACKEND": "x11"}
        env["WEBKIT_INSPECTOR_SERVER"] = target
        quiet = subprocess.DEVNULL
        with _ended(subprocess.Popen(command, env=env, stdout=quiet, stderr=quiet)) as browser:
            driver = _driver(target, browser, page_load_strategy, strict=net is None)
            try:
                driver.set_page_load_timeout(30)
                driver.set_script_timeout(30)
                yield driver
            finally:
                driver.quit()


def _home() -> tempfile.TemporaryDirectory[str]:
    # Its helper processes may still write caches after the browser itself has ended.
    return tempfile.TemporaryDirectory(prefix="webkit-", ignore_cleanup_errors=True)


def _driver(
    target: str, browser: subprocess.Popen[bytes], strategy: str, *, strict: bool
) -> WebDriver:
    """Return a driver for a running browser, which has no window until its rules are compiled."""
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver import WebKitGTKOptions
    from selenium.webdriver.webkitgtk.service import Service
    from selenium.webdriver.webkitgtk.webdriver import WebDriver

    options = WebKitGTKOptions()
    options.accept_insecure_certs = not strict
    options.page_load_strategy = strategy
    deadline = time.monotonic() + START_SECONDS
    while True:
        service = Service(WEBKIT_DRIVER.find(), service_args=[f"--target={target}"])
        try:
            with warnings.catch_warnings():
                # Selenium's own constructor warns about an argument that it passes itself.
                warnings.simplefilter("ignore", DeprecationWarning)
                return WebDriver(options=options, service=service)
        except WebDriverException as error:
            service.stop()
            if browser.poll() is not None:
                raise RuntimeError(f"MiniBrowser ended with status {browser.returncode}") from error
            if time.monotonic() > deadline:
                raise


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
