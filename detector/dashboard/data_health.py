"""How far the counts can be trusted: data health, refused reports, and request baits."""

from __future__ import annotations

from detector.analytics.baits import WHERE, BaitFigures, BaitHealth
from detector.analytics.figures import Share
from detector.analytics.query import Answer
from detector.core.vocabulary import REASONS
from detector.dashboard.tables import Column, Table, Value
from detector.dashboard.texts import _


def health(answer: Answer) -> Table:
    """Return how complete the counts are."""
    total, health, missing = answer.total, answer.health, answer.unheard
    assert missing is not None
    events = total.views + sum(answer.refused.values())
    found: list[tuple[str, int | Share]] = [
        (_("Views without a verdict"), _rest(total.views - total.measured, total.views, "views")),
        (_("Measured, but unknown"), total.state("unknown")),
        (_("Pages without any signal"), missing.share),
        (_("Pages that a cache may keep: not measurable"), missing.not_measurable),
        (_("Robots, and views outside the share"), missing.passed),
        (_("Ad-free views of members: in no share"), total.ad_free),
        (
            _("Verdicts corrected by the server"),
            _rest(health["corrected"], total.measured, "verdicts"),
        ),
        (_("Reports refused"), _rest(sum(answer.refused.values()), events, "views and refusals")),
        (_("Events dropped, memory was full"), health["dropped"]),
        (_("Errors of the detector"), health["error"]),
        (_("Reports counted unshared, store unavailable"), health["unshared"]),
    ]
    columns = (Column("what", _("What"), "text"), Column("count", _("Count")))
    rows: list[tuple[Value, ...]] = []
    for name, each in found:
        rows.append((name, each.part, each) if isinstance(each, Share) else (name, each, ""))
    return Table(
        "health", _("Data health"), (*columns, Column("share", _("Share"), "share")), tuple(rows)
    )


def _rest(part: int, whole: int, of: str) -> Share:
    return Share(max(0, part), whole, of)


def refused(answer: Answer) -> Table:
    """Return why reports were refused, in words and as shares."""
    whole = sum(answer.refused.values())
    rows = [
        (name, _(REASONS.get(name, "")), Share(count, whole, "refused reports"))
        for name, count in answer.refused.items()
    ]
    columns = (Column("reason", _("Reason"), "text"), Column("means", _("Meaning"), "text"))
    return Table(
        "refused",
        _("Refused reports"),
        (*columns, Column("share", _("Share"), "share")),
        tuple(rows),
    )


def _state(bait: BaitFigures) -> str:
    if bait.silence:
        return _("silent since %(day)s", day=bait.silent_day)
    return _("acts") if bait.missed.part else _("too few to say")


def baits(found: BaitHealth) -> Table:
    """Return which request baits blockers act on."""
    rows: list[tuple[Value, ...]] = [
        (bait.path, _state(bait), bait.missed, _(WHERE[bait.reach])) for bait in found.baits
    ]
    columns = (
        Column("bait", _("Bait"), "text"),
        Column("state", _("State"), "text"),
        Column("missed", _("Did not arrive"), "share"),
        Column("reach", _("Acts in"), "text"),
    )
    note = _("Shares are of the blocked views in which a blocker acted at the reach of the bait.")
    return Table("baits", _("Request baits"), columns, tuple(rows), note)
