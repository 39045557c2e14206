"""Our own URLs: what each answers, and what it counts."""

from __future__ import annotations

import gzip
import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from detector.names import Names
from detector.report.tokens import VIEW_AGE
from detector.responder import Responder, Response
from detector.site import Site
from detector.static_files import script
from tests.conftest import FIREFOX, GOOGLEBOT, Clock

VIEW = "01234567890123456789"


class Visit:
    """One visitor of one site."""

    def __init__(self, site: Site, **headers: str) -> None:
        self.site = site
        self.responder = Responder(site)
        self.headers = {"user-agent": FIREFOX, **headers}
        self.remote = ""
        self.prefix = f"/{site.names.prefix}/"
        self.script = site.names.script("detect", script("detect").content_hash)
        self.page = site.tokens.page("/article/*")

    def get(self, path: str, query: str = "", method: str = "GET") -> Response:
        """Ask for a path below the prefix."""
        response = self.responder.respond(
            method, self.prefix + path, query, self.headers, lambda n: b""
        )
        assert response is not None
        return response

    def control(self, view: str = VIEW, more: str = "") -> dict[str, Any]:
        """Ask the first control."""
        answer = self.get(self.script[:-2] + "json", f"v={view}&p={self.page}{more}")
        data: dict[str, Any] = json.loads(answer.body)
        return data

    def post(self, body: bytes | dict[str, Any], **headers: str) -> Response:
        """Send a report."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = self.responder.respond(
            "POST",
            self.prefix + self.site.names.report,
            "",
            {**self.headers, **headers},
            lambda n: data[:n],
            self.remote,
        )
        assert response is not None
        return response

    def counted(self, action: str, state: str = "", dimension: str = "all", value: str = "") -> int:
        """Give one counter."""
        return sum(
            n
            for (_, _, d, v, s, a), n in self.site.counters.snapshot().items()
            if (d, v, s, a) == (dimension, value, state, action)
        )


@pytest.fixture
def visit(site: Site) -> Visit:
    """Give somebody with Firefox."""
    return Visit(site)


def verdict(visit: Visit, control: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Make a report of a verdict."""
    return {"t": control["t"], "p": visit.page, "s": "clear", "i": "", "f": [], "e": False, **more}


def test_paths_of_others(visit: Visit) -> None:
    """What is not below our prefix is the app's."""
    for path in ("/", "", "/article/1", visit.prefix[:-1], "/static/x.js"):
        found = visit.responder.respond("GET", path, "", visit.headers, lambda n: b"")
        assert found is None


def test_unknown_name_below_our_prefix(visit: Visit) -> None:
    """Below the prefix nothing reaches the app."""
    assert visit.get("nothing").status == 404


def test_script_is_immutable(visit: Visit) -> None:
    """The script may be kept for ever, since its name holds its content."""
    response = visit.get(visit.script)
    assert response.body == script("detect").body
    assert ("Cache-Control", "public, max-age=31536000, immutable") in response.headers
    assert ("X-Content-Type-Options", "nosniff") in response.headers


def test_script_is_sent_packed(site: Site) -> None:
    """Who takes gzip gets gzip, with the right length and Vary."""
    headers = dict(Visit(site, **{"accept-encoding": "br, gzip"}).get(Visit(site).script).headers)
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Content-Length"] == str(len(script("detect").packed))
    assert headers["Vary"] == "Accept-Encoding"


def test_older_name_answers_for_a_short_while(visit: Visit) -> None:
    """A cached page's older name gets the script of today, not to be kept for long."""
    response = visit.get(visit.site.names.script("detect", "bbbbbbbb"))
    assert response.body == script("detect").body
    assert ("Cache-Control", "public, max-age=300") in response.headers


def test_previous_secret_answers(make_site: Callable[..., Site]) -> None:
    """Names and tokens of a previous secret keep answering, baits included."""
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
    """A well-formed name that nobody here made hints at workers with different secrets."""
    foreign = f"/{Names('another secret, unknown').prefix}/x.js"
    with caplog.at_level(logging.WARNING, "detector"):
        for _ in range(3):
            found = visit.responder.respond("GET", foreign, "", visit.headers, lambda n: b"")
            assert found is None
    assert [r.message for r in caplog.records if "share DETECTOR_SECRET" in r.message] == [
        caplog.records[0].message
    ]


