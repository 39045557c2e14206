"""A test, not a timing: 100,000 pages and chunkings, each unchanged except for its tag."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from bench.apps import SECRET
from bench.table import Row
from detector.core.config.loading import make_config
from detector.core.site import Site
from tests.support.bodies import BODIES, CUTS, RESPONSES, Response, check_passage

EXAMPLES = 100_000
QUICK = 100


def run(quick: bool = False) -> list[Row]:
    """Search with Hypothesis for a page that is changed; an AssertionError shows it."""
    site = Site(make_config(secret=SECRET))
    seen = {True: 0, False: 0}

    @settings(
        max_examples=QUICK if quick else EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(RESPONSES, BODIES, CUTS)
    def check(response: Response, body: bytes, cuts: list[int]) -> None:
        seen[check_passage(site, response, body, cuts)] += 1

    check()
    return [
        Row("responses sent through", sum(seen.values()), "responses"),
        Row("  of them with a tag", seen[True], "responses"),
        Row("changed in another way", 0, "responses", at_most=0),
    ]
