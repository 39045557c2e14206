"""Reports: what is counted, corroborated and refused."""

from __future__ import annotations

import pytest

from detector.core.endpoints import Response
from detector.core.request import Request
from detector.core.tokens import VIEW_AGE
from tests.conftest import GOOGLEBOT, Clock
from tests.core.endpoints.conftest import Visit, verdict


def test_verdict_is_counted_once(visit: Visit) -> None:
    """A verdict counts once, in every dimension; a repeat is refused with the same response."""
    body = verdict(visit, visit.control())
    first, second = visit.post(body), visit.post(body)
    assert (first.status, first.headers, first.body) == (
        second.status, second.headers, second.body
    )  # fmt: skip
    assert first == Response(204, [("Cache-Control", "private, no-store")], b"")
    assert visit.counted("verdict", "clear") == 1
    assert visit.counted("verdict", "clear", "browser", "firefox") == 1
    assert visit.counted("verdict", "clear", "group", "/article/*") == 1
    assert visit.counted("refused", dimension="reason", value="repeat") == 1


@pytest.mark.parametrize("kind", ["application/json", "text/plain;charset=UTF-8", ""])
def test_report_of_any_content_type(visit: Visit, kind: str) -> None:
    """A report is accepted as JSON, and as the text that older cached scripts send."""
    visit.post(verdict(visit, visit.control()), **{"content-type": kind})
    assert visit.counted("verdict", "clear") == 1


def test_blocked_is_corroborated(visit: Visit) -> None:
    """A bait that arrived was not blocked, whatever the page reports."""
    control = visit.control()
    first, second = control["b"][0], control["b"][1]
    path, _, query = (first[2] + control["t"]).partition("?")
    visit.get(path, query)
    claim = {"s": "blocked", "i": "extension", "f": [first[1], second[1]]}
    visit.post(verdict(visit, control, **claim))
    assert visit.counted("verdict", "blocked") == 0
    assert visit.counted("verdict", "unknown") == 1
    assert visit.counted("corrected", "blocked") == 1


def test_partial_is_corroborated(visit: Visit) -> None:
    """So is a verdict of partial, where ads arrive although something acts."""
    for view, asked, state in (("1", [], "partial"), ("2", [0, 1], "unknown")):
        control = visit.control(view * 20)
        for at in asked:
            path, _, query = (control["b"][at][2] + control["t"]).partition("?")
            visit.get(path, query)
        failed = [bait[1] for bait in control["b"][:2]]
        visit.post(verdict(visit, control, s="partial", i="extension", f=failed))
        assert visit.counted("verdict", state) == 1


@pytest.mark.parametrize("state", ["clear", "unknown"])
def test_nothing_acts_on_a_clear_view(visit: Visit, state: str) -> None:
    """A verdict that names nothing that blocks has no kind, whatever the page reports."""
    visit.post(verdict(visit, visit.control(), s=state, i="extension"))
    assert visit.counted("verdict", state, "kind", "none") == 1
    assert visit.counted("verdict", state, "kind", "extension") == 0


def test_blocked_is_counted(visit: Visit) -> None:
    """Two baits that did not arrive are a block."""
    control = visit.control()
    failed = [control["b"][0][1], control["b"][1][1]]
    visit.post(verdict(visit, control, s="blocked", i="extension", f=failed))
    assert visit.counted("verdict", "blocked", "kind", "extension") == 1


def test_baits_of_a_blocked_view(visit: Visit) -> None:
    """Each bait of a blocked view counts as asked and missed, once; of other views none does."""
    control = visit.control()
    failed = [bait[1] for bait in control["b"][:2]]
    body = verdict(visit, control, s="blocked", f=failed)
    visit.post(body)
    visit.post(body)
    visit.post(verdict(visit, visit.control("5" * 20), s="unknown", f=failed[:1]))
    visit.post(verdict(visit, visit.control("6" * 20), s="blocked", e=True))
    rows = visit.site.counters.snapshot()
    found = [(key[3], key[5], n) for key, n in rows.items() if key[2] == "bait"]
    assert len(found) == 5 and ("none", "asked", 1) in found
    assert sum(n for _, action, n in found if action == "asked") == 3
    assert sum(n for _, action, n in found if action == "missed") == 2


def test_blocked_by_elements_needs_no_request(visit: Visit) -> None:
    """Hidden elements are known from the page's report alone."""
    visit.post(verdict(visit, visit.control(), s="blocked", i="extension", e=True))
    assert visit.counted("verdict", "blocked") == 1


