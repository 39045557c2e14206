"""The dashboard's answers: their headers, and what is not found or refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from werkzeug.test import Client

from detector.dashboard import app


@pytest.mark.parametrize("path", ["/export/nothing.csv", "/export/time.xml", "/export/", "/x"])
def test_nothing_there(owner: Client, path: str) -> None:
    """An unknown address is a 404 of the dashboard."""
    assert owner.get(path).status_code == 404


def test_headers_of_every_answer(client: Client, owner: Client) -> None:
    """No response is stored, framed, sniffed or may load anything; its one style has a nonce."""
    answers = [owner.get("/"), owner.get("/x"), owner.get("/export/time.csv"), owner.post("/")]
    answers += [client.get("/sign-in"), client.get("/"), client.get("/x")]
    nonces = set()
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        if nonce := re.search(r"nonce-([\w-]+)'", policy):
            assert f'<style nonce="{nonce[1]}">' in answer.text
            nonces.add(nonce[1])
    assert len(nonces) == 5


def test_host_is_of_no_use(client: Client) -> None:
    """No link and no redirect depends on the request's Host."""
    for path in ("/", "/sign-in"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert "evil" not in answer.text + str(answer.headers)
    bare = client.get("", environ_overrides={"SCRIPT_NAME": "/a/figures", "PATH_INFO": ""})
    assert bare.headers["Location"] == "./figures/"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("range=5y", "no such range"),
        ("site=other", "no site “other” in this store"),
        ("from=yesterday", "2026-01-31"),
        ("from=2026-02-01&to=2026-01-01", "after the last one"),
        ("from=1026-02-01", "25 months"),
        ("price=much", "4.50"),
        ("price=nan", "4.50"),
    ],
)
def test_bad_choices(owner: Client, query: str, words: str) -> None:
    """An invalid choice is answered with the valid ones, and the default figures."""
    answer = owner.get(f"/?{query}")
    assert answer.status_code == 400
    assert words in answer.text
    assert "By browser" in answer.text
    assert owner.get(f"/export/time.csv?{query}").status_code == 400


def test_too_much(owner: Client, client: Client) -> None:
    """Long queries, many fields and long or other bodies are refused before they are read."""
    assert owner.get("/?" + "a=1&" * 100).status_code == 400
    assert owner.get("/?site=" + "a" * 3000).status_code == 414
    kind = {"content_type": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", data=b"a" * 9000, **kind).status_code == 413
    assert client.post("/sign-in", data=b"{}", content_type="text/json").status_code == 415
    assert client.put("/sign-in").status_code == 405
    assert client.get("/sign-out").status_code == 405


def test_head(owner: Client) -> None:
    """HEAD has the headers of GET and no body."""
    answer = owner.head("/")
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) > 1000


def test_store_out_of_reach(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An unreadable store is a 503 with the reason."""
    missing = app(str(tmp_path / "none.sqlite"), allowed=lambda _: True)
    answer = Client(missing).get("/")
    assert answer.status_code == 503
    assert "there is no file" in answer.text
    assert "cannot read its store" in caplog.text
