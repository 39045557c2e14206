"""Names below the detector's prefix: their responses, lifetimes and methods."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from detector.core.assets import script
from detector.core.endpoints import Endpoints, Response
from detector.core.html.headers import by_name
from detector.core.request import Request
from detector.core.served_names import ServedNames
from detector.core.site import Site
from tests.conftest import FIREFOX
from tests.core.endpoints.conftest import Visit, verdict


def test_paths_of_others(visit: Visit) -> None:
    """Requests outside the prefix reach the app."""
    for path in ("/", "", "/article/1", visit.prefix[:-1], "/static/x.js"):
        found = visit.endpoints.respond(Request("GET", path, "", visit.headers))
        assert found is None


def refusal(status: int, text: str, *more: tuple[str, str]) -> Response:
    """Return the response of an error, of which no browser guesses the type or keeps a copy."""
    kind = ("Content-Type", "text/plain; charset=utf-8")
    safe = [("Cache-Control", "private, no-store"), ("X-Content-Type-Options", "nosniff")]
    return Response(status, [kind, *more, *safe], text.encode())


def test_unknown_name_below_our_prefix(visit: Visit) -> None:
    """Requests below the prefix never reach the app."""
    assert visit.get("nothing") == refusal(404, "no such file")
    simulation = visit.site.names.script("simulate", "bcfghjkm")[:-2] + "json"
    old = "this link is not ours, or older than a week"
    assert visit.get(simulation, "z=forged") == refusal(404, old)


def test_script_is_immutable(visit: Visit) -> None:
    """The script may be cached for ever, since its name contains its content hash."""
    response = visit.get(visit.script)
    assert response.body == script("detect").body
    assert response.headers == [
        ("Content-Type", "text/javascript; charset=utf-8"),
        ("Content-Length", str(len(response.body))),
        ("Cache-Control", "public, max-age=31536000, immutable"),
        ("X-Content-Type-Options", "nosniff"),
        ("Vary", "Accept-Encoding"),
    ]


def test_script_is_sent_packed(site: Site) -> None:
    """A client that accepts gzip gets gzip, with the right length and Vary."""
    whole = Visit(site).get(Visit(site).script).headers
    response = Visit(site, **{"accept-encoding": "br, gzip"}).get(Visit(site).script)
    assert (response.status, response.body) == (200, script("detect").packed)
    assert response.headers == [
        *(header for header in whole if header[0] != "Content-Length"),
        ("Content-Encoding", "gzip"),
        ("Content-Length", str(len(script("detect").packed))),
    ]


def test_older_name_answers_for_a_short_while(visit: Visit) -> None:
    """An older name in a cached page returns the current script with a short lifetime."""
    response = visit.get(visit.site.names.script("detect", "bbbbbbbb"))
    assert response.body == script("detect").body
    assert ("Cache-Control", "public, max-age=300") in response.headers


def test_previous_secret_answers(make_site: Callable[..., Site]) -> None:
    """Names and tokens of a previous secret are still served, baits included."""
    old = make_site(secret="the secret of last year")
    new = make_site(previous_secrets=["the secret of last year"])
    before, after = Visit(old), Visit(new)
    after.prefix, after.script, after.page = before.prefix, before.script, before.page
    assert after.get(before.script).status == 200
    control = after.control()
    bait = control["b"][0]
    path, _, query = (bait[2] + control["t"]).partition("?")
    assert control["x"].encode() in after.get(path, query).body
    assert after.counted("view") == 1


def test_name_of_an_unknown_secret_is_logged_once(
    visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    """A well-formed name that is unknown suggests workers with different secrets."""
    foreign = f"/{ServedNames('another secret, unknown').prefix}/x.js"
    with caplog.at_level(logging.WARNING, "detector"):
        for _ in range(3):
            found = visit.endpoints.respond(Request("GET", foreign, "", visit.headers))
            assert found is None
    assert [r.message for r in caplog.records if "share DETECTOR_SECRET" in r.message] == [
        caplog.records[0].message
    ]


@pytest.mark.parametrize("path", ["/articles/", "/articles", "/bcfghjkm/", "/bcfghjk/x.js"])
def test_folders_of_the_app_are_not_logged(
    visit: Visit, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """An app's own folder of eight letters is taken for no name of ours."""
    assert visit.endpoints.respond(Request("GET", path, "", visit.headers)) is None
    assert caplog.text == ""


def test_bodies_that_are_read(make_site: Callable[..., Site]) -> None:
    """An adapter reads the body of a report, where the site counts any, and of nothing else."""
    for level, counted in (("stats", True), ("local", False)):
        visit = Visit(make_site(level=level))
        report = visit.site.names.report
        assert visit.endpoints.reads(visit.prefix + report) is counted
        others = (visit.prefix + visit.script, visit.prefix, f"/article/{report}", f"/{report}", "")
        assert not any(map(visit.endpoints.reads, others))


def test_files_take_get_only(visit: Visit) -> None:
    """A file refuses POST; the response to HEAD has no body."""
    refused = visit.get(visit.script, method="POST")
    assert refused == refusal(405, "GET only", ("Allow", "GET, HEAD"))
    head = visit.get(visit.script, method="HEAD")
    assert (head.status, head.body) == (200, b"")


def test_no_answer_sets_a_cookie(visit: Visit) -> None:
    """No response of the detector sets a cookie."""
    control = visit.control()
    answers = [visit.get(visit.script), visit.post(verdict(visit, control)), visit.get("nothing")]
    assert not any(name == "Set-Cookie" for r in answers for name, _ in r.headers)


def test_tag_and_responder_agree(site: Site) -> None:
    """The script that a page names is served."""
    injector = site.tagger.injector(
        Request("GET", headers={"user-agent": FIREFOX}),
        200,
        by_name([("Content-Type", "text/html")]),
    )
    assert injector is not None
    src = injector.tag.split(b'src="')[1].split(b'"')[0].decode()
    found = Endpoints(site).respond(Request("GET", src, "", {}))
    assert found is not None
    assert found.status == 200
