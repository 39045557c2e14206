"""The radio buttons that read a chart."""

from __future__ import annotations

from detector.dashboard.reader import reader


def test_buttons() -> None:
    """There is one for each point, the chosen one is checked, and texts are escaped."""
    made = reader("wide", ["<b>one", "two", "three"], 1)
    assert made.count('<input type="radio" name="read-wide" autocomplete="off"') == 3
    assert made.count(" checked>") == 1
    assert ' checked><span class="told" dir="auto">two</span>' in made
    assert "&lt;b&gt;one" in made
    assert "<b>" not in made


def test_each_chart_has_its_own_group() -> None:
    """Choosing a point of one picture does not change that of the other, which is hidden."""
    assert 'name="read-slim"' in reader("slim", ["one"], 0)
    assert 'role="radiogroup" aria-label="The chart, point by point"' in reader("slim", [], 0)
