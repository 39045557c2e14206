"""The Flask extension, as an owner uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import (
    Blueprint,
    Flask,
    Response,
    g,
    redirect,
    render_template_string,
    request,
    send_file,
    session,
)
from flask.testing import FlaskClient
from flask_talisman import Talisman
from werkzeug.wrappers import Response as BaseResponse

from detector.core.errors import ConfigError
from detector.core.html.preload import Preload
from detector.core.site import Site
from detector.flask import Detector
from tests.conftest import FIREFOX, SECRET
from tests.support.tags import group_of

PAGE = "<!doctype html><html><head><title>x</title></head><body>text</body></html>"


def make(tmp_path: Path, *, secret_key: str | None = None, **config: object) -> Flask:
    """Build a small site."""
    app = Flask("news", instance_path=str(tmp_path))
    app.config.update(SECRET_KEY=secret_key, TESTING=True, **config)
    pages = Blueprint("pages", __name__)

    @app.get("/")
    def home() -> str:
        return PAGE

    @pages.get("/article/<slug>")
    def article(slug: str) -> str:
        return PAGE

    @app.get("/stream")
    def stream() -> Response:
        def parts() -> Iterator[str]:
            yield PAGE[:20]
            yield PAGE[20:]

        return Response(parts(), mimetype="text/html")

    @app.get("/file")
    def file() -> Response:
        (tmp_path / "own.html").write_text(PAGE)
        return send_file(tmp_path / "own.html")

    @app.get("/placed")
    def placed() -> str:
        return render_template_string(
            "<!doctype html><head><title>{{ 1 }}</title>{{ detector_tag() }}</head>"
        )

    @app.get("/data")
    def data() -> dict[str, int]:
        return {"a": 1}

    app.register_blueprint(pages)
    return app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Yield a site with the detector."""
    app = make(tmp_path, DETECTOR_SECRET=SECRET)
    Detector(app)
    yield app
    site_of(app).close()


def site_of(app: Flask) -> Site:
    """Return the detector of an app."""
    found = app.extensions["detector"]
    assert isinstance(found, Site)
    return found


def visit(app: Flask) -> FlaskClient:
    """Return a visitor with Firefox."""
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    return client


def test_one_line_is_enough(app: Flask) -> None:
    """Every page carries the tag with its route, and nothing else changes."""
    client = visit(app)
    assert client.get("/").text.count("<script async") == 1
    assert group_of(client.get("/article/one").text, site_of(app)) == "/article/*slug*"
    assert client.get("/data").json == {"a": 1}


def test_streamed_page(app: Flask) -> None:
    """A streamed page carries the tag too."""
    assert visit(app).get("/stream").text.count("<script async") == 1


def test_sent_file_is_left_alone(app: Flask) -> None:
    """A file is unchanged."""
    with visit(app).get("/file") as response:
        assert response.get_data(as_text=True) == PAGE


def test_error_pages(tmp_path: Path) -> None:
    """Error pages carry the tag only if configured."""
    for asked in (False, True):
        app = make(tmp_path, DETECTOR_SECRET=SECRET, DETECTOR_ERROR_PAGES=asked)
        Detector(app)
        found = visit(app).get("/nowhere")
        assert found.status_code == 404
        assert ("<script async" in found.text) is asked
        site_of(app).close()


def test_blueprint_under_a_prefix(app: Flask) -> None:
    """The group of a blueprint's page is its whole route."""
    parts = Blueprint("parts", __name__, url_prefix="/parts")
    parts.add_url_rule("/<int:n>", view_func=lambda n: PAGE, endpoint="part")
    app.register_blueprint(parts)
    assert group_of(visit(app).get("/parts/5").text, site_of(app)) == "/parts/*int*n*"


def test_tag_placed_by_a_template(app: Flask) -> None:
    """A template may place the tag itself; the page then has only that one, with its route."""
    text = visit(app).get("/placed").text
    assert "</title><script data-cfasync=" in text
    assert text.count("<script async") == 1
    assert group_of(text, site_of(app)) == "/placed"


@pytest.mark.parametrize(("sections", "nonces"), [(["script-src"], 2), (["style-src"], 0), ([], 0)])
@pytest.mark.parametrize("path", ["/", "/placed"])
def test_nonce_of_talisman(app: Flask, path: str, sections: list[str], nonces: int) -> None:
    """The tag carries flask-talisman's nonce if the policy's scripts have it."""
    policy = {"default-src": "'self'", "script-src": "'self'", "style-src": "'self'"}
    Talisman(
        app,
        content_security_policy=policy,
        content_security_policy_nonce_in=sections,
        force_https=False,
    )
    response = visit(app).get(path)
    found = re.findall(r'<script[^>]* nonce="([^"]+)"', response.text)
    if path == "/":  # here the policy is known before the tag is built
        assert len(found) == nonces
        assert response.text.count("<script>") == 0
    assert all(f"'nonce-{n}'" in response.headers["Content-Security-Policy"] for n in found)


