"""Reads a chart point by point: by pointer, by touch, and by arrow keys, without a script.

Each point is a radio button that covers its part of the chart, and what it says stands below the
chart while it is pointed at, focused or chosen. Of a group of radio buttons browsers make one stop
of the Tab key, and move within it by arrow keys.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from detector.dashboard.texts import _


def reader(name: str, said: Sequence[str], chosen: int) -> Markup:
    """Return the radio buttons of a chart; `name` is its own, `chosen` the point read at first."""
    buttons = Markup("").join(
        Markup(
            '<label><input type="radio" name="read-{}" autocomplete="off"{}>'
            '<span class="told" dir="auto">{}</span></label>'
        ).format(name, Markup(" checked") if number == chosen else "", text)
        for number, text in enumerate(said)
    )
    group = Markup('<div class="reader" role="radiogroup" aria-label="{}">{}</div>')
    return group.format(_("The chart, point by point"), buttons)
