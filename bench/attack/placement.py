"""The tag's position in hostile beginnings of documents, compared with html5lib."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import ClassVar

from bench.attack.made import cut
from bench.attack.tally import Family
from detector.core.config.loading import make_config
from detector.core.html.injector import Injector
from detector.core.site import Site
from tests.conftest import SECRET
from tests.support.markup_fuzz import cases, misplaced


class Placement(Family):
    """Each page as a whole and in chunks."""

    name = "placement"
    count = 60_000
    properties: ClassVar[Mapping[str, str]] = {
        "place": "html5lib finds the tag's elements first in the head, and the rest unchanged",
        "chunks": "a page in chunks has the same output as the whole page, or no tag",
    }

    def __init__(self) -> None:
        super().__init__()
        self.site = Site(make_config(secret=SECRET))
        self.tag = self.site.tagger.tag()
        self.tagged = 0

    def case(self, rng: Random) -> None:
        """Add the tag to one page."""
        page = cases(rng)
        whole = self._through((page,))
        self.tagged += whole != page
        wrong = misplaced(page, whole, self.tag)
        self.check("place", not wrong, f"{wrong}: {page!r}")
        parts = cut(rng, page)
        found = self._through(parts)
        self.check("chunks", found in (whole, page), f"{parts!r}")

    def finish(self) -> None:
        """Print how many pages got the tag: a run without any would prove nothing."""
        self.tally.figures["with a tag"] = f"{self.tagged:,}"

    def close(self) -> None:
        """Close the site."""
        self.site.close()

    def _through(self, chunks: tuple[bytes, ...]) -> bytes:
        injector = Injector(self.tag)
        return b"".join(map(injector.feed, chunks)) + injector.finish()
