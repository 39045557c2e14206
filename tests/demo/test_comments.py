"""Readers' comments: escaped, bounded, and refused with the reason."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from detector.demo.app import create_app
from detector.demo.comments import KEPT, NAME_MAX, TEXT_MAX
from tests.demo.conftest import ARTICLE, SECRET


def test_comment_is_escaped(client: FlaskClient) -> None:
    """A posted comment is shown on the article's page, and is escaped."""
    mean = "<script>alert(1)</script> & *stars*"
    sent = client.post(f"{ARTICLE}/comments", data={"name": '<b>"Ann"', "text": mean})
    assert sent.status_code == 303
    assert sent.location == f"{ARTICLE}#comment-4"
    text = client.get(ARTICLE).text
    assert mean not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; *stars*" in text
    assert '<p class="comment-name">&lt;b&gt;&#34;Ann&#34;</p>' in text
    assert "4 comments" in text
    assert 'id="comment-4"' in text


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("", "Hello", "fill in both"),
        ("Ann", "  ", "fill in both"),
        ("A" * (NAME_MAX + 1), "Hello", f"{NAME_MAX} characters at most"),
        ("Ann", "x" * (TEXT_MAX + 1), f"{TEXT_MAX} characters at most"),
    ],
)
def test_comment_is_refused(client: FlaskClient, name: str, text: str, message: str) -> None:
    """A comment without name or text, or too long, is not saved and is shown with the reason."""
    response = client.post(f"{ARTICLE}/comments", data={"name": name, "text": text})
    assert response.status_code == 400
    alert = re.search(r'role="alert">(.*?)<', response.text)
    assert alert
    assert message in alert[1]
    assert f'value="{name}"' in response.text
    assert "3 comments" in client.get(ARTICLE).text


def test_comment_of_the_longest(client: FlaskClient) -> None:
    """A comment of the maximum length is saved unchanged."""
    data = {"name": "A" * NAME_MAX, "text": "x" * TEXT_MAX}
    assert client.post(f"{ARTICLE}/comments", data=data).status_code == 303
    assert f">{'x' * TEXT_MAX}</p>" in client.get(ARTICLE).text


def test_comments_are_bounded(client: FlaskClient) -> None:
    """Only the newest comments are kept, so that memory is bounded."""
    for number in range(KEPT + 2):
        client.post(f"{ARTICLE}/comments", data={"name": "Ann", "text": f"number {number}."})
    text = client.get(ARTICLE).text
    assert f"{KEPT + 3} comments" in text
    assert "number 1." not in text
    assert f"number {KEPT + 1}." in text


def test_huge_form_is_refused(client: FlaskClient) -> None:
    """A form larger than any comment is not read."""
    data = {"name": "Ann", "text": "x" * 20_000}
    assert client.post(f"{ARTICLE}/comments", data=data).status_code == 413


def test_comments_belong_to_one_app(client: FlaskClient) -> None:
    """Two apps in one process do not share comments."""
    client.post(f"{ARTICLE}/comments", data={"name": "Ann", "text": "Hello"})
    other = create_app(secret=SECRET, detector=False).test_client()
    assert "3 comments" in other.get(ARTICLE).text
