"""A blocker stands in one record: its name, what starts it, and what it needs."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from detector.testing.blockers import Options, UnknownBlocker, find, names, ready, registry, start
from detector.testing.blockers.model import ENGINES, Blocker, BlockerError
from detector.testing.blockers.readiness import PROGRAMS
from detector.testing.blockers.registry import REGISTRY, Registered, records
from detector.testing.blockers.running import Running


@pytest.mark.parametrize("found", REGISTRY, ids=lambda found: found.blocker.name)
def test_every_blocker_has_a_starter(found: Registered) -> None:
    """Each blocker's starter takes the blocker, Playwright and the options."""
    inspect.signature(found.start).bind(found.blocker, None, Options())
    if found.needs:
        inspect.signature(found.needs).bind(found.blocker, Options())
    assert found.blocker.engine in ENGINES and found.blocker.engine in PROGRAMS
    assert found.blocker.expected_state


def test_names_are_given_once(tmp_path: Path) -> None:
    """No two blockers have the same name, where the user has added none."""
    assert len(records(Options(cache=tmp_path))) == len(REGISTRY)


@pytest.mark.parametrize(
    "found", [one for one in REGISTRY if one.blocker.lists], ids=lambda found: found.blocker.name
)
def test_what_reads_lists_needs_them(found: Registered) -> None:
    """A blocker made of filter lists is not ready where a named list is not there."""
    options = Options(filter_lists=("no-such-list.txt",))
    if found.blocker.name == "tracking-protection":  # its hosts are the kit's own
        assert found.needs is None
        return
    assert found.needs
    with pytest.raises(BlockerError, match=r"--filter-list no-such-list\.txt: is not there"):
        found.needs(found.blocker, options)


def test_a_record_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new record is found by its name, told with what it lacks, and started."""
    blocker = Blocker("invented", "an invention", "chromium", False)
    given: list[Any] = []

    @contextmanager
    def starts(*all_of_it: Any) -> Iterator[Running]:
        given.extend(all_of_it)
        yield Running(blocker)

    def lacks(_: Blocker, options: Options) -> None:
        raise BlockerError("an invention is missing")

    monkeypatch.setattr(registry, "REGISTRY", (*REGISTRY, Registered(blocker, starts, lacks)))
    assert find("invented") is blocker
    assert "invented" in names()
    (need,) = [need for need in ready() if need.blocker is blocker]
    assert not need.ready
    playwright: Any = object()
    options = Options()
    with start("invented", playwright, options) as running:
        assert running.blocker is blocker
    assert given == [blocker, playwright, options]


def test_an_extension_is_a_blocker_of_its_own(tmp_path: Path) -> None:
    """An extension has a starter too, is missing where it cannot be read, and takes no name."""
    options = Options(extensions={"mine": str(tmp_path / "nowhere")})
    assert records(options)["mine"].needs
    (need,) = [need for need in ready(options) if need.blocker.name == "mine"]
    assert not need.ready
    with pytest.raises(UnknownBlocker, match="a blocker has that name"):
        names(Options(extensions={"dns": "."}))


@pytest.mark.parametrize("name", ["none", "easylist", "ublock-origin"])
def test_playwright_is_asked_for(name: str) -> None:
    """What Playwright drives cannot start without it; the message says what to pass."""
    with pytest.raises(ValueError, match=r"needs Playwright: pass sync_playwright\(\)'s object"):
        start(name, None)
