"""A visitor's own filters in the real uBlock Origin, as its dashboard saves them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from detector.testing.blockers import Running
from detector.testing.power_button import PowerButton

_SAVE = """async (content) => {
  const say = (message) => vAPI.messaging.send("dashboard", message);
  await say({ what: "writeUserFilters", content, enabled: true });
  await say({ what: "reloadAllFilters" });
}"""


class _Dashboard(PowerButton):
    def save(self, filters: str) -> None:
        with self._opened() as page:
            page.evaluate(_SAVE, filters)


@contextmanager
def own_filters(running: Running, *lines: str) -> Iterator[None]:
    """Add lines to a running uBlock Origin's own filters, and remove all of them at the end."""
    assert running.browser is not None
    dashboard = _Dashboard(running.browser)
    dashboard.save("\n".join(lines))
    try:
        yield
    finally:
        dashboard.save("")