def test_control_answers_with_what_to_look_with(visit: Visit) -> None:
    """The control echoes the view and gives token, baits and elements, and is never stored."""
    response = visit.get(visit.script[:-2] + "json", f"v={VIEW}&p={visit.page}")
    assert ("Cache-Control", "no-store") in response.headers
    data = json.loads(response.body)
    assert data["v"] == VIEW
    assert visit.site.tokens.read_view(data["t"]) == VIEW
    assert len(data["b"]) == 6
    assert len(data["e"]) == 5
    assert {"n", "c", "k"} <= data.keys()


def test_control_without_notice(make_site: Callable[..., Site]) -> None:
    """Mode none gives no notice to load."""
    assert not {"n", "c", "k"} & Visit(make_site(notice="none")).control().keys()


@pytest.mark.parametrize("view", ["", "x", "aaaaaaaaaaaaaaaaaaaa", "01234567890123456789%22"])
def test_control_wants_a_view_id(visit: Visit, view: str) -> None:
    """What is not a view id is not echoed."""
    assert visit.get(visit.script[:-2] + "json", f"v={view}").status == 404


def test_control_with_too_many_fields(visit: Visit) -> None:
    """A query with more fields than we send is refused, and is no error of ours."""
    answer = visit.get(visit.script[:-2] + "json", "&".join(["v=1"] * 20))
    assert answer.status == 404


def test_views_are_counted_once(visit: Visit) -> None:
    """Each view id counts one view; a second look none."""
    visit.control()
    visit.control()
    visit.control("98765432109876543210", "&a=1")
    assert visit.counted("view") == 1
    assert visit.counted("view", dimension="group", value="/article/*") == 1


def test_forged_page_token_counts_for_no_group(visit: Visit) -> None:
    """A page token that is not ours still gets its baits, but names no group."""
    visit.page = "/evil.signature"
    assert visit.control()["b"]
    assert visit.counted("view", dimension="group", value="other") == 1


@pytest.mark.parametrize("agent", [GOOGLEBOT, ""])
def test_robots_are_not_counted(site: Site, agent: str) -> None:
    """A robot gets its view id back and nothing else."""
    visit = Visit(site, **{"user-agent": agent})
    assert visit.control() == {"v": VIEW}
    assert visit.counted("view") == 0


def test_automated_browser_is_a_robot(visit: Visit) -> None:
    """A browser that says it is driven by a program counts as a robot."""
    assert visit.control(more="&w=true") == {"v": VIEW}


def test_share_of_views(make_site: Callable[..., Site]) -> None:
    """With a share only the views whose random id falls into it are looked at and counted."""
    visit = Visit(make_site(share=0.25))
    looked = [n for n in range(0, 10_000, 100) if "b" in visit.control(f"{n:020}")]
    assert looked == list(range(0, 2_500, 100))
    assert visit.counted("view") == 25


def test_qa_switch(make_site: Callable[..., Site]) -> None:
    """With the switch for QA robots are treated as people."""
    visit = Visit(make_site(treat_bots_as_people=True), **{"user-agent": GOOGLEBOT})
    control = visit.control(more="&w=true")
    visit.post(verdict(visit, control))
    assert (visit.counted("view"), visit.counted("verdict", "clear")) == (1, 1)


def test_baits_answer_and_arrive(visit: Visit) -> None:
    """Every bait and control proves itself, and the server knows which baits arrived."""
    control = visit.control()
    for kind, number, *urls in control["b"]:
        for url in urls:
            path, _, query = (url + control["t"]).partition("?")
            response = visit.get(path, query)
            assert response.status == 200
            assert ("Cache-Control", "no-store") in response.headers
            if kind != 1:
                assert control["x"].encode() in response.body
        assert number in visit.site.views.arrived(VIEW)


def test_head_is_no_arrival(visit: Visit) -> None:
    """HEAD, by which the script asks whether a bait is refused, is not its arrival."""
    control = visit.control()
    path, _, query = (control["b"][0][2] + control["t"]).partition("?")
    response = visit.get(path, query, "HEAD")
    assert (response.status, response.body) == (200, b"")
    assert visit.site.views.arrived(VIEW) == frozenset()


