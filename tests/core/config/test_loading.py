"""Sources of options: the strongest source wins, and errors name the source."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from detector.core.config.layer import OPTIONS
from detector.core.config.loading import gather, make_config, prefixed
from detector.core.config.options import Config
from detector.core.errors import ConfigError
from detector.core.site import Site
from detector.flask import Detector

SECRET = "0123456789abcdef"


def from_environment(**variables: str) -> Config:
    """Build a Config from variables alone."""
    return gather({"secret": SECRET}, environ=variables).config


def write(folder: Path, text: str) -> Path:
    """Write a TOML file."""
    path = folder / "detector.toml"
    path.write_text(text, "utf-8")
    return path


def test_order(tmp_path: Path) -> None:
    """Arguments override the framework's settings, these the environment, and that the file."""
    file = write(
        tmp_path,
        f'secret = "{SECRET}"\nnotice = "none"\nshare = 0.1\nreuse_minutes = 1\nslots = ".file"',
    )
    environ = {
        "DETECTOR_CONFIG": str(file),
        "DETECTOR_NOTICE": "modal",
        "DETECTOR_SHARE": "0.2",
        "DETECTOR_REUSE_MINUTES": "2",
    }
    framework = prefixed({"DETECTOR_NOTICE": "none", "DETECTOR_SHARE": 0.3, "DEBUG": 1}, "Flask")
    found = gather({"notice": "corner"}, framework, environ=environ)
    config = found.config
    assert (config.notice, config.share, config.reuse_minutes) == ("corner", 0.3, 2)
    assert (config.slots, config.single_page) == (".file", False)
    assert {name: found.sources[name] for name in ("notice", "share", "reuse_minutes")} == {
        "notice": "argument notice",
        "share": "Flask DETECTOR_SHARE",
        "reuse_minutes": "environment DETECTOR_REUSE_MINUTES",
    }
    assert found.sources["slots"] == f"file {file}"
    assert found.sources["single_page"] == "default"
    assert list(found.sources) == list(OPTIONS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("enabled", "0", False),
        ("enabled", "No", False),
        ("enabled", " off ", False),
        ("single_page", "TRUE", True),
        ("single_page", "yes", True),
        ("share", "0.5", 0.5),
        ("share", "1", 1.0),
        ("reuse_minutes", "30", 30),
        ("notice", "none", "none"),
        ("previous_secrets", f"{SECRET}1, {SECRET}2,", (f"{SECRET}1", f"{SECRET}2")),
        ("enabled", "", True),
    ],
)
def test_texts_take_the_type_of_the_option(name: str, text: str, value: Any) -> None:
    """A variable's text is converted to the option's type; an empty one counts as unset."""
    found = getattr(from_environment(**{f"DETECTOR_{name.upper()}": text}), name)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("variable", "text", "allowed"),
    [
        ("DETECTOR_ENABLED", "maybe", "1, true, yes, on, 0, false, no, off"),
        ("DETECTOR_SHARE", "half", "numbers from 0.0001 to 1"),
        ("DETECTOR_SHARE", "7", "numbers from 0.0001 to 1"),
        ("DETECTOR_REUSE_MINUTES", "2.5", "whole numbers from 0 to 60"),
        ("DETECTOR_NOTICE", "popup", "slot, corner, bottom-bar"),
        ("DETECTOR_PREVIOUS_SECRETS", "short", "at least 16"),
        ("DETECTOR_NOTCE", "modal", "did you mean DETECTOR_NOTICE?"),
        ("DETECTOR_CONFIGS", "a.toml", "did you mean DETECTOR_CONFIG?"),
    ],
)
def test_bad_variable(variable: str, text: str, allowed: str) -> None:
    """The error for a bad variable names it, the environment, and the allowed values."""
    with pytest.raises(ConfigError, match=re.escape(allowed)) as error:
        from_environment(**{variable: text})
    assert variable in str(error.value) and "environment" in str(error.value)


def test_variables_of_kubernetes_are_not_ours() -> None:
    """A pod beside a service that is called "detector" starts."""
    from_environment(
        DETECTOR_SERVICE_HOST="10.0.0.1",
        DETECTOR_SERVICE_PORT="80",
        DETECTOR_PORT="tcp://10.0.0.1:80",
        DETECTOR_PORT_80_TCP_ADDR="10.0.0.1",
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('# one\n\nnotise = "modal"', r"detector.toml, line 3: notise is .* did you mean notice"),
        ("share = 7", r"share \(detector.toml, line 1\) is 7; allowed are numbers from"),
        ('\nshare = "1"', r"share \(detector.toml, line 2\) is '1'; allowed are numbers"),
        ("share = \nnotice = 1", r"detector.toml is not TOML: .*line 1"),
        ("[sites.one]\nshare = 1", r"several sites.*detector serve --config"),
        ("[detector]\nshare = 1", r"detector.toml: detector is not an option"),
    ],
)
def test_bad_file(tmp_path: Path, text: str, wrong: str) -> None:
    """The error for a bad file names it and the line."""
    with pytest.raises(ConfigError, match=wrong):
        gather({"secret": SECRET, "config": write(tmp_path, text)})


@pytest.mark.parametrize("name", ["nowhere.toml", "."])
def test_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    """The error for an unreadable file names it and the reason."""
    with pytest.raises(ConfigError, match="cannot be read"):
        gather({"secret": SECRET}, environ={"DETECTOR_CONFIG": str(tmp_path / name)})


