"""The doctor's `--untagged`: pages that are meant to have no tag."""

from __future__ import annotations

from flask import Flask, redirect
from werkzeug.wrappers import Response

from detector.cli.main import main
from tests.support.deployed import detected, news, served
from tests.support.doctoring import Doctor, levels, text


def site() -> Flask:
    """Return a site whose /feed is no page, and whose /account leads to the login page."""
    app = news()
    app.add_url_rule("/feed", "feed", lambda: Response("<rss/>", mimetype="text/xml"))
    app.add_url_rule("/account", "account", lambda: redirect("/login"))
    app.add_url_rule("/away", "away", lambda: redirect("https://other.example/"))
    return app


def test_pages_without_a_tag_are_well(doctor: Doctor) -> None:
    """A feed and a page that does not exist have no tag, and nothing is found."""
    with served(detected(site())) as url:
        assert doctor(url, "--untagged", "/feed", "/no/such/page", "/own.js") == (0, [])


def test_a_tag_where_none_is_meant_to_be(doctor: Doctor) -> None:
    """A tagged page, also behind a redirect, is an error that names the page."""
    with served(detected(site())) as url:
        status, found = doctor(url, "--untagged", "/login", "/account", "/")
        assert status == 1 and levels(found) == {("untagged", "error")}
        assert [one["page"] for one in found] == [f"{url}/login", f"{url}/account", f"{url}/"]
        assert "has the tag, although it is meant to have none" in text(found)


def test_a_redirect_that_leads_elsewhere(doctor: Doctor) -> None:
    """A page whose redirect leads to another host is not known to be untagged."""
    with served(detected(site())) as url:
        status, found = doctor(url, "--untagged", "/away")
        assert status == 1 and "redirects to https://other.example/" in text(found)


def test_an_address_that_is_none(doctor: Doctor) -> None:
    """What is no address is refused before anything is asked."""
    assert main(["doctor", "http://127.0.0.1:9/", "--untagged", "ftp://x/"]) == 2
