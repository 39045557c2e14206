"""WebKitGTK's MiniBrowser behind the test internet, with or without a content blocker's rules."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from detector.qa import adhosts, ublock
from detector.qa.browsers import MINIBROWSER, WEBKIT_DRIVER, XVFB
from detector.qa.contentrules import Rule, content_rules
from detector.qa.internet import Internet
from detector.qa.profiles import PROFILES, Profile

if TYPE_CHECKING:
    from selenium.webdriver.webkitgtk.webdriver import WebDriver


@contextmanager
def display() -> Iterator[str]:
    """Run an X server without a screen on a free display and give its name, as `:7`."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        [XVFB.find(), "-displayfd", str(writer), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError("Xvfb ended before it had a display; run it by hand to see why")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def start_webkit(net: Internet, rules: Sequence[Rule] | None = None) -> Iterator[WebDriver]:
    """Start MiniBrowser and give its Selenium driver; `rules` as `easylist_rules()` makes them."""
    from selenium.webdriver import WebKitGTKOptions
    from selenium.webdriver.common.proxy import Proxy, ProxyType
    from selenium.webdriver.webkitgtk.service import Service
    from selenium.webdriver.webkitgtk.webdriver import WebDriver

    program, driver_program = MINIBROWSER.find(), WEBKIT_DRIVER.find()
    with display() as screen, tempfile.TemporaryDirectory(prefix="webkit-") as folder:
        options = WebKitGTKOptions()
        options.binary_location = program
        options.add_argument("--automation")
        if rules is not None:
            path = Path(folder) / "rules.json"
            path.write_text(json.dumps(list(rules)), encoding="utf-8")
            options.add_argument(f"--content-filter={path}")
        options.accept_insecure_certs = True
        address = urlsplit(net.proxy_url).netloc
        options.proxy = Proxy(
            {"proxyType": ProxyType.MANUAL, "httpProxy": address, "sslProxy": address}
        )
        # A home of its own: neither compiled rules nor storage of an earlier run are found again.
        homes = {f"XDG_{kind}_HOME": f"{folder}/{kind}" for kind in ("CACHE", "DATA", "CONFIG")}
        env = {**os.environ, **homes, "DISPLAY": screen, "GDK_BACKEND": "x11"}
        service = Service(executable_path=driver_program, env=env)
        driver = WebDriver(options=options, service=service)
        try:
            driver.set_page_load_timeout(30)
            driver.set_script_timeout(30)
            yield driver
        finally:
            driver.quit()


def easylist_rules() -> list[Rule]:
    """Return content rules from the EasyList inside Debian's uBlock Origin package."""
    text = ublock.Package.required().list_path("easylist").read_text(encoding="utf-8")
    return content_rules(text.splitlines(), hosts=adhosts.HOSTS)


def webkit_profile(driver: WebDriver, *, blocked: bool) -> Profile:
    """Return the profile of a started driver with its versions filled in."""
    profile = PROFILES["content-blocker" if blocked else "none-webkit"]
    version = str(driver.capabilities.get("browserVersion") or "")
    date = ublock.Package.required().list_date if blocked else None
    return replace(profile, browser_version=version or None, list_date=date)
