"""The owner's function that is called for each verdict, and counts passed on to metrics."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import REGISTRY

from detector.core.counting.verdict_hook import Verdict
from detector.core.errors import ConfigError
from detector.core.site import Site
from tests.core.endpoints.conftest import Visit, verdict

SEEN: list[Verdict] = []


def test_told(make_site: Callable[..., Site]) -> None:
    """The function receives what is counted of a verdict, once for each view."""
    seen: list[Verdict] = []
    visit = Visit(make_site(on_verdict=seen.append))
    control = visit.control()
    for _ in range(2):
        visit.post(verdict(visit, control))
    visit.post(verdict(visit, control, a="shown"))
    visit.post(verdict(visit, visit.control("5" * 20), s="unreachable", i="network"))
    assert seen == [
        Verdict("site", "clear", None, "/article/*", "firefox", "desktop"),
        Verdict("site", "unreachable", "network", "/article/*", "firefox", "desktop"),
    ]


def test_told_of_a_reused_view(make_site: Callable[..., Site]) -> None:
    """A view that reuses a verdict of clear is told too."""
    seen: list[Verdict] = []
    visit = Visit(make_site(on_verdict=seen.append, reuse_minutes=5))
    visit.control(more="&r=ae")
    assert seen == [Verdict("site", "clear", None, "/article/*", "firefox", "desktop")]


def test_by_its_place(make_site: Callable[..., Site]) -> None:
    """A function may be named by its dotted path, and may be a method of an object."""
    visit = Visit(make_site(on_verdict="tests.core.counting.test_verdict_hook:SEEN.append"))
    from tests.core.counting import test_verdict_hook

    visit.post(verdict(visit, visit.control()))
    assert [one.state for one in test_verdict_hook.SEEN] == ["clear"]
    test_verdict_hook.SEEN.clear()


def test_what_it_raises_stays_here(
    make_site: Callable[..., Site], caplog: pytest.LogCaptureFixture
) -> None:
    """An error in the owner's function changes no response and no count, and pages stay tagged."""

    def fails(_: Verdict) -> None:
        raise RuntimeError("the owner's")

    site = make_site(on_verdict=fails)
    visit = Visit(site)
    for number in range(12):
        assert visit.post(verdict(visit, visit.control(f"{number:020}"))).status == 204
    assert visit.counted("verdict", "clear") == visit.counted("error") == 12
    where = "detector: an error in the function of on_verdict was kept from the page"
    assert caplog.messages == [where]
    assert not site.circuit_breaker.is_open()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (7, "ON_VERDICT is 7; allowed are a function, or its name"),
        ("nothing", "allowed are a function, or its name as package.module:function"),
        ("no_such_module:f", "cannot be imported: No module named 'no_such_module'"),
        ("os:path:join", "cannot be imported: module 'os' has no attribute 'path:join'"),
        ("os.path:none", "cannot be imported: module 'posixpath' has no attribute 'none'"),
        ("os.path:sep", "is not a function but str"),
    ],
)
def test_no_function(make_site: Callable[..., Site], value: object, message: str) -> None:
    """A value that is not a function stops the start; the message says what is expected."""
    with pytest.raises(ConfigError, match=message):
        make_site(on_verdict=value)


def sample(name: str, **labels: str) -> float:
    """Return one value of the registry that also holds the app's own metrics."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_prometheus(make_site: Callable[..., Site]) -> None:
    """Events are in the default registry, with labels from closed vocabularies only."""
    at = {"site": "site", "action": "verdict"}
    before = sample("detector_events_total", **at, state="clear")
    visit = Visit(make_site(prometheus=True))
    visit.post(verdict(visit, visit.control()))
    assert sample("detector_events_total", **at, state="clear") == before + 1
    by = {
        tuple(found.labels[name] for name in ("dimension", "value"))
        for metric in REGISTRY.collect()
        for found in metric.samples
        if found.name == "detector_events_by_total" and found.labels["action"] == "verdict"
    }
    assert by == {("kind", "none"), ("browser", "firefox"), ("device", "desktop")}


def test_baits_as_metrics(make_site: Callable[..., Site]) -> None:
    """The request baits of a blocked view are series of their own, as asked and missed."""
    visit = Visit(make_site(prometheus=True))
    control = visit.control()
    failed = [bait[1] for bait in control["b"][:2]]
    visit.post(verdict(visit, control, s="blocked", f=failed))
    for number in failed:
        name = visit.site.baits[visit.site.names.prefix].pool.requests[number]
        value = ("everywhere:" if name.everywhere else "full:") + name.path
        for action in ("asked", "missed"):
            labels = {"site": "site", "action": action, "dimension": "bait", "value": value}
            assert sample("detector_events_by_total", **labels) == 1


def test_disputed_in_prometheus(make_site: Callable[..., Site]) -> None:
    """A disputed notice has the signals that said blocked as a label."""
    visit = Visit(make_site(prometheus=True))
    at = {"site": "site", "action": "disputed"}
    words = {"dimension": "signals", "value": "requests ads"}
    before = sample("detector_events_by_total", **at, **words)
    told = {"s": "blocked", "a": "disputed", "g": "requests ads"}
    visit.post(verdict(visit, visit.control(), **told))
    assert sample("detector_events_by_total", **at, **words) == before + 1
    assert sample("detector_events_total", **at, state="") >= 1


def test_prometheus_over_processes(tmp_path: Path) -> None:
    """In the library's multiprocess mode the events of all processes are summed."""
    script = """
        import sys
        from detector.core.site import Site
        from detector.core.config.loading import make_config
        site = Site(make_config(secret="a secret for tests, long enough", prometheus=True))
        for _ in range(int(sys.argv[1])):
            site.count("view", browser="firefox")
    """
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for number in ("2", "3"):
        code = textwrap.dedent(script)
        subprocess.run([sys.executable, "-c", code, number], check=True, env=environ, timeout=60)
    from prometheus_client import CollectorRegistry, multiprocess

    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, str(tmp_path))  # type: ignore[no-untyped-call]
    labels = {"site": "site", "action": "view", "state": ""}
    assert registry.get_sample_value("detector_events_total", labels) == 5


def test_opentelemetry(make_site: Callable[..., Site]) -> None:
    """Events reach the meter provider that the app has set, with closed vocabularies only."""
    reader = InMemoryMetricReader()
    metrics.set_meter_provider(MeterProvider([reader]))
    visit = Visit(make_site(opentelemetry=True))
    visit.post(verdict(visit, visit.control()))
    data = reader.get_metrics_data()
    assert data is not None
    (scope,) = data.resource_metrics[0].scope_metrics
    found = {
        metric.name: {
            tuple(sorted((point.attributes or {}).items())): getattr(point, "value", None)
            for point in metric.data.data_points
        }
        for metric in scope.metrics
    }
    assert found["detector.events"] == {
        (("action", "view"), ("site", "site"), ("state", "")): 1,
        (("action", "verdict"), ("site", "site"), ("state", "clear")): 1,
    }
    assert {dict(key)["dimension"] for key in found["detector.events_by"]} == {
        "browser",
        "device",
        "kind",
    }
