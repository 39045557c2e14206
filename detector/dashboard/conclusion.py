"""What the comparison of variants says, in the owner's language.

In English it is word for word `Comparison.sentence`, which the terminal and exports show.
"""

from __future__ import annotations

from detector.analytics.comparison import Comparison, Difference, points
from detector.analytics.figures import LEAST
from detector.dashboard.formats import fixed, number
from detector.dashboard.texts import N_, _, plural

WARNINGS = (
    N_(
        "The option once_a_session is off, so that one visitor may count many times: the intervals "
        "are too narrow. Turn it on to compare variants."
    ),
    N_(
        "The variants are shown by different rules, so that their notices meet different visitors: "
        "compare the sessions won back."
    ),
    N_(
        "The variants were not shown as often as their weights ask for, and chance makes such a "
        "split less than once in 2,000 times. The weights were changed in this time, or one "
        "variant often fails to be shown: find out which first."
    ),
)


def conclusion(found: Comparison) -> str:
    """Return the comparison in plain words."""
    parts = [*map(_, found.warnings), *_found(found)]
    if found.small:
        parts.append(
            plural(
                "%(names)s has fewer than %(least)s notices: left out.",
                "%(names)s have fewer than %(least)s notices: left out.",
                len(found.small),
                names=_all(found.small),
                least=LEAST,
            )
        )
    return " ".join(parts)


def _found(found: Comparison) -> list[str]:
    if len(found.arms) < 2:
        return [_("There are no two variants to compare yet.")]
    if found.warnings:
        return [_("So no variant is called better.")]
    unseen = [each for each in found.differences if not (each.seen or each.seen_fixed)]
    said = sorted(found.differences, key=lambda each: not each.seen)
    clear = [_clear(each) for each in said if each not in unseen]
    if len(unseen) == 1:
        text = _("No difference between %(names)s can be seen yet.", names=_names(unseen[0]))
        return [*clear, text, *_needed(unseen[0])]
    if not unseen:
        return clear
    if len(unseen) == len(found.differences):
        open_ = plural(
            "No difference can be seen yet between any of the %(n)s variants.",
            "No difference can be seen yet between any of the %(n)s variants.",
            len(found.arms),
            n=number(len(found.arms)),
        )
    else:
        pairs = ", ".join(map(_names, unseen))
        open_ = _("No difference can be seen yet between these: %(pairs)s.", pairs=pairs)
    nearest = min(unseen, key=lambda each: each.more or float("inf"))
    needed = _needed(nearest)
    near = [_("%(names)s are nearest to it.", names=_names(nearest))] if needed else []
    return [*clear, open_, *near, *needed]


def _clear(each: Difference) -> str:
    best, worse, turn = each.other.name, each.base.name, 1
    if each.value < 0:
        best, worse, turn = worse, best, -1
    named = {"best": best, "worse": worse, "size": _points(abs(each.value))[0]}
    if each.seen:
        low, high = _points(*sorted(turn * end for end in each.always_valid))
        return _(
            "%(best)s is better than %(worse)s: %(size)s points, between %(low)s and %(high)s "
            "(95 %% certain, on whatever day you look).",
            **named,
            low=low,
            high=high,
        )
    if not each.more:
        return _(
            "%(best)s may be better than %(worse)s (%(size)s points). That counts only if today is "
            "the one day that you had chosen to look; otherwise wait.",
            **named,
        )
    return plural(
        "%(best)s may be better than %(worse)s (%(size)s points). That counts only if today is "
        "the one day that you had chosen to look; otherwise wait: about %(more)s more notices.",
        "%(best)s may be better than %(worse)s (%(size)s points). That counts only if today is "
        "the one day that you had chosen to look; otherwise wait: about %(more)s more notices.",
        each.more,
        **named,
        more=number(each.more),
    )


def _needed(each: Difference) -> list[str]:
    if each.more is None or each.more_fixed is None:
        return []
    text = _(
        "If the present one (%(size)s points) is real, it takes about %(once)s more notices to see "
        "it on one day that you choose now, or about %(daily)s to see it while looking every day.",
        size=_points(abs(each.value))[0],
        once=number(each.more_fixed),
        daily=number(each.more),
    )
    return [text]


def _points(*shares: float) -> list[str]:
    texts = points(*shares)
    return [fixed(float(text), len(text.partition(".")[2])) for text in texts]


def _names(each: Difference) -> str:
    return _all(sorted((each.base.name, each.other.name)))


def _all(names: tuple[str, ...] | list[str]) -> str:
    *first, last = names
    for name in first[::-1]:
        last = _("%(one)s and %(other)s", one=name, other=last)
    return last