def test_recovered_views(visit: Visit) -> None:
    """A clear view after the visitor has allowed ads also counts as won back."""
    marks: list[object] = ["ae", "an", "au", "we", " -", "ax", "", True, None, []]
    for n, mark in enumerate(marks):
        visit.post(verdict(visit, visit.control(str(n) * 20), r=mark))
    assert visit.counted("verdict", "clear") == 10
    assert visit.counted("recovered") == visit.counted("recovered", "", "group", "/article/*") == 3
    for kind in ("extension", "network", "none"):
        assert visit.counted("recovered", "", "kind", kind) == 1


@pytest.mark.parametrize(
    ("state", "number"), [("unreachable", 0), ("unknown", 0), ("blocked", 0), ("partial", 1)]
)
def test_views_with_ads_are_recovered(visit: Visit, state: str, number: int) -> None:
    """Where ads arrive, as they do in part, a view counts as won back; else none does."""
    visit.post(verdict(visit, visit.control(), s=state, r="ae", e=True))
    assert (visit.counted("verdict", state), visit.counted("recovered")) == (1, number)


def test_actions_count_once_each(visit: Visit) -> None:
    """Each action on the notice counts once."""
    control = visit.control()
    for action in ("shown", "steps", "shown", "dismissed"):
        visit.post({"t": control["t"], "p": visit.page, "s": "blocked", "a": action})
    assert [visit.counted(a, "blocked") for a in ("shown", "steps", "dismissed")] == [1, 1, 1]
    assert visit.counted("shown", "blocked", "mode", "corner") == 1
    assert visit.counted("shown", "blocked", "kind", "none") == 1


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        *(("extension", "extension"), ("e", "extension"), ("b", "browser"), ("n", "network")),
        *(("unsure", "none"), ("u", "none"), (None, "none")),
    ],
)
def test_an_action_has_the_kind_that_was_there(visit: Visit, told: str | None, kind: str) -> None:
    """The kind survives a reload of the page as its first letter."""
    token = visit.control()["t"]
    visit.post({"t": token, "p": visit.page, "s": "clear", "a": "allowed", "i": told})
    assert visit.counted("allowed", "clear", "kind", kind) == 1


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"sec-fetch-site": "cross-site"}, "origin"),
        ({"sec-fetch-site": "same-site"}, "origin"),
        ({"origin": "https://evil.example", "host": "news.example"}, "origin"),
        ({"origin": "null", "host": "news.example"}, "origin"),
        ({"origin": "http://[", "host": "news.example"}, "origin"),
        ({"content-encoding": "gzip"}, "encoding"),
        ({"user-agent": GOOGLEBOT}, "bot"),
    ],
)
def test_refused_by_header(visit: Visit, headers: dict[str, str], reason: str) -> None:
    """Reports from other origins are refused and counted by reason."""
    response = visit.post(verdict(visit, visit.control()), **headers)
    assert response.status == 204
    assert visit.counted("verdict", "clear") == 0
    assert visit.counted("refused", dimension="reason", value=reason) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"origin": "https://news.example", "host": "news.example"},
        {"sec-fetch-site": "same-origin", "origin": "https://news.example", "host": "10.0.0.1:80"},
    ],
)
def test_same_origin_counts(visit: Visit, headers: dict[str, str]) -> None:
    """Reports of the site's own pages count, also behind a proxy that changes the host."""
    visit.post(verdict(visit, visit.control()), **headers)
    assert visit.counted("verdict", "clear") == 1


def test_refused_by_body(visit: Visit, clock: Clock) -> None:
    """Bad bodies and tokens are refused, each with its reason."""
    control = visit.control()
    for body, reason in (
        (b"x" * 2000, "size"),
        (b"{", "syntax"),
        (verdict(visit, control, s="maybe"), "value"),
        (verdict(visit, control, z=1), "unknown-key"),
        (verdict(visit, control, t="forged"), "token"),
        (verdict(visit, control, p="forged"), "token"),
    ):
        before = visit.counted("refused", dimension="reason", value=reason)
        assert visit.post(body).status == 204
        assert visit.counted("refused", dimension="reason", value=reason) == before + 1
    clock.now += VIEW_AGE + 3600
    visit.post(verdict(visit, control))
    assert visit.counted("refused", dimension="reason", value="expired") == 1


def test_report_reads_no_more_than_it_must(visit: Visit) -> None:
    """Little more than a kilobyte of a body is read, whatever its length."""
    asked: list[int] = []

    def read(size: int) -> bytes:
        asked.append(size)
        return b"x" * size

    path = visit.prefix + visit.site.names.report
    visit.endpoints.respond(Request("POST", path, "", visit.headers, "", read))
    assert asked == [1025]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_report_takes_post_only(visit: Visit, method: str) -> None:
    """Other methods get a 405 and have no effect; the response to HEAD has no body."""
    response = visit.get(visit.site.names.report, method=method)
    assert response.status == 405
    assert response.body == (b"" if method == "HEAD" else b"POST only")
    assert ("Allow", "POST") in response.headers