def test_paths_are_meant_from_the_files_folder(tmp_path: Path) -> None:
    """Relative paths in a file do not depend on the server's working directory."""
    for given, meant in {
        "a.sqlite": str(tmp_path / "a.sqlite"),
        "/data/a.sqlite": "/data/a.sqlite",
        "sqlite:///a.sqlite": f"sqlite:///{tmp_path}/a.sqlite",
        "sqlite:////data/a.sqlite": "sqlite:////data/a.sqlite",
        "~/a.sqlite": "~/a.sqlite",
        "": "",
    }.items():
        file = write(tmp_path, f'store = "{given}"')
        assert gather({"secret": SECRET, "config": file}).config.store == meant


@pytest.mark.parametrize(
    ("name", "value"),
    [("previous_secrets", "one text that is secret"), ("secret", 1234567890123456)],
)
def test_errors_do_not_show_secrets(name: str, value: Any) -> None:
    """A secret of the wrong type is refused without being printed."""
    with pytest.raises(ConfigError) as error:
        gather({"secret": SECRET, name: value})
    assert str(value) not in str(error.value)


def test_flask_app_without_further_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Flask app reads its environment, which overrides the app's own defaults."""

    def site_of(name: str) -> Site:
        app = Flask("news", instance_path=str(tmp_path / name))
        app.secret_key = "the key of the app"
        Detector(app, secret=None, store="")
        site = app.extensions["detector"]
        assert isinstance(site, Site)
        return site

    plain = site_of("plain").config
    assert plain.enabled and plain.store == str(tmp_path / "plain" / "detector.sqlite")
    file = write(tmp_path, 'store = "own.sqlite"')
    monkeypatch.setenv("DETECTOR_CONFIG", str(file))
    monkeypatch.setenv("DETECTOR_ENABLED", "0")
    monkeypatch.setenv("DETECTOR_SECRET", SECRET)
    told = site_of("told").config
    assert (told.enabled, told.secret, told.store) == (False, SECRET, str(tmp_path / "own.sqlite"))


@pytest.mark.parametrize(
    "pairs", [["kind+browser"], [["kind", "browser"]], (("kind", "browser"),), ("kind+browser",)]
)
def test_ways_to_write_pairs(pairs: Any) -> None:
    """A pair is a list, a tuple, or one text as in the environment; other texts stay whole."""
    made = gather({"secret": SECRET, "pairs": pairs}, environ={}).config
    assert made.pairs == (("kind", "browser"),)
    urls = ["https://ads.example/a+b.js"]
    assert gather({"secret": SECRET, "probe_urls": urls}, environ={}).config.probe_urls == (*urls,)


def test_fallback_of_the_framework() -> None:
    """The framework's default is the last source, and stands where another source says None."""
    fallback = {"secret": SECRET}
    assert gather({}, environ={}, fallback=fallback).sources["secret"] == "framework"
    found = gather({"secret": None}, environ={}, fallback=fallback, fallback_title="Flask")
    assert (found.config.secret, found.sources["secret"]) == (SECRET, "Flask")
    with pytest.raises(ConfigError, match="DETECTOR_SECRET has 5 characters"):
        gather({}, environ={}, fallback={"secret": "short"})
    other = {"secret": "f" * 16}
    assert gather({}, environ={"DETECTOR_SECRET": SECRET}, fallback=other).config.secret == SECRET


def test_no_file_is_named() -> None:
    """An empty name of a file is none."""
    assert gather({"secret": SECRET, "config": ""}, environ={}).config.secret == SECRET


def test_key_of_a_framework_is_named() -> None:
    """Errors and sources name the framework's key as it was written there."""
    with pytest.raises(ConfigError, match=r"^Flask: DETECTOR_NOTISE is not an option"):
        prefixed({"DETECTOR_NOTISE": 1}, "Flask")
    with pytest.raises(ConfigError, match=r"^configuration: DETECTOR_NOTISE is not an option"):
        make_config({"DETECTOR_NOTISE": 1})
    with pytest.raises(ConfigError, match=r"^DETECTOR_SHARE is 2"):
        make_config({"DETECTOR_SHARE": 2}, secret=SECRET)


def test_numbers_in_the_environment() -> None:
    """A list of numbers is one of numbers in the environment too; digits elsewhere stay a text."""
    assert from_environment(DETECTOR_QUIET_DAYS="5, 40").quiet_days == (5, 40)
    secrets = from_environment(DETECTOR_PREVIOUS_SECRETS="1234567890123456").previous_secrets
    assert secrets == ("1234567890123456",)
    with pytest.raises(ConfigError, match="two whole numbers of days"):
        from_environment(DETECTOR_QUIET_DAYS="5, soon")
    with pytest.raises(ConfigError, match=r"^the environment: DETECTOR_NOTISE is not an option"):
        from_environment(DETECTOR_NOTISE="modal")


def test_a_file_that_is_none(tmp_path: Path) -> None:
    """The error says what is wrong with the file; an empty name leaves it to the next source."""
    file = write(tmp_path, 'notice = "none"')
    environ = {"DETECTOR_CONFIG": str(file)}
    assert gather({"secret": SECRET, "config": ""}, environ=environ).config.notice == "none"
    with pytest.raises(ConfigError) as error:
        gather({"config": 7}, environ={})
    assert str(error.value) == "config is 7; allowed is the path of a TOML file"
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigError) as error:
        gather({"config": file}, environ={})
    assert str(error.value) == f"{file} is not UTF-8 text"
    write(tmp_path, "[sites.news]")
    with pytest.raises(ConfigError) as error:
        gather({"config": file}, environ={})
    assert str(error.value) == (
        f"{file} has several sites, which only detector serve --config {file} supports. "
        "Name a file that has the options themselves, without a table"
    )
