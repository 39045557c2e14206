"""The JSON API: by token only, described by OpenAPI, and the numbers of `detector stats --json`."""

from __future__ import annotations

import json
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from detector.cli.main import main
from detector.core.counting.annotations import Annotation
from detector.dashboard import app
from detector.dashboard.api import description
from detector.dashboard.api_tokens import create
from detector.dashboard.guesses import Guesses
from detector.demo.traffic import fill
from detector.stores.sqlite.store import SqliteStore

TOKEN, HASH = create()
Draft202012Validator = import_module("jsonschema").Draft202012Validator
PATHS = ("sites", "figures", "baits", "annotations", "openapi.json")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store of ten days with variants and an annotation."""
    found = tmp_path_factory.mktemp("api") / "counts.sqlite"
    store = SqliteStore(found)
    fill(store, time.time(), days=10, views=6.0, pairs=[("browser", "device")])
    store.annotate(Annotation(int(time.time()) - 3600, "New cookie banner"))
    store.close()
    return str(found)


@pytest.fixture
def client(path: str, quick: str) -> Client:
    """Return a client of a dashboard that has the token's hash."""
    return Client(app(path, password=quick, api_tokens=[create()[1], HASH]))


def get(client: Client, where: str, token: str = TOKEN, method: str = "GET") -> TestResponse:
    """Ask for a path below the API's."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.open(f"/api/v1/{where}", method=method, headers=headers)


def held(answer: TestResponse, where: str) -> Any:
    """Hold an answer against the description, and return it."""
    operation = description()["paths"][f"/{where.partition('?')[0]}"]["get"]
    described = operation["responses"][str(answer.status_code)]["content"]
    schema = {**described[answer.mimetype]["schema"], "components": description()["components"]}
    Draft202012Validator(schema).validate(answer.json)
    return answer.json


@pytest.mark.parametrize(
    "where",
    [
        *PATHS,
        "figures?step=day",
        "figures?by=browser&since=7d&site=site",
        "figures?by=browser%2Bdevice&step=week",
        "figures?by=variant&since=2000-01-01&until=2000-01-02",
        "figures?browser=firefox&by=device&step=day",
        "figures?group=%2Fnowhere&since=7d",
        "figures?variant=warm",
        "figures?kind=extension&step=day&since=7d",
        "figures?mode=corner",
        "figures?locale=de&since=24h",
        "baits?since=24h",
        "annotations?until=2000-01-01",
    ],
)
def test_as_described(client: Client, where: str) -> None:
    """Every answer fits its schema, also that of a span without counts, and is not cached."""
    answer = get(client, where)
    assert answer.status_code == 200, answer.text
    held(answer, where)
    assert answer.headers["Cache-Control"] == "no-store"
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    head = get(client, where, method="HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == answer.headers["Content-Length"]


def test_every_path_is_described() -> None:
    """The description has the paths that are answered, and is one of OpenAPI 3.1."""
    assert set(description()["paths"]) == {f"/{name}" for name in PATHS}
    assert description()["openapi"].startswith("3.1")
    for schema in description()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("more", [[], ["--by", "browser", "--step", "day"], ["--by", "bait"]])
def test_the_same_as_stats(
    client: Client, path: str, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The numbers are those of `detector stats --json`, to the last digit."""
    words = dict(zip(more[::2], more[1::2], strict=True))
    query = "&".join(f"{name.strip('-')}={value}" for name, value in words.items())
    where = "baits" if "bait" in more else f"figures?{query}"
    assert main(["stats", "--db", path, "--json", *more]) == 0
    assert get(client, where).json == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("figures?site=nwes", "site: there are no counts of 'nwes'"),
        ("figures?since=yesterday", "since: 'yesterday' is no time"),
        ("figures?until=99999999999999w", "until: "),
        ("figures?step=year", "step: 'year' is none of hour"),
        ("figures?by=color", "by: "),
        ("figures?by=group&browser=firefox", "by: group is not counted together with the filter"),
        ("figures?by=kind%2Bmode&browser=firefox", "by: kind+mode is not counted together"),
        ("figures?browser=netscape", "browser: 'netscape' is none of brave, chrome"),
        ("figures?browser=firefox&device=phone", "one of them at a time"),
        ("figures?group=%0ax", "group: a value has at most 64 printable characters"),
        ("figures?sincex=7d", "no parameter 'sincex'; did you mean since?"),
        ("annotations?step=day", "no parameter 'step'"),
    ],
)
def test_wrong_parameters(client: Client, where: str, words: str) -> None:
    """A wrong parameter is named, with the fix, as problem+json."""
    answer = get(client, where)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert words in held(answer, where)["detail"]


