"""Checks the notice's settings against filter lists' policies, search engines and readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from detector.core.vocabulary import COVERING_MODES, WALLS
from detector.notice_check.finding import Finding, Level
from detector.notice_check.reachable_modes import Use, uses
from detector.notice_check.sources import ADGUARD, GOOGLE

if TYPE_CHECKING:
    from detector.core.config.options import Config

QUIET: Final = (3, 14)
"""Days of quiet below which "Not now" counts as ignored; the defaults are 7 and 30."""

_Rule = Callable[["Config", Sequence[Use]], Iterator[Finding]]


def findings(config: Config) -> list[Finding]:
    """Check the options against what others require of a notice."""
    reached = uses(config)
    if all(use.mode == "none" for use in reached) and not config.unreachable_notice:
        return []
    return [found for rule in _RULES for found in rule(config, reached)]


def _walls(config: Config, reached: Sequence[Use]) -> Iterator[Finding]:
    """Yield walls without another way to continue than allowing ads."""
    for use in reached:
        if use.mode not in WALLS:
            continue
        what, fix = NO_WAY_ON[use.mode]
        level: Level = "error"
        if config.links or (config.template and use.mode == "hard-wall"):
            what, fix = SOME_WAY_ON[use.mode]
            level = "warning"
        yield Finding(use.where, f"{use.mode} {what}", fix, level, str(ADGUARD))


NO_WAY_ON: Final = {
    "hard-wall": (
        "has no way to continue except allowing ads: filter lists block such a wall, and most "
        "readers leave",
        "set links to another option (subscribe, donate, support), or use soft-wall",
    ),
    "redirect": (
        "sends readers away from the page, and links has no option other than allowing ads",
        "offer one on the page of redirect_url, and add it to links too; or use soft-wall",
    ),
}
"""What to say of a wall without a way on but allowing ads, and what helps."""

SOME_WAY_ON: Final = {
    "hard-wall": (
        "does not let people continue without one of your links: three of four leave at a wall "
        "(PageFair 2017), and a filter list may treat it as one that insists",
        "soft-wall asks as clearly and lets people continue; otherwise make sure that a link "
        "really leads to reading without ads",
    ),
    "redirect": (
        "sends readers away from the page, and shows them neither a notice nor your links: "
        "a filter list may treat it as a wall that insists",
        "make sure that the page of redirect_url has these links; or use soft-wall",
    ),
}
"""The same of a wall that names another way on."""


def _first_view(config: Config, reached: Sequence[Use]) -> Iterator[Finding]:
    """Whoever comes from a search engine sees the page first."""
    modes = list(dict.fromkeys(use.mode for use in reached if use.mode in COVERING_MODES))
    if not modes:
        return
    covers = f"{' and '.join(modes)} {'cover' if len(modes) > 1 else 'covers'}"
    what = f"{covers} the page right after a visitor arrives from a search engine"
    other = "use corner or a bar"
    places = [("from_view", config.from_view)] + [
        (f"variants[{place}][from_view]", one["from_view"])
        for place, one in enumerate(config.variants)
        if "from_view" in one
    ]
    for where, first in places:
        if first == 1:
            fix = f"set {where} to 2 or more, or {other}"
            yield Finding(where, f"is 1: {what}", fix, "warning", str(GOOGLE))
    for name, value, who in (
        ("level", config.level if config.level == "local" else "", "of anybody"),
        ("consent", config.consent, "before consent is given"),
        ("gpc", config.gpc if config.gpc == "local" else "", "of those who send GPC"),
    ):
        if value and config.from_view > 1:
            saw = f"is {value}: no views are counted {who}, so {what}, whatever from_view is set to"
            yield Finding(name, saw, other, "warning", str(GOOGLE))


def _phones(config: Config, reached: Sequence[Use]) -> Iterator[Finding]:
    for use in reached:
        if use.mode in COVERING_MODES and "phone" in use.devices:
            yield Finding(
                use.where,
                f"{use.mode} covers the content on phones",
                'add {"devices": ["phone"], "notice": "bottom-bar"} at the start of notice_rules; '
                "corner works well there too",
                "warning",
                str(GOOGLE),
            )


def _often(config: Config, reached: Sequence[Use]) -> Iterator[Finding]:
    if config.every == 1 and not config.once_a_session:
        yield Finding(
            "once_a_session",
            "is False and every is 1: each blocked view asks again until the visitor says no",
            "set once_a_session to True, or every to 5 or more",
            "warning",
        )
    first, later = config.quiet_days
    if first < QUIET[0] or later < QUIET[1] or later < first:
        yield Finding(
            "quiet_days",
            f"is {first} and {later}: a visitor who said “Not now” is soon asked again",
            f"use at least {QUIET[0]} and {QUIET[1]} days, better 7 and 30, the second longer",
            "warning",
        )


def _idle(config: Config, reached: Sequence[Use]) -> Iterator[Finding]:
    """Yield options that have no effect beside the others, which is rarely intended."""
    modes = {use.mode for use in reached}
    if config.blur and not modes & {"soft-wall", "hard-wall"}:
        yield Finding(
            "blur",
            "has no effect: only a soft-wall or hard-wall blurs the page, and none is used",
            "remove blur, or use soft-wall",
            "warning",
        )
    if config.redirect_url and "redirect" not in modes:
        yield Finding("redirect_url", "has no effect: redirect is not used", "remove it", "warning")


def _addresses(config: Config, reached: Sequence[Use]) -> Iterator[Finding]:
    host = urlsplit(config.redirect_url).netloc
    if host:
        yield Finding(
            "redirect_url",
            f"leads to the host {host}: readers of this site find themselves on another one",
            "if that is this site, set only the path; otherwise use a page of this site",
            "warning",
        )
    given = {f"links.{name}": url for name, url in (config.links or {}).items()}
    given |= {"redirect_url": config.redirect_url, "look.logo": (config.look or {}).get("logo", "")}
    for where, url in given.items():
        if url.lower().startswith("http:"):
            what = "is not fetched on an https page" if where == "look.logo" else "is not encrypted"
            yield Finding(where, f"{url} {what}", "use https:", "warning")


def _beyond(config: Config, reached: Sequence[Use]) -> Iterator[Finding]:
    """Yield settings that reach unintended visitors, and those that cannot be checked here."""
    if config.treat_bots_as_people:
        yield Finding(
            "treat_bots_as_people",
            "is True: search engines see the notice as part of the page",
            "remove it; it is for tests",
            "warning",
            str(GOOGLE),
        )
    if config.unreachable_notice:
        yield Finding(
            "unreachable_notice",
            "is True: people who block nothing may see it; it makes no request, and appears only "
            "where an ad's place has kept its height",
            "do not mention blockers in your own texts",
            "note",
        )
    if config.template:
        yield Finding(
            "template",
            "is your own card: what it says and covers, and how it closes, cannot be checked here",
            "try it on a phone, and with the keyboard alone",
            "note",
        )
    for use in reached:
        if use.mode == "custom":
            yield Finding(
                use.where,
                "custom shows what your own script creates, which cannot be checked here",
                "let people continue, and show it on the second view at the earliest",
                "note",
            )


_RULES: Final[tuple[_Rule, ...]] = (
    _walls,
    _first_view,
    _phones,
    _often,
    _idle,
    _addresses,
    _beyond,
)
