"""Baits and controls: their responses, and what counts as an arrival."""

from __future__ import annotations

from tests.core.endpoints.conftest import VIEW, Visit


def test_baits_answer_and_arrive(visit: Visit) -> None:
    """Every bait and control holds its proof, and the server knows which baits arrived."""
    control = visit.control()
    for kind, number, *urls in control["b"]:
        for url in urls:
            path, _, query = (url + control["t"]).partition("?")
            response = visit.get(path, query)
            assert response.status == 200
            assert ("Cache-Control", "private, no-store") in response.headers
            if kind != 1:
                assert control["x"].encode() in response.body
        assert number in visit.site.recent_views.arrived(VIEW)


def test_a_control_is_no_arrival(visit: Visit) -> None:
    """A control, which nothing blocks, tells nothing of its bait."""
    control = visit.control()
    path, _, query = (control["b"][0][3] + control["t"]).partition("?")
    assert visit.get(path, query).status == 200
    assert visit.site.recent_views.arrived(VIEW) == frozenset()


def test_arrivals_are_told(visit: Visit) -> None:
    """The control that the bootstrap names tells which baits of the view arrived."""
    control = visit.control()
    path, _, query = (control["q"] + control["t"]).partition("?")
    assert visit.get(path, query).body == control["x"].encode()
    visit.bait(control)
    assert visit.get(path, query).body == f"{control['x']},{control['b'][0][1]}".encode()


def test_a_bait_with_a_query_of_its_own(visit: Visit) -> None:
    """The token is what stands behind the last sign of equality, where a bait has one."""
    control = visit.control()
    path, _, query = (control["b"][0][2] + control["t"]).partition("?")
    assert visit.get(path, f"zone={query}").status == 200
    assert visit.site.recent_views.arrived(VIEW) == {control["b"][0][1]}


def test_head_is_no_arrival(visit: Visit) -> None:
    """HEAD, which the script sends to see who answers for a bait, is not an arrival."""
    control = visit.control()
    path, _, query = (control["b"][0][2] + control["t"]).partition("?")
    response = visit.get(path, query, "HEAD")
    assert (response.status, response.body) == (200, b"")
    assert visit.site.recent_views.arrived(VIEW) == frozenset()


def test_head_is_proven(visit: Visit) -> None:
    """HEAD of a bait carries the view's proof in a header that proxies pass on, as GET does."""
    control = visit.control()
    for _, _, url, twin in control["b"]:
        for each in (url, twin):
            path, _, query = (each + control["t"]).partition("?")
            head, whole = (visit.get(path, query, method) for method in ("HEAD", "GET"))
            assert head.headers == whole.headers
            assert dict(head.headers)["Content-Type"].endswith("; v=" + control["x"])
            assert control["x"] not in path + query


def test_baits_want_a_token(visit: Visit) -> None:
    """Without the view's token a bait is not found, and no arrival is recorded."""
    path = visit.control()["b"][0][2].partition("?")[0]
    found = visit.get(path, "forged")
    assert (found.status, found.body) == (404, b"no such file")
    assert visit.site.recent_views.arrived(VIEW) == frozenset()