def test_figures_of_one_value(client: Client) -> None:
    """With browser=firefox all figures are those of the row of Firefox; what has none is null."""
    cells = get(client, "figures?by=browser").json["cells"]  # type: ignore[index]
    one = next(cell for cell in cells if cell["browser"] == "firefox")
    found = held(get(client, "figures?browser=firefox&by=device"), "figures")
    assert found["total"] == one["figures"]
    assert found["views"] == one["figures"]["views"]
    assert sum(cell["figures"]["views"] for cell in found["cells"]) == found["views"]
    assert found["filter"] == {"browser": "firefox"}
    assert found["refused"] is found["health"] is found["unheard"] is found["kinds"] is None


@pytest.mark.parametrize(
    ("only", "known"),
    [
        ("kind=extension", {"verdicts", "kinds", "recovered", "income"}),
        ("mode=corner", set()),
        ("locale=de", set()),
        ("variant=warm", {"sessions"}),
        ("browser=firefox", {"verdicts", "recovered", "income", "sessions", "views", "blocked"}),
    ],
)
def test_what_some_views_have_is_no_share_of_views(
    path: str, quick: str, only: str, known: set[str]
) -> None:
    """Of a kind, mode, variant or language nothing is said of all views: null, not 0 or 1."""
    opened = Client(app(path, password=quick, api_tokens=[HASH], per_thousand=4.5))
    found = held(get(opened, f"figures?{only}&step=day"), "figures")
    every = [found["total"], *(cell["figures"] for cell in found["cells"])]
    assert len(every) > 1
    asked = {"views", "measured", "blocked", "unreachable", "partial", "ad_free"}
    asked |= {"verdicts", "recovered", "income", "sessions", "without_verdict"}
    for figures in every:
        for name in asked:
            assert (figures[name] is None) is (name not in known and "views" not in known), name
        assert figures["actions"] is not None and figures["disputed"] is not None
    assert (found["blocked_share"] is None) is ("views" not in known)
    assert (found["views"] is None) is (found["verdict_count"] is None) is ("views" not in known)
    assert (found["kinds"] is None) is ("kinds" not in known)
    seen, shown, steps = found["funnel"][:3]
    assert (seen["count"] is None) is (shown["share"] is None) is ("views" not in known)
    assert shown["count"] is not None and steps["share"] is not None


@pytest.mark.parametrize(
    "token",
    ["", "wrong", TOKEN[:-1], TOKEN + "x", HASH, "x" * 5000, "ä"],
    ids=["none", "wrong", "cut", "longer", "its hash", "long", "not ASCII"],
)
def test_without_a_token(client: Client, token: str) -> None:
    """Nothing is told without a token, not even which paths there are."""
    for where in ("figures", "nothing"):
        answer = get(client, where, token)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert set(answer.json or {}) == {"title", "status", "detail"}


def test_wrong_tokens_are_limited(client: Client) -> None:
    """After some wrong tokens an address waits; who has the right one does not."""
    found = [get(client, "sites", "wrong").status_code for _ in range(Guesses.CLIENT + 2)]
    assert found == [401] * Guesses.CLIENT + [429] * 2
    assert int(get(client, "sites", "wrong").headers["Retry-After"]) > 0
    assert get(client, "sites").status_code == 200


def test_only_read(client: Client) -> None:
    """Other methods and paths are refused."""
    assert get(client, "figures", method="POST").headers["Allow"] == "GET, HEAD"
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert get(client, "figures", method=method).status_code == 405
    assert get(client, "nothing").status_code == 404


def test_the_page_stays_guarded(client: Client, path: str, quick: str) -> None:
    """A token does not open the page, and without hashes there is no API."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/", headers=headers).headers["Location"] == "./sign-in"
    assert client.get("/export/kind.json", headers=headers).status_code == 401
    assert get(Client(app(path, password=quick)), "sites").status_code == 401
    with pytest.raises(ValueError, match="option api_tokens: not the hash"):
        app(path, password=quick, api_tokens=[TOKEN])


def test_an_unreadable_store(tmp_path: Path, quick: str) -> None:
    """While the store cannot be read, the answer is 503."""
    unread = Client(app(str(tmp_path / "none.sqlite"), password=quick, api_tokens=[HASH]))
    answer = get(unread, "figures")
    assert answer.status_code == 503
    assert "there is no file" in held(answer, "figures")["detail"]


def test_new_token(capsys: pytest.CaptureFixture[str], path: str, quick: str) -> None:
    """The command prints a token that opens the API by the hash beside it."""
    assert main(["dashboard", "--new-api-token"]) == 0
    lines = capsys.readouterr().out.split()
    token, hashed = (
        next(word for word in lines if word.startswith(start)) for start in ("figures_", "sha256:")
    )
    opened = Client(app(path, password=quick, api_tokens=[hashed]))
    assert get(opened, "sites", token).json == {"sites": ["site"]}
    assert main(["dashboard", "--db", path, "--open", "--api-token", token]) == 2
    assert "--api-token: " in capsys.readouterr().err
