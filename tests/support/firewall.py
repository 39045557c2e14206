"""A real Apache with ModSecurity and the OWASP Core Rule Set, as a proxy in front of a site."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from detector.testing.machine import free_port, missing, need
from tests.support.deployed import running

_MODULES = Path("/usr/lib/apache2/modules")
_RECOMMENDED = Path("/etc/modsecurity/modsecurity.conf-recommended")
_SETUP = Path("/etc/modsecurity/crs/crs-setup.conf")
_RULES = Path("/usr/share/modsecurity-crs/rules")
_NEEDED = ("mpm_event", "authz_core", "unique_id", "security2", "proxy", "proxy_http")
_CONFIG = """
ServerName news.example
Listen 127.0.0.1:{port}
{modules}
{user}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
Mutex file:{folder}
ErrorLog {log}
StartServers 1
ServerLimit 1
ThreadsPerChild 16
MaxRequestWorkers 16
ProxyPreserveHost On
ProxyPass / {app}/
Include {folder}/modsecurity.conf
Include {setup}
SecAction "id:900000,phase:1,nolog,pass,t:none,setvar:tx.paranoia_level={paranoia}"
{before}
Include {rules}/*.conf
{after}
"""
_HIT = re.compile(r'\[id "(\d+)"\].*?\[msg "([^"]*)".*?\[uri "([^"]*)"\]')
# The rules that sum up the score of a request or response: they match nothing themselves.
_SUMS = ("949110", "959100", "980130", "980140")


@dataclass(frozen=True, slots=True)
class Firewall:
    """A firewall that listens on `port` and refuses requests by its rules."""

    port: int
    log: Path

    @property
    def hits(self) -> list[tuple[str, str, str]]:
        """Return each rule that has matched so far: its number, its message, and the path."""
        found = _HIT.findall(self.log.read_text("utf-8", "replace"))
        return [hit for hit in found if hit[0] not in _SUMS]


@contextmanager
def firewall(app: str, paranoia: int, before: str = "", after: str = "") -> Iterator[Firewall]:
    """Run Apache with the rule set in blocking mode in front of the site at `app`.

    `before` and `after` are configuration lines of the owner before and after the rules.
    """
    program = need("apache2")
    for path in (*map(_module, _NEEDED), _RECOMMENDED, _SETUP, _RULES):
        if not path.exists():
            missing(
                f"{path} is not on this machine. Install it: Debian "
                "`apt-get install libapache2-mod-security2 modsecurity-crs`"
            )
    with tempfile.TemporaryDirectory(prefix="detector-") as name:
        folder, port = Path(name), free_port()
        # Apache opens its logs as the user that starts it, and then switches to another user.
        folder.chmod(0o777)
        log = folder / "error.log"
        (folder / "modsecurity.conf").write_text(_recommended(folder))
        (folder / "apache.conf").write_text(
            _CONFIG.format(
                port=port,
                modules="\n".join(f"LoadModule {one}_module {_module(one)}" for one in _NEEDED),
                user="" if os.geteuid() else "User www-data\nGroup www-data",
                folder=folder,
                log=log,
                app=app,
                setup=_SETUP,
                paranoia=paranoia,
                before=before,
                rules=_RULES,
                after=after,
            )
        )
        command = [program, "-f", str(folder / "apache.conf"), "-DFOREGROUND"]
        with running(command, port, log):
            yield Firewall(port, log)


def _module(name: str) -> Path:
    return _MODULES / f"mod_{name}.so"


def _recommended(folder: Path) -> str:
    """Return ModSecurity's recommended configuration, switched on and with its own log files."""
    lines = _RECOMMENDED.read_text()
    for option, value in {
        "SecRuleEngine": "On",
        "SecAuditLog": folder / "audit.log",
        "SecTmpDir": folder,
        "SecDataDir": folder,
        "SecUnicodeMapFile": f"{_RECOMMENDED.parent}/unicode.mapping 20127",
    }.items():
        lines = re.sub(rf"(?m)^{option} .*$", f"{option} {value}", lines)
    return lines
