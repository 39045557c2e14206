"""The public faces: what owners import, by which names, and what that costs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import detector
import detector.testing

PUBLIC = {
    "detector": ["Config", "ConfigError", "Verdict", "__version__"],
    "detector.analytics.query": [
        *("STEPS", "Answer", "Cell", "Summary", "query", "summary", "whole_hours"),
    ],
    "detector.analytics.variants": [
        *("Arm", "Comparison", "Design", "Difference", "compare", "of_cells"),
    ],
    "detector.asgi": ["DetectorMiddleware", "detector_tag"],
    "detector.core.counting.store_url": [
        *("KINDS", "check_url", "load_driver", "open_store", "scheme_of"),
    ],
    "detector.dashboard": ["app"],
    "detector.dashboard.django": ["staff", "urls"],
    "detector.dashboard.flask": ["init_app"],
    "detector.dashboard.wsgi": ["app"],
    "detector.django": ["DetectorMiddleware", "site"],
    "detector.flask": ["Detector"],
    "detector.metrics.opentelemetry": ["watcher"],
    "detector.metrics.prometheus": ["watcher"],
    "detector.testing": ["AdBlocker", "nobody_is_accused"],
    "detector.wsgi": ["SKIP", "TAGGED", "DetectorMiddleware", "detector_tag"],
}
FACES = [detector, detector.testing]


def output_of(code: str) -> str:
    """Return what a fresh process prints when it runs some code."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def loaded_by(code: str) -> list[str]:
    """Return the modules that a fresh process has after running some code."""
    told = f"{code}\nimport json, sys; print(json.dumps(list(sys.modules)))"
    modules: list[str] = json.loads(output_of(told))
    return modules


@pytest.fixture(scope="module")
def exported() -> dict[str, list[str]]:
    """Return the names that each public module exports and has, found by a process of its own."""
    # Django's log-in wants settings before it is imported.
    code = f"""
import json
import django
from django.conf import settings
from importlib import import_module

settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"])
django.setup()
modules = map(import_module, {[*PUBLIC]!r})
print(json.dumps({{m.__name__: [n for n in m.__all__ if hasattr(m, n)] for m in modules}}))
"""
    found: dict[str, list[str]] = json.loads(output_of(code))
    return found


@pytest.mark.parametrize("name", PUBLIC)
def test_exported_names(name: str, exported: dict[str, list[str]]) -> None:
    """Each public module names what it exports, and has it."""
    assert exported[name] == PUBLIC[name]


@pytest.mark.parametrize("module", FACES, ids=lambda module: str(module.__name__))
def test_unknown_name(module: object) -> None:
    """A name that is not exported is an AttributeError that names it, and dir() has the others."""
    with pytest.raises(AttributeError, match="has no attribute 'Detectr'"):
        module.Detectr  # type: ignore[attr-defined]  # noqa: B018
    assert {*module.__all__} <= {*dir(module)}  # type: ignore[attr-defined]


def test_names_are_those_of_the_core() -> None:
    """What `detector` exports is the very class that the core uses."""
    from detector.core.config.options import Config
    from detector.core.counting.verdict_hook import Verdict
    from detector.core.errors import ConfigError

    assert (detector.Config, detector.Verdict) == (Config, Verdict)
    assert detector.ConfigError is ConfigError


def test_importing_the_package_is_cheap() -> None:
    """`import detector` imports nothing of the package but itself."""
    loaded = loaded_by("import detector")
    assert [name for name in loaded if name.partition(".")[0] == "detector"] == ["detector"]


def test_importing_the_testing_package_is_cheap() -> None:
    """`import detector.testing` neither starts nor imports what the tests of an owner need."""
    loaded = loaded_by("import detector.testing")
    ours = [name for name in loaded if name.partition(".")[0] == "detector"]
    assert ours == ["detector", "detector.testing"]


def test_testing_names_need_no_browser_yet() -> None:
    """Importing the names for tests does not import Playwright; a test's fixtures do."""
    loaded = loaded_by("from detector.testing import AdBlocker, nobody_is_accused")
    assert "detector.testing.blockers.assertions" in loaded
    assert "playwright" not in loaded
