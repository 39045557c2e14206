"""The options of a Django site: settings.DETECTOR, its secret and its store."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse

from detector.core.config.loading import gather, make_config
from detector.core.errors import ConfigError
from detector.core.secret import derived
from detector.core.served_names import ServedNames
from detector.core.site import Site
from detector.django import DetectorMiddleware
from detector.django import site as current_site
from detector.django.options import named
from detector.stores.sqlite.store import SqliteStore
from tests.conftest import SECRET
from tests.django.conftest import Use, visit


def test_named_settings() -> None:
    """A dict without a prefix accepts the same names, in upper or lower case, and no others."""
    layer = named({"SHARE": 0.5, "notice": "none"}, "settings.DETECTOR")
    found = gather({"secret": SECRET}, layer)
    assert (found.config.share, found.config.notice) == (0.5, "none")
    assert found.sources["share"] == "settings.DETECTOR['SHARE']"
    with pytest.raises(ConfigError, match=r"settings.DETECTOR: SHAER .*did you mean SHARE"):
        named({"SHAER": 1}, "settings.DETECTOR")
    with pytest.raises(ConfigError, match=r"settings.DETECTOR\['SHARE'\] is 7"):
        gather({"secret": SECRET}, named({"SHARE": 7}, "settings.DETECTOR"))


def test_one_site_for_all_middlewares(site: Site) -> None:
    """Every client and handler shares one site, and no thread starts before a count."""
    before = threading.enumerate()
    made = [DetectorMiddleware(lambda request: HttpResponse()) for _ in range(3)]
    assert {id(each.site) for each in made} == {id(site)}
    assert set(threading.enumerate()) <= set(before)
    visit().get("/")
    visit().get("/")
    counted = {key[5]: n for key, n in site.counters.snapshot().items() if key[2] == "all"}
    assert counted == {"page-shared": 2}


def test_options_in_upper_case(use: Use) -> None:
    """Options may be written in upper case, as Django's own settings are."""
    use(BASE_DIR=None, DETECTOR={"SECRET": SECRET, "NOTICE": "modal"})
    assert current_site().config.notice == "modal"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"notise": "modal"}, "did you mean notice"),
        ({"notice": "big"}, "allowed are slot, corner"),
        ([], "allowed is a dict"),
    ],
)
def test_wrong_options_stop_the_start(use: Use, options: Any, message: str) -> None:
    """Wrong settings stop the start with the allowed values, also if no check ran."""
    use(DETECTOR=options)
    with pytest.raises(ImproperlyConfigured, match=rf"settings\.DETECTOR.*{message}"):
        visit().get("/")


def test_secret_from_the_sites_key(use: Use) -> None:
    """The secret is derived as in Flask, and the names of fallback keys still answer."""
    use(BASE_DIR=None, DETECTOR={}, SECRET_KEY="new key", SECRET_KEY_FALLBACKS=["old key"])
    config = current_site().config
    assert config.secret == derived("new key")
    assert "new key" not in config.secret
    older = ServedNames(derived("old key")).prefix
    assert visit().get(f"/{older}/nothing").content == b"no such file"
    use(DETECTOR={"secret": SECRET})
    assert current_site().config.previous_secrets == ()


def test_store_beside_the_project(use: Use, tmp_path: Path) -> None:
    """Counters are kept in BASE_DIR, and in memory if it is not set."""
    use(BASE_DIR=tmp_path, DETECTOR={"secret": SECRET})
    site = current_site()
    site.count("error")
    site.close()
    store = SqliteStore(tmp_path / "detector.sqlite", readonly=True)
    assert list(store.rows())
    store.close()
    use(BASE_DIR=None)
    assert current_site().config == make_config(secret=SECRET)
