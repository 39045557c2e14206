"""Ad blockers by name, real ones and labelled emulations, each in a browser of this machine.

    from playwright.sync_api import sync_playwright
    from detector.testing.blockers import Options, ready, start

    options = Options()              # or filter_lists=("list.txt",), extensions={"mine": "dir"}
    for need in ready(options):      # one for each name
        print(need.blocker.name, need.missing or "ready")
    with sync_playwright() as playwright, start("easylist", playwright, options) as running:
        print(running.blocker.label)           # with the versions and the date of the lists
        page = running.new_page()              # the first page of a fresh visitor
        page.goto("https://staging.example/")
        page.context.close()

`start` yields a `Running`: `blocker` (a `Blocker` with its versions set), `new_context(**options)`
and `new_page(**options)` as Playwright's, `is_block(failure)` for the text of a failed request,
`browser` (Playwright's `Browser`, None if an extension is active in one persistent context only).
It implements what pytest-playwright expects of a browser. One with `driver == "selenium"`
(`content-blocker`, `none-webkit`) has `.webdriver` instead, and no contexts; `playwright` may then
be None. Settings without an option here go to the browser's start: `Options(launch={"args": …})`.

A missing program raises `BrowserMissing` with the command that installs it; a list or an extension
that does not work raises `BlockerError`, and an unknown name `UnknownBlocker`, a ValueError. Only
lists that are named by address are downloaded, and those once.
"""

from detector.testing.blockers.model import Blocker, BlockerError, Options, UnknownBlocker
from detector.testing.blockers.readiness import Need, ready
from detector.testing.blockers.registry import default_names, find, names
from detector.testing.blockers.running import Running
from detector.testing.blockers.start import start
from detector.testing.browsers import BrowserMissing

__all__ = [
    "Blocker",
    "BlockerError",
    "BrowserMissing",
    "Need",
    "Options",
    "Running",
    "UnknownBlocker",
    "default_names",
    "find",
    "names",
    "ready",
    "start",
]
