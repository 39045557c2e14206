"""Goals on the dashboard: in words in the tile, and as a line on the chart."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from detector.cli.main import main
from detector.dashboard import app


def test_on_the_page(filled: str) -> None:
    """The tile says whether the goal is reached, and both charts have its line within them."""
    goals = ["blocked<90.5", "allowed>57"]
    text = Client(app(filled, allowed=lambda _: True, goals=goals)).get("/").text
    assert "goal: below 90.5 % – reached" in text
    assert "goal: above 57 % – not reached" in text
    assert text.count('<line class="goal"') == 2
    places = [part.partition('y1="')[2].partition('"')[0] for part in text.split('class="goal"')]
    assert all(float(at) > 0 for at in places if at.replace(".", "").isdigit())


def test_without(filled: str) -> None:
    """Without a goal the page has none."""
    text = Client(app(filled, allowed=lambda _: True)).get("/").text
    assert "goal: below" not in text
    assert 'class="goal"' not in text


def test_refused(filled: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A goal that is none is refused before the page is served."""
    with pytest.raises(ValueError, match="option goals"):
        app(filled, open=True, goals=["blocked"])
    assert main(["dashboard", "--db", filled, "--open", "--goal", "blocked"]) == 2
    assert "--goal: " in capsys.readouterr().err
