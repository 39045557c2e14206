"""The command `detector config`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.cli.main import main
from detector.core.config.layer import OPTIONS

SECRET = "a secret that must not be printed"
OLDER = "an older one that is as secret"


def test_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every option has a line with its value and source; of secrets only the length is shown."""
    file = tmp_path / "detector.toml"
    file.write_text(f'share = 0.5\nprevious_secrets = ["{OLDER}", "{OLDER}!"]')
    monkeypatch.setenv("DETECTOR_SECRET", SECRET)
    monkeypatch.setenv("DETECTOR_ENABLED", "off")
    assert main(["config", "--file", str(file)]) == 0
    out, err = capsys.readouterr()
    lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in out.splitlines() if line}
    assert set(OPTIONS) < set(lines)
    assert lines["share"].split(maxsplit=1) == ["0.5", f"file {file}"]
    assert lines["enabled"].split(maxsplit=1) == ["False", "environment DETECTOR_ENABLED"]
    assert lines["notice"].split() == ["corner", "default"]
    assert f"set, {len(SECRET)} characters " in lines["secret"]
    assert SECRET not in out and OLDER not in out and err == ""


def test_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` prints the same as JSON, also without a secret."""
    assert main(["config", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert list(plain) == list(OPTIONS)
    assert plain["secret"] == {"value": "", "source": "not set"}
    monkeypatch.setenv("DETECTOR_PREVIOUS_SECRETS", OLDER)
    assert main(["config", "--json"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out)["previous_secrets"] == {
        "value": [f"set, {len(OLDER)} characters"],
        "source": "environment DETECTOR_PREVIOUS_SECRETS",
    }
    assert OLDER not in out


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("DETECTOR_SHARE", "7", "detector config: DETECTOR_SHARE (environment) is 7.0; allowed"),
        ("DETECTOR_SECRET", "short", "detector config: DETECTOR_SECRET (environment) has 5"),
        ("DETECTOR_CONFIG", "nowhere.toml", "detector config: nowhere.toml cannot be read"),
    ],
)
def test_bad_input(
    variable: str,
    text: str,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Bad input is status 2 with its message on stderr."""
    monkeypatch.setenv(variable, text)
    assert main(["config"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(message)
