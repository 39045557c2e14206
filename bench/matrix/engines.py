"""Engines for Chromium: Brave's by the QA kit's own blockers, Ghostery's as a process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.matrix.browsers import Start, Started, kit, running, visitors
from bench.matrix.bundles import FOLDER, MODULES, NotInstalled
from bench.matrix.environment import NotRun
from detector.testing.blockers import Options
from detector.testing.blockers.compiled import KINDS
from detector.testing.blockers.lists import filter_lists
from detector.testing.blockers.routed import stop_requests
from detector.testing.internet import Internet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

# Lists that Debian does not package are expected here, next to the project's folder.
SHARED = FOLDER.parents[2] / "shared" / "lists"
BRAVE_OWN = SHARED / "brave-firstparty.txt"
ENGINES = ("brave-standard", "brave-aggressive", "ghostery")


def packaged() -> list[Path]:
    """Return the lists that come with Debian's uBlock Origin."""
    return [one.path for one in filter_lists(Options())]


def own_title() -> str:
    """Return the title of the list that acts on a site's own URLs in Brave's standard mode."""
    return "its first-party list" if BRAVE_OWN.exists() else "the pool's rules"


def engine(name: str) -> Start:
    """Return a function that starts Chromium with an engine, by its name."""
    return _ghostery if name == "ghostery" else _brave(name)


def _brave(name: str) -> Start:
    def start(playwright: Playwright, net: Internet) -> AbstractContextManager[Started]:
        own = [*map(str, packaged()), str(BRAVE_OWN)] if BRAVE_OWN.exists() else []
        return kit(name, filter_lists=tuple(own))(playwright, net)

    return start


@contextmanager
def _ghostery(playwright: Playwright, net: Internet) -> Iterator[Started]:
    if not (MODULES / "@ghostery").exists():
        raise NotInstalled("Ghostery's engine is missing: start with bench/matrix/run")
    command = ["node", str(FOLDER / "peers" / "ghostery.js"), *map(str, packaged())]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, bufsize=1, cwd=FOLDER
        ) as process,
        running("none", playwright, net) as found,
    ):
        assert process.stdin and process.stdout
        lines, answers = process.stdin, process.stdout
        if answers.readline().strip() != "ready":
            raise NotRun("Ghostery's engine did not start")

        def blocks(url: str, page: str, kind: str) -> bool:
            lines.write(json.dumps({"url": url, "page": page, "type": KINDS.get(kind, kind)}))
            lines.write("\n")
            return answers.readline().strip() == "block"

        found.watch(stop_requests(blocks))
        yield Started(f"{found.blocker.label} + Ghostery's engine", visitors(found))