def test_nonce_by_a_function(tmp_path: Path) -> None:
    """A site with its own policies provides their nonce by a function."""
    app = make(tmp_path, DETECTOR_SECRET=SECRET)
    Detector(app, nonce=lambda: request.args["n"])
    assert visit(app).get("/?n=abc").text.count('nonce="abc"') == 2
    site_of(app).close()


def test_factory_and_two_apps(tmp_path: Path) -> None:
    """One object serves several apps, each with its own secret; a second call changes nothing."""
    detector = Detector(notice="modal")
    one = make(tmp_path / "1", DETECTOR_SECRET=SECRET)
    two = make(tmp_path / "2", DETECTOR_SECRET=SECRET + "other")
    for app in (one, two, one):
        detector.init_app(app)
    assert visit(one).get("/").text.count("<script async") == 1
    assert site_of(one).names.prefix != site_of(two).names.prefix
    assert site_of(one).config.notice == site_of(two).config.notice == "modal"
    for app in (one, two):
        site_of(app).close()


@pytest.mark.parametrize("level", ["local", "stats", "full"])
def test_state_is_always_told(tmp_path: Path, level: str) -> None:
    """`g.ad_state` exists at every level, so that changing the level breaks no view."""
    app = Flask("levels", instance_path=str(tmp_path))
    Detector(app, secret=SECRET, level=level)
    app.add_url_rule("/", "home", lambda: g.ad_state)
    assert app.test_client().get("/").text == "unknown"


def test_front_script_is_opted_into(tmp_path: Path) -> None:
    """With reuse or single pages the tag names the preload script, which names the other."""
    app = make(tmp_path, DETECTOR_SECRET=SECRET)
    Detector(app, reuse_minutes=5, single_page=True)
    client = visit(app)
    src = client.get("/").text.split('src="')[1].split('"')[0]
    assert client.get(src).status_code == 200
    folder, _, query = src.partition("?")
    told = Preload.read(query)
    assert told
    assert told[1:] == (5, True, False, "", site_of(app).names.storage_key)
    assert client.get(f"{folder.rpartition('/')[0]}/{told.detect}.js").status_code == 200
    site_of(app).close()


def test_secret_comes_from_the_apps_key(tmp_path: Path) -> None:
    """Without DETECTOR_SECRET the secret is derived from SECRET_KEY, and differs from it."""
    app = make(tmp_path, secret_key="the app's own key")
    Detector(app)
    assert "the app's own key" not in site_of(app).config.secret
    same = make(tmp_path, secret_key="the app's own key")
    Detector(same)
    assert site_of(app).names.prefix == site_of(same).names.prefix
    for each in (app, same):
        site_of(each).close()


def test_no_secret_at_all(tmp_path: Path) -> None:
    """Without any secret the start fails with a message that says what to set."""
    with pytest.raises(ConfigError, match="DETECTOR_SECRET is not set"):
        Detector(make(tmp_path))


def test_unknown_key(tmp_path: Path) -> None:
    """An unknown key is refused at start-up with the nearest known one."""
    with pytest.raises(ConfigError, match="did you mean DETECTOR_STORE"):
        Detector(make(tmp_path, DETECTOR_SECRET=SECRET, DETECTOR_STOER="x"))


def test_our_urls_pass_no_hook(app: Flask) -> None:
    """The app's log-in hooks, sessions and routing do not apply to the detector's URLs."""

    @app.before_request
    def log_in() -> BaseResponse:
        session["seen"] = True
        return redirect("/login")

    response = visit(app).get(f"/{site_of(app).names.prefix}/nothing")
    assert response.status_code == 404
    assert "Set-Cookie" not in response.headers


def test_store_in_the_instance_folder(app: Flask, tmp_path: Path) -> None:
    """Counters are kept in the app's instance folder."""
    site_of(app).count("error")
    assert site_of(app).flusher is not None
    site_of(app).close()
    assert (tmp_path / "detector.sqlite").is_file()


def test_store_that_cannot_be_written(tmp_path: Path) -> None:
    """With an unwritable store the site keeps serving and the counters stay in memory."""
    (tmp_path / "file").write_text("not a folder")
    app = make(tmp_path, DETECTOR_SECRET=SECRET, DETECTOR_STORE=str(tmp_path / "file" / "db"))
    Detector(app)
    site_of(app).count("error")
    flusher = site_of(app).flusher
    assert flusher is not None
    assert not flusher.flush()
    assert visit(app).get("/").status_code == 200
    assert any(key[5] == "error" for key in site_of(app).counters.snapshot())
    site_of(app).close()
