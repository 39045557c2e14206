"""Annotations by a form: signed-in owners only, by the page's own form, within limits."""

from __future__ import annotations

import html
import re
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urljoin

import pytest
from werkzeug.test import Client, TestResponse

from detector.core.counting.annotations import LONGEST, MOST, Annotation
from detector.core.counting.counters import Counters
from detector.core.counting.store_url import open_store
from detector.dashboard import app
from detector.stores.sqlite.store import SqliteStore
from tests.dashboard.conftest import EVIL, sign_in, token_of

KEY = "a-key-of-sixteen-characters-or-more"


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return a store of one site with counts of now."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    counters = Counters("news")
    for _ in range(20):
        counters.count("view")
        counters.count("verdict", "blocked", kind="extension")
    store.add(counters.drain())
    store.close()
    return str(store.path)


@pytest.fixture
def owner(path: str, quick: str) -> Client:
    """Return a client that has signed in."""
    client = Client(app(path, password=quick))
    sign_in(client)
    return client


def note(client: Client, query: str = "", **form: str) -> TestResponse:
    """Send the form of the page."""
    token = form.pop("token", "") or token_of(client.get("/").text)
    return client.post(f"/annotate?{query}", data={"token": token, **form})


def noted(path: str) -> list[Annotation]:
    """Return what the store has."""
    store = SqliteStore(path, readonly=True)
    found = store.annotations()
    store.close()
    return found


def test_note_and_remove(owner: Client, path: str) -> None:
    """A note is on the page that it was written on, and can be removed there."""
    answer = note(owner, "range=7d&site=news", text="  New cookie\tbanner ", site="news")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "./?site=news&range=7d#h-time"
    assert [(one.text, one.site) for one in noted(path)] == [("New cookie banner", "news")]
    assert abs(noted(path)[0].at - time.time()) < 60
    page = owner.get("/").text
    assert "New cookie banner" in page
    assert note(owner, remove=noted(path)[0].name).status_code == 303
    assert noted(path) == []
    assert note(owner, remove="unknown").status_code == 303


def test_time_is_utc(owner: Client, path: str) -> None:
    """The time of the form is in UTC."""
    day = datetime.fromtimestamp(time.time() - 86400, UTC).replace(second=0, microsecond=0)
    assert note(owner, text="x", at=f"{day:%Y-%m-%dT%H:%M}").status_code == 303
    assert noted(path)[0].at == int(day.timestamp())


def test_time_is_that_of_the_zone(path: str, quick: str) -> None:
    """With the option time_zone the time of the form is in it, as the label says."""
    client = Client(app(path, password=quick, time_zone="Asia/Tokyo"))
    sign_in(client)
    assert "When, in Asia/Tokyo" in client.get("/").text
    day = datetime.fromtimestamp(time.time() - 86400, UTC).replace(second=0, microsecond=0)
    assert note(client, text="x", at=f"{day:%Y-%m-%dT%H:%M}").status_code == 303
    assert noted(path)[0].at == int(day.timestamp()) - 9 * 3600


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"text": ""}, "in 1 to 200 characters"),
        ({"text": "x" * (LONGEST + 1)}, "in 1 to 200 characters"),
        ({"text": "a\x00b"}, "without control characters"),
        ({"text": "\u202eevil"}, "without control characters"),
        ({"text": "x", "at": "1999-01-01T00:00"}, "last 25 months"),
        ({"text": "x", "at": "yesterday"}, "last 25 months"),
        ({"text": "x", "at": "9999-12-31T23:59+00:00"}, "last 25 months"),
        ({"text": "x", "site": "other"}, "no such site"),
        ({"text": EVIL * 9, "at": '"><img src=x>', "site": EVIL}, "no such site"),
    ],
)
def test_wrong_notes(owner: Client, path: str, form: dict[str, str], says: str) -> None:
    """A wrong note is answered with the fix, and with what was written; nothing is kept."""
    answer = note(owner, **form)
    assert answer.status_code == 400
    assert says in answer.text
    assert html.escape(form["text"][:400]) in answer.text.replace("&#34;", "&quot;")
    assert EVIL not in answer.text
    assert "<img" not in answer.text
    assert noted(path) == []


def test_hostile_text_stays_text(owner: Client) -> None:
    """What was noted is shown as text, in list, chart and button."""
    assert note(owner, text=EVIL).status_code == 303
    page = owner.get("/").text
    assert EVIL not in page
    assert page.count("&lt;script&gt;") >= 4


def test_without_signing_in(path: str, quick: str) -> None:
    """Nobody else can write, though they hold a token of a session that is not signed in."""
    stranger = Client(app(path, password=quick))
    token = token_of(stranger.get("/sign-in").text)
    assert stranger.post("/annotate", data={"token": token, "text": "x"}).status_code == 401
    assert noted(path) == []


