"""A site notes its version and its pool of baits, by the thread that flushes."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector import __version__
from detector.core.baits import pool
from detector.core.config.options import Config
from detector.core.counting.annotations import BAITS, VERSION
from detector.core.site import Site
from detector.stores.sqlite.store import SqliteStore
from tests.conftest import SECRET


@pytest.mark.parametrize("rotates", [True, False])
def test_noted_after_compaction(tmp_path: Path, rotates: bool) -> None:
    """The first compaction notes both, counting alone does not, and further sites add nothing."""
    path = tmp_path / "counts.sqlite"
    reader = SqliteStore(path)
    for name in ("news", "shop"):
        config = Config(secret=SECRET, store=str(path), rotate_baits=rotates)
        site = Site(config, name=name)
        assert site.flusher is not None
        site.counters.count("view")
        assert site.flusher.flush()
        assert len(reader.annotations()) == (0 if name == "news" else 2)
        site.flusher._compact()
        found = {(one.kind, one.text, one.site) for one in reader.annotations()}
        assert found == {(VERSION, __version__, ""), (BAITS, pool.load().date, "")}
        site.flusher.close()
    reader.close()
