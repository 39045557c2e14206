"""A real Apache in front of a site, with an owner's lines in its virtual host."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from detector.testing.machine import free_port, missing, need
from tests.support.deployed import running

_MODULES = Path("/usr/lib/apache2/modules")
_NEEDED = ("mpm_event", "authz_core", "proxy", "proxy_http", "filter", "substitute", "headers")
_CONFIG = """
ServerName news.example
Listen 127.0.0.1:{port}
{modules}
{user}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
Mutex file:{folder}
ErrorLog {folder}/error.log
StartServers 1
ServerLimit 1
ThreadsPerChild 16
MaxRequestWorkers 16
<VirtualHost 127.0.0.1:{port}>
{lines}
ProxyPass / {app}/
</VirtualHost>
"""


@contextmanager
def apache(app: str, lines: str) -> Iterator[int]:
    """Run Apache in front of the site at `app`; yields its port."""
    program = need("apache2")
    for name in _NEEDED:
        if not (_MODULES / f"mod_{name}.so").exists():
            missing(f"Apache's mod_{name} is not on this machine: Debian `apt-get install apache2`")
    with tempfile.TemporaryDirectory(prefix="detector-") as name:
        folder, port = Path(name), free_port()
        # Apache opens its logs as the user that starts it, and then switches to another user.
        folder.chmod(0o777)
        modules = [f"LoadModule {one}_module {_MODULES}/mod_{one}.so" for one in _NEEDED]
        (folder / "apache.conf").write_text(
            _CONFIG.format(
                port=port,
                modules="\n".join(modules),
                user="" if os.geteuid() else "User www-data\nGroup www-data",
                folder=folder,
                lines=lines,
                app=app,
            )
        )
        command = [program, "-f", str(folder / "apache.conf"), "-DFOREGROUND"]
        with running(command, port, folder / "error.log"):
            yield port
