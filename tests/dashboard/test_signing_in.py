"""Access to the figures: signed-in owners only, by a cookie that nobody else can forge or send."""

from __future__ import annotations

from functools import partial

import pytest
from werkzeug.test import Client

from detector.dashboard import app
from detector.dashboard.password import Password, PasswordError, make
from tests.dashboard.conftest import PASSWORD, sign_in, token_of

PAGES = ["/", "/export/time.csv", "/export/time.json", "/nowhere"]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_without_signing_in(client: Client, path: str) -> None:
    """No page shows a figure without signing in."""
    answer = client.get(path)
    assert answer.status_code == (303 if path == "/" else 401)
    assert "Path group" not in answer.text
    assert "views" not in answer.text


def test_signing_in_and_out(client: Client) -> None:
    """The right password grants access; signing out ends it, also for copies of the cookie."""
    sign_in(client)
    page = client.get("/")
    assert page.status_code == 200
    cookie = client.get_cookie("figures")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Strict", "/")
    copied = cookie.value
    assert client.post("/sign-out", data={"token": token_of(page.text)}).status_code == 303
    assert client.get("/").status_code == 303
    client.set_cookie("figures", copied)
    assert client.get("/").status_code == 303


def test_new_session_id(client: Client) -> None:
    """Signing in changes the session, so that a planted one is useless."""
    client.get("/sign-in")
    before = client.get_cookie("figures")
    sign_in(client)
    after = client.get_cookie("figures")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    client.set_cookie("figures", before.value)
    assert client.get("/").status_code == 303


def test_wrong_password(client: Client) -> None:
    """A wrong password is refused, and from the sixth on the page says when to try again."""
    token = token_of(client.get("/sign-in").text)
    for number in range(7):
        answer = client.post("/sign-in", data={"token": token, "password": "wrong password"})
        assert answer.status_code == (403 if number < 5 else 429)
        assert "This is not the password." in answer.text
        assert ("Retry-After" in answer.headers) == (number >= 5)
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert client.get("/").status_code == 303


def guess(client: Client, password: str, address: str, forwarded: str = "") -> int:
    """Try a password from an address; return the status."""
    token = token_of(client.get("/sign-in").text)
    return client.post(
        "/sign-in",
        data={"token": token, "password": password},
        headers={"X-Forwarded-For": forwarded} if forwarded else {},
        environ_overrides={"REMOTE_ADDR": address},
    ).status_code


def test_clients_behind_a_proxy(filled: str, quick: str) -> None:
    """With `proxies` guesses are counted by the address in the proxy's header."""
    site = app(filled, password=quick, proxies=1)
    client = Client(site)
    found = [guess(client, "wrong password", "127.0.0.1", f"{n}.1.1.1, 9.8.7.6") for n in range(6)]
    assert found == [403] * 5 + [429]
    assert guess(client, "wrong password", "127.0.0.1", "9.8.7.7") == 403
    direct = Client(app(filled, password=quick))
    for address in ("192.168.0.1", "192.168.0.2"):  # without a proxy each is a client of its own
        found = [guess(direct, "wrong password", address) for _ in range(6)]
        assert found == [403] * 5 + [429]
    with pytest.raises(ValueError, match="proxies is 17"):
        app(filled, password=quick, proxies=17)


@pytest.mark.parametrize("token", ["", "0" * 64, "ü"])
def test_forged_forms(client: Client, token: str) -> None:
    """A form without this session's token signs nobody in or out."""
    client.get("/sign-in")
    answer = client.post("/sign-in", data={"token": token, "password": PASSWORD})
    assert answer.status_code == 403
    sign_in(client)
    assert client.post("/sign-out", data={"token": token}).status_code == 403
    assert client.get("/").status_code == 200


def test_another_sites_form(client: Client) -> None:
    """A form that the browser marks as cross-site is refused, whatever it contains."""
    form = {"token": token_of(client.get("/sign-in").text), "password": PASSWORD}
    for site in ("cross-site", "same-site", "none"):
        answer = client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("value", ["", "x", "x.y.z", "WyJhIix0cnVlXQ.aa.bb", "a" * 5000, '"\\'])
def test_forged_cookies(client: Client, value: str) -> None:
    """A cookie with a forged signature is ignored."""
    answer = client.get("/", headers={"Cookie": f"figures={value}"})
    assert answer.status_code == 303


def test_password_change_ends_sessions(filled: str, hashed: str) -> None:
    """A cookie from before a change of the password is ignored, although the secret is the same."""
    secret = "a secret of the dashboard"
    one = Client(app(filled, password=hashed, secret=secret))
    sign_in(one)
    cookie = one.get_cookie("figures")
    assert cookie is not None
    same = Client(app(filled, password=hashed, secret=secret))
    same.set_cookie("figures", cookie.value)
    assert same.get("/").status_code == 200
    other = Client(app(filled, password=make("another password"), secret=secret))
    other.set_cookie("figures", cookie.value)
    assert other.get("/").status_code == 303


def test_secure_cookie(filled: str, quick: str) -> None:
    """Under https the cookie is Secure; behind a proxy if configured."""
    plain = Client(app(filled, password=quick))
    assert "Secure" not in plain.get("/sign-in").headers["Set-Cookie"]
    fresh = Client(app(filled, password=quick))
    direct = fresh.get("/sign-in", base_url="https://site.example/")
    told = Client(app(filled, password=quick, secure=True)).get("/sign-in")
    assert direct.headers["Set-Cookie"].endswith("; Secure")
    assert told.headers["Set-Cookie"].endswith("; Secure")


