"""Starts examples/wordpress with its one command: WordPress, MariaDB, PHP and nginx."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from detector.testing.machine import free_port, missing
from tests.support.root import ROOT
from tests.support.servers import Missing, program, until
from tests.support.serving import FIREFOX, ask, detector

START = ROOT / "examples/wordpress/start"
SHARED = Path("/usr/share/wordpress/wp-load.php")
PACKAGES = "wordpress php-fpm php-mysql mariadb-server nginx"
PATIENCE = 180.0  # a busy machine; it takes 13 seconds
ARTICLE = "/harbour/night-ferry/"
_LOAD = "require $argv[1] . '/wp-load.php'; $given = json_decode($argv[2], true); "
_TAG = re.compile(r'<script data-\w{3}="([^"]+)" [^>]*src="(/[^"]+\.js)"')
_NOTICE = re.compile(r'<div class="notice notice-(error|success)"><p>(.*?)</p></div>')
_NONCE = re.compile(r'name="_wpnonce" value="(\w+)"')


class Answer(NamedTuple):
    """A response: its status, its headers by their names in lower case, and its text."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def tags(self) -> int:
        """Return how many tags the page has."""
        return len(_TAG.findall(self.text))


class WordPress:
    """The newspaper on WordPress; use it in a `with` block, which stops it and deletes it.

    `address` is a further address of the site, such as https://news.example.
    """

    def __init__(self, address: str = "") -> None:
        _need_servers()
        # A short path for its sockets, which the user www-data can enter.
        self.folder = Path(tempfile.mkdtemp(prefix="detector-"))
        self.folder.chmod(0o755)
        self.port, self.serve_port = free_port(), free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.www = self.folder / "site/www"
        self.store = self.folder / "detector.sqlite"
        self._log = (self.folder / "log").open("wb")
        env = {name: value for name, value in os.environ.items() if "DETECTOR" not in name}
        env |= {"INSTANCE": str(self.folder), "SERVE_PORT": str(self.serve_port)}
        env |= {"ADDRESS": address, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [START, "--port", str(self.port)], env=env, stdout=self._log, stderr=self._log
        )

    def __enter__(self) -> Self:
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self.process.poll() is None:
                self.stop()
        finally:
            self._log.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self) -> None:
        def answers() -> bool:
            assert self.process.poll() is None, self.said()
            try:
                found = self.get("/").status, ask(self.serve_port, "/healthz", "")[0]
            except OSError:
                return False
            return found == (200, 200)

        until(answers, "the start of WordPress", PATIENCE)

    def stop(self) -> None:
        """Stop it as an owner does; the detector writes its counts."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.said()

    def said(self) -> str:
        """Return what it has printed."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def errors(self) -> str:
        """Return the lines of PHP's log that are more than its start and end."""
        lines = (self.folder / "site/php.log").read_text("utf-8", "replace").splitlines()
        return "\n".join(line for line in lines if "NOTICE:" not in line)

    def get(self, path: str, cookies: str = "", port: int = 0, host: str = "") -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None, cookies, port, host)

    def post(
        self, path: str, fields: dict[str, str], cookies: str = "", port: int = 0, host: str = ""
    ) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode(fields), cookies, port, host)

    def _ask(
        self, method: str, path: str, body: str | None, cookies: str, port: int = 0, host: str = ""
    ) -> Answer:
        connection = HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        headers = {"Host": host or self.host, "User-Agent": FIREFOX, "Cookie": cookies}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            got = connection.getresponse()
            given: dict[str, str] = {}
            for name, value in got.getheaders():
                earlier = given.get(name.lower())
                given[name.lower()] = value if earlier is None else f"{earlier}\n{value}"
            return Answer(got.status, given, got.read().decode("utf-8", "replace"))
        finally:
            connection.close()

    def password(self, name: str) -> str:
        """Return the password of the editor or the reader."""
        lines = (self.folder / "passwords").read_text().splitlines()
        return {line.split()[0]: line.split()[1] for line in lines}[name]

    def log_in(self, name: str, port: int = 0, host: str = "") -> str:
        """Log a user in, and return the cookies."""
        fields = {"log": name, "pwd": self.password(name), "wp-submit": "Log In"}
        cookie = "wordpress_test_cookie=WP%20Cookie%20check"
        got = self.post("/wp-login.php", fields, cookie, port, host)
        assert got.status == 302, got.text
        jar: SimpleCookie = SimpleCookie()
        for line in got.headers["set-cookie"].splitlines():
            jar.load(line)
        return "; ".join(f"{name}={morsel.coded_value}" for name, morsel in jar.items())

    def php(self, code: str, *given: object) -> Any:
        """Run PHP in WordPress with `$given`; return what the code returns, through JSON."""
        return self.run(
            f"{_LOAD} echo json_encode((function () use ($given) {{ {code} }})());", self.www, given
        )

    def run(self, code: str, www: Path, given: object) -> Any:
        """Run PHP as the site's user, with a folder and JSON; return the JSON that it prints."""
        owner = (self.folder / "site").owner()
        user = ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--clear-groups"]
        command = ["php", "-d", "display_errors=stderr", "-r", code, str(www), json.dumps(given)]
        done = subprocess.run(
            [*(user if os.geteuid() == 0 else []), *command], capture_output=True, text=True
        )
        assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr
        return json.loads(done.stdout)

    def set(self, **settings: object) -> None:
        """Change settings of the plugin, without its form."""
        self.php(
            "return update_option('adblock_detector', $given[0] + get_option('adblock_detector'))"
            " || delete_transient('adblock_detector_away');",
            settings,
        )

    def settings(self) -> dict[str, Any]:
        """Return the settings of the plugin."""
        found: dict[str, Any] = self.php("return get_option('adblock_detector');")
        return found

    def folder_name(self) -> str:
        """Return the path of the detector's folder."""
        return str(json.loads(self.settings()["key"])["folder"])

    def write(self, path: str, text: str) -> Path:
        """Write a file below WordPress' folder, and return its path."""
        file = self.www / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def test_it(self, cookies: str, port: int = 0, host: str = "", below: str = "") -> list[str]:
        """Press "Test it" on the settings page; return its messages.

        `below` is the path of a site of a network.
        """
        address = f"{below}/wp-admin/options-general.php?page=adblock-detector"
        page = self.get(address, cookies, port, host)
        assert page.status == 200, page
        nonce = _NONCE.findall(page.text)[-1]
        fields = {"_wpnonce": nonce, "adblock_detector_test": "Test it"}
        answer = self.post(address, fields, cookies, port, host)
        return [html.unescape(text) for _, text in _NOTICE.findall(answer.text)]

    def key(self, config: Path, name: str) -> str:
        """Return the site key of a site in another file."""
        command = detector("serve", "--config", str(config), "--print-tag", name)
        done = subprocess.run(
            [*command, "--for", "wordpress"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


def _need_servers() -> None:
    folders = [Path("/usr/sbin"), Path("/usr/local/sbin")]
    try:
        for name in ("nginx", "mariadbd", "mariadb-install-db", "php"):
            program(name, PACKAGES, folders)
        found = [file for folder in folders for file in folder.glob("php-fpm*")]
        for file in (SHARED, found[0] if found else folders[0] / "php-fpm"):
            if not file.exists():
                raise Missing(f"{file} is missing: scripts/setup installs it (Debian: {PACKAGES})")
    except Missing as error:
        missing(error)


def tag_of(page: str) -> tuple[str, str]:
    """Return the address and the token of a page's one tag."""
    ((token, src),) = _TAG.findall(page)
    return src, token
