"""The QA kit: a list's first and second start as a ratio, and what one blocker adds to a page.

python -m bench.blockers
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from detector.testing.blockers import Options, Running, start
from detector.testing.blockers.compiled import compiled
from detector.testing.blockers.lists import filter_lists
from detector.testing.driver import guard_driver
from detector.testing.internet import Internet

WANTED_RATIO = 5
WANTED_SECONDS = 3
LOADS = 5
HOST = "bench.example"
PAGE = """<!doctype html><title>Page</title><h1>Page</h1><div class="adSlot">x</div>
<script src="https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js"></script>"""


def seconds(what: Callable[[], object]) -> float:
    """Return how long a call takes."""
    begin = time.perf_counter()
    what()
    return time.perf_counter() - begin


def load(running: Running) -> float:
    """Return the median load time of a new visitor's page."""
    times: list[float] = []
    for _ in range(LOADS):
        page = running.new_page()
        times.append(seconds(lambda page=page: page.goto(f"https://{HOST}/")))  # type: ignore[misc]
        page.context.close()
    return statistics.median(times)


def main() -> int:
    """Print both figures and whether they meet the budgets."""
    from playwright.sync_api import sync_playwright

    from detector.testing.messages import Answer

    guard_driver()
    with tempfile.TemporaryDirectory() as folder:
        lists = filter_lists(Options())
        first = seconds(lambda: compiled(lists, Path(folder)))
        second = min(seconds(lambda: compiled(lists, Path(folder))) for _ in range(3))
        ratio = first / second
        print(f"lists: first start {first:.2f} s, second {second:.2f} s, {ratio:.1f} times faster")
        with Internet() as net, sync_playwright() as playwright:
            net.answer(HOST, lambda request: Answer(PAGE, "text/html"))
            options = Options(net=net, cache=Path(folder))
            took: dict[str, float] = {}
            for name in ("none", "easylist", "brave-standard", "dns"):
                with start(name, playwright, options) as running:
                    took[name] = load(running)
        more = {name: took[name] - took["none"] for name in took if name != "none"}
    for name, extra in more.items():
        print(f"{name}: {extra:+.2f} s beyond the page's own {took['none']:.2f} s")
    good = ratio >= WANTED_RATIO and max(more.values()) <= WANTED_SECONDS
    print(
        f"wanted: at least {WANTED_RATIO} times, at most {WANTED_SECONDS} s: "
        f"{'yes' if good else 'NO'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
