"""A network namespace with a real resolver, for browsers that resolve names themselves."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.matrix.environment import NotRun
from bench.matrix.gateway import Gateway
from bench.matrix.waiting import until
from detector.testing.internet import Internet

NAME = "matrix-resolver"
# The address of every host, and one where nothing listens.
INSIDE = "10.77.0.1"
NOBODY = "10.77.0.2"
# One of the page's own ad hosts: if this resolves, so do the page's requests.
AD_HOST = "securepubads.g.doubleclick.net"
CLONE_NEWNET = 0x40000000


@contextmanager
def resolving(net: Internet, hosts: Iterable[str], answer: str) -> Iterator[str]:
    """Yield a command prefix with which `hosts` resolve to `answer`, or not at all if empty."""
    for program in ("ip", "dnsmasq"):
        if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
            raise NotRun(f"{program} is not installed: apt-get install iproute2 dnsmasq-base")
    made = subprocess.run(["ip", "netns", "add", NAME], capture_output=True, text=True)
    if made.returncode:
        raise NotRun(f"network namespaces are not allowed here: {made.stderr.strip()}")
    config = Path("/etc/netns") / NAME
    inside = ["ip", "netns", "exec", NAME]
    try:
        config.mkdir(parents=True, exist_ok=True)
        (config / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        (config / "nsswitch.conf").write_text("hosts: files dns\n")
        for command in (
            ["ip", "link", "set", "lo", "up"],
            ["ip", "addr", "add", f"{INSIDE}/32", "dev", "lo"],
            ["ip", "addr", "add", f"{NOBODY}/32", "dev", "lo"],
        ):
            subprocess.run([*inside, *command], check=True)
        gateway = Gateway(net, _listen_inside())
        rules = [f"--address=/#/{INSIDE}"]
        rules += [f"--address=/{h}/{answer}" if answer else f"--local=/{h}/" for h in hosts]
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write("\n".join(rule.removeprefix("--") for rule in rules) + "\n")
            file.flush()
            options = ["--keep-in-foreground", "--no-resolv", "--no-hosts", "--bind-interfaces"]
            options += ["--listen-address=127.0.0.1", f"--conf-file={file.name}", "--user=root"]
            with subprocess.Popen([*inside, "dnsmasq", *options]) as resolver:
                try:
                    _wait(inside, AD_HOST, answer)
                    yield " ".join(inside)
                finally:
                    resolver.terminate()
                    gateway.close()
    finally:
        subprocess.run(["ip", "netns", "del", NAME], capture_output=True)
        shutil.rmtree(config, ignore_errors=True)
        with suppress(OSError):
            config.parent.rmdir()


def _listen_inside() -> socket.socket:
    """Open a socket that listens in the namespace, while this process stays outside."""
    made: list[socket.socket | OSError] = []

    def enter() -> None:
        try:
            with open(f"/run/netns/{NAME}", "rb") as handle:
                libc = ctypes.CDLL(None, use_errno=True)
                if libc.setns(handle.fileno(), CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns failed")
            made.append(socket.create_server((INSIDE, 443), backlog=128))
        except OSError as error:
            made.append(error)

    # Only the thread enters the namespace, and it ends.
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise NotRun(f"no socket in a network namespace: {made[0]}")
    return made[0]


def _resolved(inside: list[str], host: str) -> str:
    """Return the first address that a host resolves to in the namespace, or nothing."""
    made = subprocess.run([*inside, "getent", "ahostsv4", host], capture_output=True, text=True)
    return (made.stdout.split() or [""])[0]


def _wait(inside: list[str], blocked: str, answer: str) -> None:
    def answers() -> bool:
        return _resolved(inside, "news.example") == INSIDE

    until(answers, 10, "dnsmasq did not answer within 10 s")
    if (found := _resolved(inside, blocked)) != answer:
        raise NotRun(f"dnsmasq answers {found or 'nothing'} for {blocked}, wanted {answer or '-'}")
