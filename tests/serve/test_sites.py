"""The configuration file of `detector serve`: its content, and the errors for bad ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from detector.core.errors import ConfigError
from detector.serve.sites import read

GOOD = '[sites.news]\nsecret = "0123456789abcdef"\nhosts = ["News.example"]\n'


def write(folder: Path, text: str) -> Path:
    """Write a file of sites."""
    path = folder / "sites.toml"
    path.write_text(text, "utf-8")
    return path


def test_several_sites(tmp_path: Path) -> None:
    """Each site has its own secret, hosts and options; the default store is next to the file."""
    text = GOOD + (
        '[sites.shop]\nsecret = "another secret for a shop"\nhosts = ["shop.example"]\n'
        'origins = ["https://shop.example:8443"]\nmount = "/de/shop"\nnotice = "none"\n'
        'store = "data/shop.sqlite"\n'
    )
    found = read(write(tmp_path, text))
    news, shop = found["news"], found["shop"]
    assert (news.hosts, news.origins, news.mount) == (frozenset({"news.example"}), None, "")
    assert news.config.store == str(tmp_path / "news.sqlite")
    assert (shop.origins, shop.mount) == (frozenset({"https://shop.example:8443"}), "/de/shop")
    assert shop.config.notice == "none"
    assert shop.config.store == str(tmp_path / "data" / "shop.sqlite")


def test_environment_is_not_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables cannot apply to several sites: only the file is read."""
    monkeypatch.setenv("DETECTOR_SECRET", "a secret of the environment")
    monkeypatch.setenv("DETECTOR_SHARE", "0.5")
    config = read(write(tmp_path, GOOD))["news"].config
    assert (config.secret, config.share) == ("0123456789abcdef", 1.0)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "sites.toml has no site: write a table [sites.NAME]"),
        ("sites = 1", "has no site"),
        ("[sites]\nnews = 1", "[sites.news] in sites.toml must be a table"),
        ("[site.news]", "did you mean sites?"),
        ('share = 1\n[sites.news]\nsecret = ""', "sites.toml, line 1: share is not an option"),
        ('[sites.news]\nhosts = ["a"]', "secret of [sites.news] in sites.toml is not set"),
        ('[sites.news]\nsecret = "short"', "secret (sites.toml, line 2) has 5 characters"),
        (GOOD + "share = 7", "share (sites.toml, line 4) is 7; allowed are numbers from"),
        (GOOD + "host = 1", "sites.toml, line 4: host is not an option of the detector; did you "),
        (GOOD.replace("[sites.news]", '[sites."a b"]'), "a site's name has the characters"),
        (GOOD.replace('["News.example"]', "[]"), "(sites.toml, line 3): hosts must be a list"),
        (GOOD.replace("hosts", "#"), "[sites.news] in sites.toml: hosts must be a list"),
        (GOOD.replace("News.example", "https://a.example"), "is not a host name"),
        (GOOD + 'origins = "x"', "origins must be a list, or be omitted"),
        (
            GOOD + 'origins = ["a.example"]',
            "origins (sites.toml, line 4): 'a.example' is not an origin",
        ),
        (GOOD + 'origins = ["https://a/b"]', "'https://a/b' is not an origin"),
        (GOOD + 'origins = ["https://a:x"]', "'https://a:x' is not an origin"),
        (GOOD + 'mount = "blog/"', "mount (sites.toml, line 4): mount is 'blog/'; it must be"),
        (
            GOOD + 'store = "mysql://h/d"',
            "store (sites.toml, line 4): no store is known for 'mysql",
        ),
        (GOOD + 'store = "sqlite://x"', "needs three slashes"),
        (GOOD + GOOD.replace("news", "copy"), "[sites.news] and [sites.copy] share a secret"),
        (GOOD + "[sites.news]", "is not TOML"),
    ],
)
def test_bad_file(tmp_path: Path, text: str, wrong: str) -> None:
    """The error for a bad file names it, the line if known, and the allowed values."""
    file = write(tmp_path, text)
    with pytest.raises(ConfigError, match=re.escape(wrong)) as error:
        read(file)
    assert "sites.toml" in str(error.value)
    assert "0123456789abcdef" not in str(error.value)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read \(No such file"):
        read(tmp_path / "none.toml")