def test_no_guard_no_start(filled: str, quick: str) -> None:
    """An app with no access control, or with two, is refused; so is an invalid hash."""
    for guards in ({}, {"password": quick, "open": True}):
        with pytest.raises(ValueError, match="one guard"):
            app(filled, **guards)  # type: ignore[arg-type]
    with pytest.raises(PasswordError, match="detector dashboard --hash"):
        app(filled, password="just a password")
    with pytest.raises(ValueError, match="at least 16"):
        app(filled, password=quick, secret="short")
    with pytest.raises(ValueError, match="at least 16"):
        app(filled, open=True, key="short")
    with pytest.raises(ValueError, match="belongs to open"):
        app(filled, password=quick, key=KEY)


HERE = {"REMOTE_ADDR": "127.0.0.1"}
KEY = "a key that is long enough"


def opened(filled: str, base: str = "http://127.0.0.1:8200/") -> Client:
    """Return a client whose browser has opened the printed address."""
    client = Client(app(filled, open=True, key=KEY))
    answer = client.get(f"/?key={KEY}", base_url=base, environ_overrides=HERE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "./")
    return client


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8200/", "http://localhost/", "http://[::1]:8200/"]
)
def test_open_by_the_key(filled: str, base: str) -> None:
    """The key is moved from the address to a cookie that scripts and other sites cannot use."""
    client = Client(app(filled, open=True, key=KEY))
    answer = client.get(f"/?key={KEY}", base_url=base, environ_overrides=HERE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "./")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "; HttpOnly; SameSite=Strict" in answer.headers["Set-Cookie"]
    assert KEY not in str(answer.headers) + answer.text
    for path in ("/", "/export/time.csv"):
        assert client.get(path, base_url=base, environ_overrides=HERE).status_code == 200


@pytest.mark.parametrize(
    "query", ["", "?key=", f"?key={KEY[:-1]}", f"?key={KEY}x", "?key=%FF", "?key=ü"]
)
def test_open_without_the_key(filled: str, query: str) -> None:
    """Without the key or its cookie, users of this machine see only instructions."""
    client = Client(app(filled, open=True, key=KEY))
    for path in ("/", "/export/time.csv"):
        answer = client.get(path + query, base_url="http://127.0.0.1/", environ_overrides=HERE)
        assert answer.status_code == 403
        assert "detector dashboard --open printed" in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers


def test_open_cookie_ends_with_the_key(filled: str) -> None:
    """A cookie of another start, with another key, is ignored, although the secret is the same."""
    secret = "a secret of the dashboard"
    one = Client(app(filled, open=True, key=KEY, secret=secret))
    base = {"base_url": "http://localhost/", "environ_overrides": HERE}
    one.get(f"/?key={KEY}", **base)
    cookie = one.get_cookie("figures")
    assert cookie is not None
    for key, status in ((KEY, 200), ("another key, long enough", 403)):
        other = Client(app(filled, open=True, key=key, secret=secret))
        other.set_cookie("figures", cookie.value)
        assert other.get("/", **base).status_code == status


def test_open_makes_a_key(filled: str, caplog: pytest.LogCaptureFixture) -> None:
    """Without a configured key each start generates one, which is logged once."""
    client = Client(app(filled, open=True))
    Client(app(filled, open=True))
    keys = [message.partition("?key=")[2] for message in caplog.messages]
    assert len(set(keys)) == 2 and len(keys[0]) > 40
    caplog.clear()
    answer = client.get(f"/?key={keys[0]}", base_url="http://localhost/", environ_overrides=HERE)
    assert answer.status_code == 303
    assert caplog.messages == []


def test_open_is_for_this_machine(filled: str) -> None:
    """Open figures are served to this machine by its own name, not to other hosts or proxies."""
    for path in ("/", f"/?key={KEY}"):
        client = opened(filled)
        ask = partial(client.get, path, environ_overrides=HERE)
        for base in ("http://evil.example/", "http://127.0.0.1.evil.example/"):
            assert ask(base_url=base).status_code == 403
        away = {"REMOTE_ADDR": "192.0.2.7"}
        assert ask(base_url="http://127.0.0.1/", environ_overrides=away).status_code == 403
        for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
            proxied = ask(base_url="http://127.0.0.1/", headers={name: "192.0.2.7"})
            assert proxied.status_code == 403


def test_own_log_in(filled: str) -> None:
    """With the site's own log-in, its decision applies."""
    client = Client(app(filled, allowed=lambda environ: environ.get("HTTP_X_USER") == "owner"))
    assert client.get("/").status_code == 403
    page = client.get("/", headers={"X-User": "owner"})
    assert page.status_code == 200
    assert "Sign out" not in page.text


def test_password_hashes(hashed: str) -> None:
    """A hash matches its password only, and two hashes of the same password differ."""
    known = Password(hashed)
    assert known.fits(PASSWORD)
    assert not known.fits(PASSWORD + " ")
    assert not known.fits("x" * 5000)
    assert make(PASSWORD) != hashed
    with pytest.raises(PasswordError, match="10 to 1024"):
        make("short")
