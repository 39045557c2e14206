"""The circuit breaker: how many errors stop tagging, and for how long."""

from __future__ import annotations

import logging

import pytest

from detector.core.circuit_breaker import CircuitBreaker
from detector.core.html.injector import Injector
from detector.core.site import Site
from detector.wsgi import DetectorMiddleware
from tests.conftest import Clock
from tests.support.calls import call_wsgi
from tests.support.forks import in_child
from tests.wsgi.conftest import PAGE, page

MINUTE = 60
YEAR = 365 * 24 * 60 * MINUTE


class Counted:
    """A circuit breaker with a clock moved by hand, and its counts."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.counts: list[str] = []
        self.guard = CircuitBreaker(self.counts.append, clock)

    def fail(self, times: int = 1, every: float = 0.0, *, in_page: bool = True) -> None:
        """Fail this many times, each followed by `every` seconds."""
        for _ in range(times):
            try:
                raise RuntimeError("ours")
            except RuntimeError:
                self.guard.caught("a test", in_page=in_page)
            self.clock.now += every


@pytest.fixture
def counted() -> Counted:
    """Return a circuit breaker; its clock begins as on a machine that was just started."""
    return Counted(Clock(5.0))


def test_ten_within_ten_minutes_open(counted: Counted) -> None:
    """Nine errors change nothing, the tenth within ten minutes opens the circuit."""
    counted.fail(9, every=MINUTE)
    assert not counted.guard.is_open()
    counted.fail()
    assert counted.guard.is_open()
    assert counted.counts == ["error"] * 10


def test_errors_decay(counted: Counted) -> None:
    """Any number of errors, but never ten within ten minutes, does not stop tagging."""
    counted.fail(50, every=MINUTE + 8)
    counted.fail(10, every=YEAR / 10)
    assert not counted.guard.is_open()


def test_the_window_is_ten_minutes(counted: Counted) -> None:
    """The first of ten errors counts if it was exactly ten minutes ago, and no longer."""
    counted.fail(9)
    counted.clock.now += 10 * MINUTE
    counted.fail()
    assert counted.guard.is_open()
    late = Counted(Clock(5.0))
    late.fail()
    late.clock.now += 10 * MINUTE + 1
    late.fail(9)
    assert not late.guard.is_open()


def test_old_errors_hide_no_new_ones(counted: Counted) -> None:
    """However many errors there were before, ten within ten minutes open the circuit."""
    counted.fail(50, every=MINUTE + 8)
    counted.fail(10)
    assert counted.guard.is_open()


def test_a_machine_that_was_just_started_is_no_trial() -> None:
    """One error in the first second of the clock does not open the circuit."""
    early = Counted(Clock(0.0))
    early.fail()
    assert not early.guard.is_open()


def test_opening_is_logged_once(counted: Counted, caplog: pytest.LogCaptureFixture) -> None:
    """Errors of pages that began before the circuit opened log nothing more."""
    counted.fail(15)
    told = "detector: 10 errors within 10 minutes: pages are left alone for as long"
    assert [record.getMessage() for record in caplog.records][1:] == [told]


def test_logs_one_a_minute(counted: Counted, caplog: pytest.LogCaptureFixture) -> None:
    """An error is logged with its place and its traceback, and then none for a minute."""
    caplog.set_level(logging.WARNING, "detector")
    for wait in (0.0, 59.5, 0.5):
        counted.clock.now += wait
        counted.fail()
        counted.fail(in_page=False)
    logged = [record for record in caplog.records if record.name == "detector"]
    told = "detector: an error in a test was kept from the page"
    assert [record.getMessage() for record in logged] == [told, told]
    assert all(record.exc_info for record in logged)


def test_errors_of_our_own_urls_open_nothing(counted: Counted) -> None:
    """Where no page is changed, no number of errors opens the circuit."""
    counted.fail(50, in_page=False)
    assert not counted.guard.is_open()


def test_tries_again_after_ten_minutes(counted: Counted) -> None:
    """The circuit stays open for ten minutes, whatever else fails, and then pages are tagged."""
    counted.fail(10)
    counted.clock.now += 9 * MINUTE
    assert counted.guard.is_open()
    counted.fail(20)
    counted.clock.now += MINUTE - 1
    assert counted.guard.is_open()
    counted.clock.now += 1
    assert not counted.guard.is_open()


def test_one_more_error_opens_again(counted: Counted) -> None:
    """While it is half-open one error opens it again, each time."""
    counted.fail(10)
    for wait in (10, 10, 300):
        counted.clock.now += wait * MINUTE
        assert not counted.guard.is_open()
        counted.clock.now += 9 * MINUTE
        counted.fail()
        assert counted.guard.is_open()


def test_ten_good_minutes_close_it(counted: Counted) -> None:
    """After ten minutes without an error it takes ten errors again to open."""
    counted.fail(10)
    counted.clock.now += 60 * MINUTE
    assert not counted.guard.is_open()
    counted.clock.now += 10 * MINUTE
    counted.fail(9)
    assert not counted.guard.is_open()
    counted.fail()
    assert counted.guard.is_open()


def test_the_log_tells(counted: Counted, caplog: pytest.LogCaptureFixture) -> None:
    """Opening and closing are logged once each."""
    with caplog.at_level(logging.INFO, "detector"):
        counted.fail(15)
        for _ in range(3):
            assert counted.guard.is_open()
        opened = [r.getMessage() for r in caplog.records if "left alone" in r.getMessage()]
        assert opened == ["detector: 10 errors within 10 minutes: pages are left alone for as long"]
        caplog.clear()
        counted.clock.now += 10 * MINUTE
        for _ in range(3):
            assert not counted.guard.is_open()
        assert [(r.levelno, r.getMessage()) for r in caplog.records] == [
            (
                logging.WARNING,
                "detector: pages are tagged again; one error within 10 minutes ends it",
            )
        ]
        caplog.clear()
        counted.fail(5)
        opened = [r.getMessage() for r in caplog.records if "left alone" in r.getMessage()]
        assert opened == ["detector: another error: pages are left alone for 10 minutes"]


def test_pages_get_their_tag_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are tagged again without a restart once the errors stop."""
    clock = Clock(5.0)
    site.circuit_breaker = CircuitBreaker(site.count, clock)
    app = DetectorMiddleware(page(), site=site)
    assert call_wsgi(app).body != PAGE
    with monkeypatch.context() as broken:
        broken.setattr(Injector, "feed", lambda *a: 1 / 0)
        for _ in range(10):
            call_wsgi(app)
    untouched = call_wsgi(app).body
    assert untouched == PAGE
    clock.now += 10 * MINUTE
    assert call_wsgi(app).body != untouched


def test_a_child_goes_on_where_its_parent_was(counted: Counted) -> None:
    """A fork while another thread counts an error blocks no process; errors before it count."""
    counted.fail(9)

    def opens() -> bool:
        counted.fail()
        return counted.guard.is_open()

    assert in_child(counted.guard._lock, opens)
    assert not counted.guard.is_open()
