"""Guesses of the password are limited, without shutting out the owner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from detector.dashboard.guesses import Gatekeeper, Guesses
from detector.dashboard.password import Password
from tests.dashboard.conftest import PASSWORD

ONE = "192.0.2.1"


class Clock:
    """A clock that is advanced by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.now += seconds


def test_budget_of_a_client() -> None:
    """Five guesses of a client, then one a minute, are checked without a delay."""
    clock = Clock()
    guesses = Guesses(clock)
    assert [guesses.turn("one") for _ in range(5)] == [(0.0, 0)] * 5
    assert guesses.turn("one").retry == 61
    assert guesses.turn("two") == (0.0, 0)
    clock.now += 61
    assert guesses.turn("one") == (0.0, 0)
    assert guesses.turn("one").retry > 0


def test_budget_of_all_clients() -> None:
    """All clients together have fifty guesses, however many addresses there are."""
    guesses = Guesses(Clock())
    assert sum(guesses.turn(f"client {at}").retry == 0 for at in range(200)) == 50


def test_owner_behind_the_address_of_a_stranger(quick: str) -> None:
    """While an attacker guesses each second from the owner's address, the owner can sign in."""
    clock = Clock()
    door = Gatekeeper(Password(quick), Guesses(clock), clock.sleep)
    signed_in = 0
    for second in range(600):
        clock.now = max(clock.now, 2000.0 + second)
        assert not door.check(ONE, "wrong password").right
        if second % 60 == 59:
            began = clock.now
            signed_in += door.check(ONE, PASSWORD).right
            assert clock.now - began <= Guesses.SLOW
    assert signed_in == 10


def test_owner_under_guesses_from_everywhere(quick: str) -> None:
    """While a new address guesses each second, the owner can sign in."""
    clock = Clock()
    door = Gatekeeper(Password(quick), Guesses(clock), clock.sleep)
    for second in range(600):
        clock.now = max(clock.now, 2000.0 + second)
        door.check(f"2001:db8::{second}", "wrong password")
    began = clock.now
    assert door.check(ONE, PASSWORD).right
    assert clock.now - began <= Guesses.SLOW


def test_flood_is_checked_slowly(quick: str) -> None:
    """Above the budget at most two guesses a second are checked."""
    clock = Clock()
    door = Gatekeeper(Password(quick), Guesses(clock), lambda _: None)
    found = []
    for _ in range(1000):
        clock.now += 0.01
        found.append(door.check(ONE, "wrong password"))
    checked = sum(one.checked for one in found)
    assert Guesses.CLIENT + 20 <= checked <= Guesses.CLIENT + 22
    assert all(one.retry > 0 for one in found[Guesses.CLIENT :])


def test_guesses_leave_threads_free(quick: str) -> None:
    """Two guesses are checked at a time; a third is rejected instead of blocking a thread."""
    entered, go = Event(), Event()

    class Slow(Password):
        def fits(self, password: str) -> bool:
            entered.set()
            assert go.wait(30)
            return super().fits(password)

    door = Gatekeeper(Slow(quick))
    with ThreadPoolExecutor(3) as threads:
        held = []
        for name in ("one", "two"):
            entered.clear()
            held.append(threads.submit(door.check, name, PASSWORD))
            assert entered.wait(30)
        assert door.check("three", PASSWORD) == (False, False, 1)
        go.set()
        assert all(one.result(30).right for one in held)
    assert door.check("three", PASSWORD).right
