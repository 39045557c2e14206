"""The dashboard mounted in Flask, Django and ASGI apps: it signs in, and leaves the app alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import flask
import pytest
from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from werkzeug.test import Client

from detector.dashboard import app
from detector.dashboard.flask import init_app
from detector.flask import Detector
from tests.dashboard.conftest import PASSWORD, sign_in, token_of
from tests.support.root import ROOT


@pytest.mark.parametrize("first", ["detector", "dashboard"])
def test_flask(filled: str, quick: str, tmp_path: Path, first: str) -> None:
    """In Flask it is mounted below a prefix; its pages carry no tag, in either order."""
    site = flask.Flask(__name__)
    site.secret_key = "a secret key of the app"
    site.add_url_rule("/", view_func=lambda: "<html><head></head><body>home</body></html>")
    if first == "detector":
        Detector(site, store=str(tmp_path / "counts.sqlite"))
    init_app(site, filled, "/figures/", password=quick)
    if first == "dashboard":
        Detector(site, store=str(tmp_path / "counts.sqlite"))
    client = Client(site)
    assert "home" in client.get("/").text
    assert client.get("/figures").headers["Location"] == "./figures/"
    assert client.get("/figures/").headers["Location"] == "./sign-in"
    sign_in(client, "/figures")
    cookie = client.get_cookie("figures", path="/figures/")
    assert cookie is not None
    page = client.get("/figures/").text
    assert "By browser" in page
    assert "<script" not in page
    assert client.get("/figures/export/time.csv").status_code == 200


def test_flask_knows_the_variants(filled: str, quick: str, tmp_path: Path) -> None:
    """In Flask the split of the variants is checked by the weights of the site's own options."""
    for weight, words in ((1, "Look on any day"), (5, "not shown as often as their weights ask")):
        site = flask.Flask(__name__)
        site.secret_key = "a secret key of the app"
        variants = [{"name": "newspaper"}, {"name": "warm", "weight": weight}]
        Detector(site, store=str(tmp_path / "counts.sqlite"), variants=variants)
        init_app(site, filled, "/figures", password=quick)
        client = Client(site)
        sign_in(client, "/figures")
        page = client.get("/figures/").text
        assert words in page
        assert "Not checked" not in page


def test_flask_prefix(filled: str, quick: str) -> None:
    """A prefix that is not a path below the root is refused."""
    for prefix in ("ads", "/", ""):
        with pytest.raises(ValueError, match="such as /ads"):
            init_app(flask.Flask(__name__), filled, prefix, password=quick)


def test_asgi(filled: str, hashed: str) -> None:
    """In an ASGI app it is mounted by a2wsgi."""
    home = Route("/", lambda _: PlainTextResponse("home"))
    mounted = WSGIMiddleware(app(filled, password=hashed))  # type: ignore[arg-type]
    site = Starlette(routes=[home, Mount("/figures", mounted)])  # type: ignore[arg-type]
    client = TestClient(site, follow_redirects=False)
    assert client.get("/").text == "home"
    assert client.get("/figures/").headers["Location"] == "./sign-in"
    form = client.get("/figures/sign-in")
    assert "Path=/figures/;" in form.headers["set-cookie"]
    answer = client.post(
        "/figures/sign-in", data={"token": token_of(form.text), "password": PASSWORD}
    )
    assert answer.status_code == 303
    assert "By browser" in client.get("/figures/").text
    assert client.get("/figures/export/kind.json").json()["rows"]


# Django's settings are global to the process, so each site gets a process of its own.
DJANGO = """
import json, sys
from django.conf import settings
settings.configure(
    SECRET_KEY="a secret key of the site", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__,
    DETECTOR={"variants": [{"name": "newspaper"}, {"name": "warm", "weight": 5}]},
    INSTALLED_APPS=["django.contrib." + name for name in ("auth", "contenttypes", "sessions")],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    LOGIN_URL="/log-in/",
)
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from django.urls import include, path
from detector.dashboard.django import urls
from detector.dashboard.api_tokens import create
store, hashed, password = sys.argv[1:]
api_token, known = create()
urlpatterns = [
    path("ads/", include(urls(store))),
    path("own/", include(urls(store, password=hashed))),
    path("api/", include(urls(store, api_tokens=[known]))),
]
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
found = {}
client = Client(enforce_csrf_checks=True)
found["nobody"] = [client.get("/ads/").status_code, client.get("/ads/").headers["Location"]]
client.force_login(User.objects.create_user("reader"))
found["reader"] = client.get("/ads/export/time.csv").status_code
client.force_login(User.objects.create_user("editor", is_staff=True))
page = client.get("/ads/")
found["staff"] = [page.status_code, "By browser" in page.text, page.headers["X-Frame-Options"]]
found["policy"] = page.headers["Content-Security-Policy"].partition(";")[0]
found["variants"] = "not shown as often as their weights ask" in page.text
found["export"] = client.get("/ads/export/time.json?range=7d").status_code
client = Client(enforce_csrf_checks=True)
form = client.get("/own/sign-in")
token = form.text.partition('name="token" value="')[2].partition('"')[0]
found["path"] = form.cookies["figures"]["path"]
done = client.post(
    "/own/sign-in", f"token={token}&password={password.replace(' ', '+')}",
    content_type="application/x-www-form-urlencoded")
found["own"] = [done.status_code, client.get("/own/").status_code]
client = Client(headers={"Authorization": f"Bearer {api_token}"})
asked = ("/api/api/v1/sites", "/ads/api/v1/sites", "/api/", "/api/api/v1", "/api/export/time.csv")
found["by token"] = [client.get(where).status_code for where in asked]
found["without"] = Client().get(asked[0]).status_code
print(json.dumps(found))
"""


def test_django(filled: str, hashed: str, tmp_path: Path) -> None:
    """In Django staff see it, others are sent to log in or refused; or it has its own log-in."""
    script = tmp_path / "site_of_ours.py"
    script.write_text(DJANGO, "utf-8")
    command = [sys.executable, "-W", "error", str(script), filled, hashed, PASSWORD]
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=path, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "nobody": [302, "/log-in/?next=/ads/"],
        "reader": 403,
        "staff": [200, True, "DENY"],
        "policy": "default-src 'none'",
        "variants": True,
        "export": 200,
        "path": "/own/",
        "own": [303, 200],
        "by token": [200, 302, 302, 302, 302],
        "without": 401,
    }
