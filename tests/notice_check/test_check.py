"""`detector notice check`: missing, too long and refused texts, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from detector.cli.main import main
from detector.core.config.loading import make_config
from detector.core.texts.words import FITS
from detector.notice_check.check import Finding, findings, unread
from detector.notice_check.policy import RULES, refused

SECRET = "a secret for tests, long enough"


def found(**options: Any) -> list[Finding]:
    """Return the findings for a site's options."""
    return findings(make_config(secret=SECRET, **options))


def test_nothing_own_is_nothing_to_mend() -> None:
    """The shipped texts pass, in every language and preset."""
    assert found() == found(preset="warm", locale="de") == []


def test_complete_texts_are_well() -> None:
    """Own texts that are short, fair and complete in each language pass."""
    own = {"title": "Hello", "body": "Ads pay our reporters."}
    assert found(texts={"en": own, "de": own}) == []


def test_missing_language() -> None:
    """Own texts without the site's own language are incomplete."""
    (one,) = found(locale="de-AT", texts={"en": {"title": "Hello"}})
    assert one.where == "texts.de"
    assert one.fix == "add texts in de, or set locale to one of en"


def test_missing_text() -> None:
    """A text that is missing in one of the languages is named."""
    (one,) = found(texts={"en": {"title": "Hello", "body": "Hi."}, "de": {"title": "Hallo"}})
    assert (one.where, one.what) == ("texts.de.body", "missing, though en has it")


def test_texts_of_variants() -> None:
    """The texts of a variant are checked too; those that it leaves to the site are not missing."""
    long = "x" * (FITS["title"] + 1)
    variants = [{"name": "a"}, {"name": "b", "texts": {"en": {"title": long}, "hu": {"body": "a"}}}]
    (one,) = found(variants=variants)
    assert one.where == "variants[1].texts.en.title"
    assert unread(make_config(secret=SECRET, variants=variants)) == ["hu"]


@pytest.mark.parametrize("key", ["title", "body", "done"])
def test_too_long(key: str) -> None:
    """A text that is allowed but too long for a phone is named with both lengths."""
    assert found(texts={"en": {key: "x" * FITS[key]}}) == []
    (one,) = found(texts={"en": {key: "x" * (FITS[key] + 1)}})
    assert one.where == f"texts.en.{key}"
    assert one.what == f"too long: {FITS[key] + 1} characters, and {FITS[key]} fit on a phone"


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (0, "You must allow ads"),
        (0, "Access denied"),
        (0, "To continue, disable your blocker"),
        (0, "Sie müssen Werbung zulassen"),
        (0, "Vous devez désactiver"),
        (0, "Acceso denegado"),
        (1, "Blocking ads is theft"),
        (1, "This page won’t work"),
        (1, "Ihr Gerät ist gefährdet"),
        (2, "Our ads are safe ads"),
        (2, "We never track"),
        (2, "Without tracking, promised"),
        (2, "Ganz ohne Tracking"),
        (2, "Sans pistage"),
        (3, "Last chance!"),
        (3, "Bitte sofort"),
        (4, "Freeloader"),
        (4, "Das ist Ihre Schuld"),
    ],
)
def test_refused_words(rule: int, text: str) -> None:
    """Words that a policy forbids are found in the supported languages."""
    assert [broken for broken, _ in refused(text)] == [RULES[rule]]
    (one,) = found(texts={"en": {"body": text}})
    assert one.what.startswith(RULES[rule].what)


@pytest.mark.parametrize(
    "text",
    [
        "Ads pay our reporters. Would you allow them here?",
        "Our newsroom follows the trackless forest.",
        "We report on theaters and mustard.",
        "Les voleurs de feu",
    ],
)
def test_fair_words(text: str) -> None:
    """Words that only look similar are not reported."""
    assert refused(text) == []


def test_unread_languages() -> None:
    """Languages that cannot be checked for promises are named."""
    own = {"en": {"title": "Hi"}, "fi": {"title": "Moi"}}
    assert unread(make_config(secret=SECRET, texts=own)) == ["fi"]


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """Run the command; return its status and output."""
    status = main(["notice", "check", *args])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    """The default options pass: exit status 0, with a note that no lists were read."""
    status, out, err = run(capsys)
    assert (status, err) == (0, "")
    assert "  corner: 23 % of a phone (375 × 667), 10 % of a tablet" in out
    assert "note: filter lists were not read" in out
    assert out.endswith("all is well: preset newspaper, no texts of your own\n")


def test_something_to_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each finding has one line, also in JSON, and the exit status is 1."""
    file = tmp_path / "site.toml"
    file.write_text('[texts.en]\ntitle = "You must"\n[texts.fi]\nbody = "Moi"\n', "utf-8")
    status, out, err = run(capsys, "--file", str(file))
    assert (status, err) == (1, "")
    assert "texts.en.title: insists: “You must”; remove it: " in out
    assert "note: texts in fi are not checked for promises" in out
    assert out.endswith("3 to fix, 0 to consider\n")
    status, out, _ = run(capsys, "--file", str(file), "--json")
    assert status == 1
    assert [one["where"] for one in json.loads(out)["findings"]] == [
        "texts.fi.title",
        "texts.en.body",
        "texts.en.title",
    ]


def test_bad_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Options that would stop the site's start are status 2 with the same message."""
    file = tmp_path / "site.toml"
    file.write_text('[texts.en]\ntitle = ""\n', "utf-8")
    status, out, err = run(capsys, "--file", str(file))
    assert (status, out) == (2, "")
    assert err.startswith("detector notice check: texts (site.toml")
    assert "is empty" in err
