"""Waits until a blocker is active: it loads its lists after its start, blocking nothing before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from detector.testing.blockers.loopback import serve
from detector.testing.blockers.model import BlockerError
from detector.testing.blockers.running import Running
from detector.testing.internet import Internet
from detector.testing.messages import Answer, Request

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOST = "ready.example"
SECONDS = 60
_HTML = "text/html; charset=utf-8"
_PAGE = '<!doctype html><title>Ready?</title><div class="adSlot">Is this hidden?</div>'
# Both ways of blocking, and a twin that no list matches: true only when all three are as expected.
_CHECK = """async () => {
  const asks = (path) => fetch(path, { cache: "no-store" }).then((r) => r.ok, () => false);
  const hidden = getComputedStyle(document.querySelector(".adSlot")).display === "none";
  const [bait, control] = [await asks("/x/site-728x90.png"), await asks("/x/site-731x93.png")];
  return control && !bait && hidden;
}"""

# What any blocker does some of: blocks a site's own bait or an ad host, or hides an element.
_ANY = """async () => {
  const asks = (url) => fetch(url, { cache: "no-store", mode: "no-cors" })
    .then(() => true, () => false);
  if (!(await asks("/x/site-731x93.png"))) return false;
  if (getComputedStyle(document.querySelector(".adSlot")).display === "none") return true;
  const baits = ["/x/site-728x90.png", "https://ib.adnxs.com/ttj", "https://ad.doubleclick.net/x"];
  return (await Promise.all(baits.map(asks))).includes(false);
}"""


def wait_until_any(new_page: Callable[[], Page], label: str) -> None:
    """Return once an extension acts on anything that blockers act on; raise `BlockerError`.

    Every request of the page is answered in the browser, behind the extension: nothing is sent.
    """
    page = new_page()
    try:
        page.route("**/*", lambda route: route.fulfill(body=_PAGE, content_type=_HTML))
        deadline = time.monotonic() + SECONDS
        while True:
            page.goto(f"https://{HOST}/")
            if page.evaluate(_ANY):
                return
            if time.monotonic() > deadline:
                raise BlockerError(
                    f"{label} blocked no bait and no ad host, and hid no element, within "
                    f"{SECONDS} s of its start; is it a blocker, and active without a click?"
                )
    finally:
        page.unroute_all(behavior="ignoreErrors")
        page.close()


def wait_until_acting(
    running: Running, net: Internet | None, check: str = _CHECK, others: Sequence[str] = ()
) -> None:
    """Return once a blocker acts on requests and on elements, or as another `check` has it.

    Without a test internet its browser must resolve `HOST` and the `others`, which are answered
    too, to this machine.
    """
    with _asked(net, others) as url:
        page = running.new_page()
        try:
            deadline = time.monotonic() + SECONDS
            while True:
                page.goto(url)
                if page.evaluate(check):
                    return
                if time.monotonic() > deadline:
                    raise BlockerError(
                        f"{running.blocker.label} blocked nothing within {SECONDS} s of its start; "
                        "is the extension active?"
                    )
        finally:
            page.context.close()


@contextmanager
def _asked(net: Internet | None, others: Sequence[str]) -> Iterator[str]:
    if net is not None:
        for host in (HOST, *others):
            net.answer(host, _answer)
        yield f"https://{HOST}/"
        return
    with serve({"/": (_HTML, _PAGE.encode())}) as port:
        yield f"http://{HOST}:{port}/"


def _answer(request: Request) -> Answer:
    return Answer(_PAGE, _HTML) if request.path == "/" else Answer(status=200, type=None)