@pytest.mark.parametrize("token", ["0" * 64, "ü"])
def test_forged_forms(owner: Client, path: str, token: str) -> None:
    """A form without this session's token, or of another site, writes nothing."""
    assert note(owner, token=token, text="x").status_code == 403
    right = token_of(owner.get("/").text)
    for site in ("cross-site", "same-site", "none"):
        form = {"token": right, "text": "x"}
        answer = owner.post("/annotate", data=form, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    assert owner.get("/annotate").status_code == 405
    assert owner.post("/annotate", json={"token": right, "text": "x"}).status_code == 415
    assert note(owner, text="x" * 9000).status_code == 413
    assert noted(path) == []


def test_bad_address(owner: Client, path: str) -> None:
    """An address that chooses what there is not writes nothing."""
    assert note(owner, "range=5y", text="x").status_code == 400
    assert noted(path) == []


def test_too_many(owner: Client, path: str) -> None:
    """A full store says so."""
    store = SqliteStore(path)
    now = int(time.time())
    for number in range(MOST):
        store.annotate(Annotation(now, f"note {number}"))
    store.close()
    assert "There are 1,000 annotations" in note(owner, text="one more").text


def test_open_with_a_key(path: str) -> None:
    """Without a password the form belongs to the session that the key opens, on this machine."""
    client = Client(app(path, open=True, key=KEY))
    here = {"environ_overrides": {"REMOTE_ADDR": "127.0.0.1"}}
    assert client.post("/annotate", data={"text": "x"}, **here).status_code == 403
    assert client.get(f"/?key={KEY}", **here).status_code == 303
    form = {"token": token_of(client.get("/", **here).text), "text": "x"}
    assert client.post("/annotate", data=form, **here).status_code == 303
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.1"}}
    assert client.post("/annotate", data=form, **elsewhere).status_code == 403
    evil = client.post("/annotate", data=form, headers={"Host": "evil.example"}, **here)
    assert evil.status_code == 403
    assert [one.text for one in noted(path)] == ["x"]


def test_where_there_is_no_form(path: str, quick: str) -> None:
    """With `read_only`, and where the site's own log-in lets in, the page writes nothing."""
    closed = Client(app(path, password=quick, read_only=True))
    sign_in(closed)
    for client in (closed, Client(app(path, allowed=lambda _: True))):
        assert "/annotate" not in client.get("/").text
        answer = client.post("/annotate", data={"text": "x"})
        assert answer.status_code == 405
    assert noted(path) == []


def test_store_that_cannot_be_written(
    path: str, quick: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the dashboard may not write, it says why, and keeps what was typed in the form."""
    unwritable = partial(open_store, readonly=True)
    monkeypatch.setattr("detector.dashboard.annotating.open_store", unwritable)
    client = Client(app(path, password=quick))
    sign_in(client)
    answer = note(client, text="New cookie banner", site="news")
    assert answer.status_code == 503
    assert re.search(r"It could not be saved\. [^<]*cannot be used", answer.text)
    assert 'value="New cookie banner"' in answer.text
    assert '<option selected value="news">' in answer.text.partition('id="note-site"')[2]
    removed = note(client, remove="0" * 12)
    assert removed.status_code == 503 and "It could not be saved." in removed.text
    german = note(client, "lang=de", text="x").text
    assert "Das konnte nicht gespeichert werden." in german
    assert client.get("/").status_code == 200


def test_languages_of_the_error_page(owner: Client) -> None:
    """The links to other languages lead from the answer to a wrong note to the page, not to it."""
    answer = note(owner, "range=7d", text="")
    links = re.findall(r'href="([^"]+)" lang="de"', answer.text)
    assert [html.unescape(link) for link in links] == ["./?range=7d&lang=de"]
    assert owner.get(urljoin("/annotate", html.unescape(links[0]))).status_code == 200


@pytest.mark.parametrize("query", ["from=2026-01-01&to=2026-01-02", "variant=x", "range=7d"])
def test_notes_of_all_times(owner: Client, path: str, query: str) -> None:
    """Notes are listed, and can be removed, where nothing is drawn and outside of the range."""
    store = SqliteStore(path)
    now = int(time.time())
    for at, text in ((now - 400 * 86400, "old"), (now - 60, "new"), (now + 86400 * 90, "planned")):
        store.annotate(Annotation(at, text))
    store.close()
    page = owner.get(f"/?{query}").text
    for one in noted(path):
        assert f'name="remove" value="{one.name}"' in page
        assert f'<b dir="auto">{one.text}</b>' in page
    inside = page.partition('class="annotations" aria-label="Annotations"')[2].partition("</ol>")[0]
    assert ("new" in inside) is ("from" not in query)
    assert "old" not in inside and "planned" not in inside


def test_notes_without_counts(tmp_path: Path, quick: str) -> None:
    """A store that has notes and no counts shows them."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    store.annotate(Annotation(int(time.time()) - 60, "before the launch"))
    store.close()
    client = Client(app(str(store.path), password=quick))
    sign_in(client)
    page = client.get("/").text
    assert "before the launch" in page and 'name="remove"' in page