def test_named_ad_hosts(make_site: Callable[..., Site]) -> None:
    """Addresses that the owner named go to the script, and their hosts count as ad hosts."""
    plain = Visit(make_site()).control()
    assert "u" not in plain
    named = Visit(make_site(probe_urls=["https://cdn.ads.example/lib.js"])).control()
    assert named["u"] == ["no-cors", "https://cdn.ads.example/lib.js"]
    assert re.search(named["h"], ".cdn.ads.example")
    assert not re.search(plain["h"], ".cdn.ads.example")


def test_another_look_shows_nothing(make_site: Callable[..., Site]) -> None:
    """A second look at the same view takes place whatever the share, and counts nothing."""
    again = Visit(make_site(share=0.25)).control("98765432109876549999", "&a=1")
    assert len(again["b"]) == 6
    assert not {"n", "c", "k"} & again.keys()


def test_baits_want_a_token(visit: Visit) -> None:
    """Without the view's token a bait says nothing and nothing is noted."""
    path = visit.control()["b"][0][2].partition("?")[0]
    assert visit.get(path, "forged").status == 404
    assert visit.site.views.arrived(VIEW) == frozenset()


def test_verdict_is_counted_once(visit: Visit) -> None:
    """A verdict counts once, in every dimension; its repeat is refused; the answer is the same."""
    body = verdict(visit, visit.control())
    first, second = visit.post(body), visit.post(body)
    assert (first.status, first.headers, first.body) == (
        second.status, second.headers, second.body
    )  # fmt: skip
    assert first.status == 204
    assert visit.counted("verdict", "clear") == 1
    assert visit.counted("verdict", "clear", "browser", "firefox") == 1
    assert visit.counted("verdict", "clear", "group", "/article/*") == 1
    assert visit.counted("refused", dimension="reason", value="repeat") == 1


def test_blocked_is_corroborated(visit: Visit) -> None:
    """A bait that arrived was not blocked, whatever the page says."""
    control = visit.control()
    first, second = control["b"][0], control["b"][1]
    path, _, query = (first[2] + control["t"]).partition("?")
    visit.get(path, query)
    claim = {"s": "blocked", "i": "extension", "f": [first[1], second[1]]}
    visit.post(verdict(visit, control, **claim))
    assert visit.counted("verdict", "blocked") == 0
    assert visit.counted("verdict", "unknown") == 1
    assert visit.counted("corrected", "blocked") == 1


def test_blocked_is_counted(visit: Visit) -> None:
    """Two baits that did not arrive are a block."""
    control = visit.control()
    failed = [control["b"][0][1], control["b"][1][1]]
    visit.post(verdict(visit, control, s="blocked", i="extension", f=failed))
    assert visit.counted("verdict", "blocked", "kind", "extension") == 1


def test_blocked_by_elements_needs_no_request(visit: Visit) -> None:
    """Hidden elements are seen by the page alone."""
    visit.post(verdict(visit, visit.control(), s="blocked", i="extension", e=True))
    assert visit.counted("verdict", "blocked") == 1


def test_actions_count_once_each(visit: Visit) -> None:
    """What people do with the notice counts once for each action."""
    control = visit.control()
    for action in ("shown", "steps", "shown", "dismissed"):
        visit.post({"t": control["t"], "p": visit.page, "s": "blocked", "a": action})
    assert [visit.counted(a, "blocked") for a in ("shown", "steps", "dismissed")] == [1, 1, 1]
    assert visit.counted("shown", "blocked", "mode", "corner") == 1


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
    """Reports from elsewhere are refused and counted by reason."""
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
    """Reports of our own pages count, also behind a proxy that changes the host."""
    visit.post(verdict(visit, visit.control()), **headers)
    assert visit.counted("verdict", "clear") == 1


