"""The demo newspaper as a Flask app: what a site owner's own code might look like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
    stream_template,
    url_for,
)
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response

from detector.demo import content
from detector.demo.comments import NAME_MAX, TEXT_MAX, Comments, refusal

pages = Blueprint("pages", __name__)

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_EMPHASIS = re.compile(r"\*([^*]+)\*")


def create_app(
    *, secret: str, db: str | None = None, detector: bool = True, **options: Any
) -> Flask:
    """Build the newspaper, with `Detector(app, secret=secret, store=db)` unless `detector=False`.

    `db` is an SQLite file or a store's URL; without one, the detector chooses (a file in the
    instance folder). `options` are further options of the detector.
    """
    app = Flask(__name__)
    # Not the detector's secret itself: a key that signs sessions should sign nothing else.
    app.secret_key = f"demo session {secret}"
    app.config.update(MAX_CONTENT_LENGTH=16 * 1024, SESSION_COOKIE_SAMESITE="Lax")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["demo_comments"] = Comments()
    app.register_blueprint(pages)
    if detector:
        from detector.flask import Detector

        # Visitors of the demo should not have to load a second page to see the notice.
        options.setdefault("from_view", 1)
        Detector(app, secret=secret, store=db or "", **options)
    return app


@pages.app_template_filter()
def prose(text: str) -> Markup:
    """Return escaped text in which *stars* mean emphasis."""
    return Markup(_EMPHASIS.sub(r"<em>\1</em>", str(escape(text))))


@pages.app_template_filter()
def longdate(day: date) -> str:
    """Return a date as the newspaper prints it, for instance 6 June 2026."""
    return f"{day.day} {day:%B %Y}"


@pages.app_context_processor
def everywhere() -> dict[str, Any]:
    """Return what every template needs: the paper, its sections, and the page's direction."""
    direction, language = request.args.get("dir", ""), request.args.get("lang", "")
    return {
        "paper": content.PAPER,
        "edition": content.edition(),
        "today": content.EDITION,
        "dir": direction if direction in ("ltr", "rtl") else "ltr",
        "lang": language if _LANGUAGE.fullmatch(language) else "en",
    }


@pages.app_url_defaults
def keep_direction(endpoint: str, values: dict[str, Any]) -> None:
    """Carry `?dir=` and `?lang=` along, so that the whole site can be browsed in one direction."""
    if endpoint != "static" and has_request_context():
        for name in ("dir", "lang"):
            if name in request.args:
                values.setdefault(name, request.args[name])


@pages.before_app_request
def members_only() -> Response | None:
    """Redirect everything below /member to the login: the usual hook."""
    if request.path.startswith("/member") and not session.get("member"):
        return redirect(url_for("pages.login"))
    return None


@pages.get("/")
def home() -> str:
    """Render the front page."""
    lead, *rest = content.edition().articles
    return render_template("home.html", lead=lead, stories=rest, tides=_first_tides())


@pages.get("/<section>")
def section_page(section: str) -> str:
    """Render one section, newest story first."""
    found = content.edition().section(section) or abort(404)
    others = [a for a in content.edition().articles if a.section != found]
    return render_template(
        "section.html",
        section=found,
        stories=content.edition().within(found),
        elsewhere=others[:5],
    )


@pages.get("/<section>/<slug>")
def article_page(section: str, slug: str) -> str:
    """Render one article with its comments."""
    return _article(_find(section, slug))


@pages.post("/<section>/<slug>/comments")
def post_comment(section: str, slug: str) -> Response | tuple[str, int]:
    """Store a reader's comment, or show the form again with what is wrong."""
    article = _find(section, slug)
    name = " ".join(request.form.get("name", "").split())
    text = request.form.get("text", "").strip()
    if error := refusal(name, text):
        return _article(article, error=error, name=name, text=text), 400
    number = _comments().post(article, content.Comment(name, text))
    here = url_for("pages.article_page", section=section, slug=slug, _anchor=f"comment-{number}")
    return redirect(here, 303)


@pages.get("/big")
def big() -> str:
    """Render the archive: about 100 KB of HTML in one piece, for benchmarks."""
    return render_template("archive.html", notes=content.archive())


@pages.get("/stream")
def stream() -> Iterator[str]:
    """Render the tide table: sent line by line while it is computed."""
    return stream_template("tides.html", tides=content.tides())


@pages.route("/login", methods=["GET", "POST"])
def login() -> str | Response:
    """Log a visitor in without a password, because there is nothing to guard."""
    if request.method == "POST":
        session["member"] = True
        return redirect(url_for("pages.member"), 303)
    return render_template("login.html")


@pages.get("/member")
def member() -> str:
    """Render the members' page."""
    return render_template("member.html")


@pages.app_errorhandler(NotFound)
def not_found(error: HTTPException) -> tuple[str, int]:
    """Render a missing page, in the newspaper's own style."""
    return render_template("404.html", stories=content.edition().articles[:3]), 404


def _comments() -> Comments:
    comments: Comments = current_app.extensions["demo_comments"]
    return comments


def _find(section: str, slug: str) -> content.Article:
    return content.edition().article(section, slug) or abort(404)


def _article(article: content.Article, **form: str) -> str:
    related = content.edition().related(article)
    others = [a for a in content.edition().articles if a != article and a not in related]
    return render_template(
        "article.html",
        article=article,
        related=related,
        elsewhere=others,
        comments=_comments().of(article),
        form=form,
        name_max=NAME_MAX,
        text_max=TEXT_MAX,
    )


def _first_tides() -> list[content.Tide]:
    return [tide for tide, _ in zip(content.tides(), range(4), strict=False)]
