"""A paragraph for the owner's page about privacy, made from the site's options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from detector.core.config.notice_options import used_modes
from detector.core.counting.store import HOURLY_DAYS, KEPT_DAYS
from detector.core.state_cookie import DAYS
from detector.stores.claim_rows import HOURS

if TYPE_CHECKING:
    from detector.core.config.options import Config


def paragraph(config: Config) -> str:
    """Return one English paragraph: what a site with these options asks, counts and keeps."""
    return " ".join(_sentences(config))


def _sentences(config: Config) -> Iterator[str]:
    if config.level == "off":
        yield "We do not look whether ads are blocked on our pages."
        return
    yield (
        "Your browser finds out whether ads are blocked on our pages by loading a few small files "
        "from our own server."
    )
    yield _others(config)
    yield from _counted(config)
    yield from _kept(config)
    if config.level == "full":
        yield (
            f"A cookie of our own host keeps for {DAYS} days whether ads were blocked when you "
            "last visited, as one word, so that we can offer you something else."
        )


def _others(config: Config) -> str:
    hosts = sorted({urlsplit(url).hostname or "" for url in config.probe_urls})
    if not hosts:
        return "No other company is involved."
    return (
        f"On pages without ads it also asks {_joined(hosts)} for an ad file, without cookies; "
        "they see your address as with any file that is asked for."
    )


def _counted(config: Config) -> Iterator[str]:
    if config.level == "local":
        yield "The result stays in your browser and is not counted."
        return
    before = "If you agree, we" if config.consent else "We"
    yield (
        f"{before} count on how many page views ads are blocked: by the hour for {HOURLY_DAYS} "
        f"days, then by the day for {KEPT_DAYS // 30} months, by kind of browser and device and "
        "by kind of page, and what was done with our notice."
    )
    if _disputable(config):
        yield (
            "If you tell us there that you block no ads, we also count which of four signs of "
            "blocked ads your browser had seen."
        )
    yield (
        "These are numbers only, with no address and no identifier; a number may be of a single "
        "page view."
    )
    if config.shared_limits:
        yield (
            "So that nothing counts twice, a number that stands for a page view, not for a person, "
            f"is kept for {HOURS} hours."
        )
    if config.gpc == "local":
        yield "Where your browser sends Global Privacy Control or Do Not Track, nothing is counted."
    elif config.level == "full":
        yield (
            "Where your browser sends Global Privacy Control or Do Not Track, you get no cookie "
            "from this."
        )
    if config.reuse_minutes:
        yield (
            "Your browser keeps for "
            f"{config.reuse_minutes} minutes, until it is closed at most, that ads were shown."
        )


def _kept(config: Config) -> Iterator[str]:
    """Yield what the notice keeps in the browser; see static/src/memory.js."""
    asks = used_modes(config) - {"none"}
    # What asks for nothing goes by no count of blocked views.
    shown = asks | ({"slot"} if config.unreachable_notice else set())
    kept = []
    if shown and config.level != "local":
        if asks and (config.from_view + config.every > 2 or config.variants):
            kept.append("how many pages with blocked ads it has met here")
        if config.once_a_session:
            kept.append("until it is closed, that we did")
        if config.variants:
            kept.append(
                "until it is closed, which of several forms of our notice you were given, or that "
                "you were to see none, and whether another page, and one with ads, came after that"
            )
    mark = "a mark of that and of your kind of ad blocker"
    if shown - {"custom", "redirect"}:
        kept.append(f"once you load a page again from there, {mark}")
    if shown - {"redirect"} and config.level != "local":
        kept.append(f"once you allowed ads, {mark}, until they are blocked again")
    if shown - {"custom", "redirect"}:
        kept.append("once you chose “Not now”, a date until which we do not ask again")
    if _disputable(config):
        kept.append("once you told us that you block no ads, until it is closed, that you did")
    if kept:
        yield f"If we speak to you about ads, your browser keeps: {'; '.join(kept)}."


def _disputable(config: Config) -> bool:
    """Whether some notice of ours has steps, and below them "I block no ads"."""
    return bool(used_modes(config) - {"none", "custom", "redirect"})


def _joined(hosts: list[str]) -> str:
    return hosts[0] if len(hosts) == 1 else f"{', '.join(hosts[:-1])} and {hosts[-1]}"
