"""The system checks: each mistake has its id, a message and a hint."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.middleware.gzip import GZipMiddleware
from django.test import override_settings

from tests.conftest import SECRET
from tests.support.django_site import COMMON, OURS

GZIP = "django.middleware.gzip.GZipMiddleware"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"


class OwnGzip(GZipMiddleware):  # type: ignore[misc]  # Django ships no types
    """The site's own compressing middleware."""


def found(**options: Any) -> list[str]:
    """Return the ids of the messages of the detector's checks."""
    with override_settings(**options):
        messages = run_checks(tags=["detector"])
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_all_is_well() -> None:
    """A site set up as in README passes, also with a compressor in the right place."""
    assert found() == []
    assert found(MIDDLEWARE=[GZIP, OURS, SESSIONS, COMMON]) == []
    assert found(DETECTOR={}) == []
    assert found(DETECTOR={"NOTICE": "modal", "secret": ""}) == []


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["notice"], ["detector.E001"]),
        ({"notise": "modal"}, ["detector.E002"]),
        ({"Notice": "modal"}, ["detector.E002"]),
        ({"notice": "big"}, ["detector.E003"]),
        ({"NOTICE": "big", "share": 7, "stoer": ""}, ["detector.E003"] * 2 + ["detector.E002"]),
        ({"secret": "short"}, ["detector.E003"]),
        ({"previous_secrets": SECRET}, ["detector.E003"]),
    ],
)
def test_wrong_options(options: Any, ids: list[str]) -> None:
    """All wrong options are named, not only the first."""
    assert found(DETECTOR=options) == ids


def test_no_secret_at_all() -> None:
    """Without a secret the check says what to set."""
    assert found(DETECTOR={}, SECRET_KEY="") == ["detector.E004"]
    assert found(DETECTOR={"secret": SECRET}, SECRET_KEY="") == []


@pytest.mark.parametrize(
    ("paths", "ids"),
    [
        ([COMMON], ["detector.W001"]),
        ([OURS, COMMON, OURS], ["detector.W002"]),
        ([OURS, GZIP], ["detector.W003"]),
        ([OURS, f"{__name__}.OwnGzip"], ["detector.W003"]),
        ([OURS, "compression_middleware.middleware.CompressionMiddleware"], ["detector.W003"]),
        ([SESSIONS, OURS], ["detector.W004"]),
        (["no.such.Middleware", OURS], []),
    ],
)
def test_place_in_middleware(paths: list[str], ids: list[str]) -> None:
    """A wrong position in MIDDLEWARE is a warning."""
    assert found(MIDDLEWARE=paths) == ids


def test_what_an_owner_reads() -> None:
    """`manage.py check` prints the option, the allowed values, and the id."""
    out = io.StringIO()
    with (
        override_settings(DETECTOR={"notise": "modal"}),
        pytest.raises(SystemCheckError) as error,
    ):
        call_command("check", stdout=out, stderr=out)
    text = str(error.value)
    assert "(detector.E002) settings.DETECTOR: notise" in text
    assert "did you mean notice?" in text
    assert "HINT: Change notise in settings.DETECTOR" in text