def test_refused_by_body(visit: Visit, clock: Clock) -> None:
    """Bad bodies and tokens are refused, each by its reason."""
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
    """Of a body of any length little more than a kilobyte is read."""
    asked: list[int] = []

    def read(size: int) -> bytes:
        asked.append(size)
        return b"x" * size

    path = visit.prefix + visit.site.names.report
    visit.responder.respond("POST", path, "", visit.headers, read)
    assert asked == [1025]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_report_takes_post_only(visit: Visit, method: str) -> None:
    """Another method is told so and has no effect."""
    response = visit.get(visit.site.names.report, method=method)
    assert response.status == 405
    assert ("Allow", "POST") in response.headers


def test_files_take_get_only(visit: Visit) -> None:
    """A file cannot be posted to; HEAD has no body."""
    assert visit.get(visit.script, method="POST").status == 405
    head = visit.get(visit.script, method="HEAD")
    assert (head.status, head.body) == (200, b"")


def test_no_answer_sets_a_cookie(visit: Visit) -> None:
    """Nothing of ours sets a cookie."""
    control = visit.control()
    answers = [visit.get(visit.script), visit.post(verdict(visit, control)), visit.get("nothing")]
    assert not any(name == "Set-Cookie" for r in answers for name, _ in r.headers)


def test_tag_and_responder_agree(site: Site) -> None:
    """The script that a page names is answered."""
    injector = site.injector("GET", 200, [("Content-Type", "text/html")], {"user-agent": FIREFOX})
    assert injector is not None
    src = injector.tag.split(b'src="')[1].split(b'"')[0].decode()
    found = Responder(site).respond("GET", src, "", {}, lambda n: b"")
    assert found is not None
    assert found.status == 200


def texts_of(visit: Visit, query: str = "") -> dict[str, Any]:
    """Ask for the notice's texts."""
    data: dict[str, Any] = json.loads(visit.get(visit.site.names.texts, query).body)
    return data


@pytest.mark.parametrize(
    ("query", "accepted", "lang"),
    [
        ("l=de-AT", "fr", "de"),
        ("l=", "fr-CA,fr;q=0.8", "fr"),
        ("", "xx, ko;q=0.5", "ko"),
        ("l=sr-Latn", "", "pt-PT"),
        ("l=zh-TW&l=de", "", "zh-Hant"),
        ("l=%00%ff", "", "pt-PT"),
        ("&".join(["l=de"] * 9), "ja", "ja"),
        ("l=" + "x" * 9000, "*" * 9000, "pt-PT"),
    ],
)
def test_texts_speak_the_pages_language(
    make_site: Callable[..., Site], query: str, accepted: str, lang: str
) -> None:
    """The page's `lang` is heard first, then Accept-Language, then the option; oddities are not."""
    visit = Visit(make_site(locale="pt-PT"), **{"accept-language": accepted})
    assert texts_of(visit, query)["lang"] == lang


def test_texts_are_the_sites_own(make_site: Callable[..., Site]) -> None:
    """Preset, own texts and mode are those of the site's options."""
    site = make_site(preset="warm", texts={"de": {"title": "<i>Grüezi</i>"}}, notice="modal")
    german = texts_of(Visit(site), "l=de")
    assert (german["mode"], german["text"]["title"]) == ("modal", "<i>Grüezi</i>")
    assert german["text"]["body"].startswith("Werbung bezahlt die Arbeit")
    assert texts_of(Visit(site), "l=en")["text"]["title"] == "May we ask you a favour?"


def test_texts_are_kept_by_nobody(visit: Visit) -> None:
    """They depend on the visitor's headers, so no cache may keep them; gzip is for who takes it."""
    plain = visit.get(visit.site.names.texts, "l=ar")
    assert ("Cache-Control", "no-store") in plain.headers
    assert ("Content-Type", "application/json") in plain.headers
    packed = Visit(visit.site, **{"accept-encoding": "gzip"}).get(visit.site.names.texts, "l=ar")
    assert gzip.decompress(packed.body) == plain.body
    assert dict(packed.headers)["Content-Encoding"] == "gzip"
    assert dict(packed.headers)["Content-Length"] == str(len(packed.body))
    assert dict(packed.headers)["Vary"] == "Accept-Encoding"
    # Letters go as they are: escapes would double their size.
    assert "إغلاق".encode() in plain.body
