"""Deliveries: a real mail server, web hook and program, and what they may do to a run."""

from __future__ import annotations

import json
import ssl
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from detector.watch.alarm import Alarm
from detector.watch.delivery import DeliveryError
from detector.watch.mail import Mail, Server
from detector.watch.webhook import Webhook
from tests.support.smtp import SmtpServer
from tests.watch.conftest import Counts, Hook

ALARM = Alarm("no-report", "news", "No report came.", "See whether the site is up.")
EVIL = Alarm("no-report", "news\r\nBcc: stranger@evil.example\r\n\r\n.\r\nQUIT", "x\n.\nQUIT", "")


def test_webhook(jumped: Counts, hook: Hook) -> None:
    """A web hook gets JSON with all alarms in words, and its user and password as a header."""
    url = hook.url.replace("http://", "http://me:p%40ss@")
    assert jumped.told("--webhook", url) == 1
    (posted,) = hook.posted
    assert posted["version"] == 1
    assert posted["text"].startswith("detector watch: 1 alarm (news)\nnews: More are blocked")
    (alarm,) = posted["alarms"]
    assert alarm.keys() == {"key", "site", "text", "fix"}
    assert hook.headers[0]["Content-Type"] == "application/json"
    assert hook.headers[0]["Authorization"] == "Basic bWU6cEBzcw=="


@pytest.mark.parametrize("status", [500, 404, 302, 0])
def test_webhook_fails(jumped: Counts, hook: Hook, status: int, quick: Callable[[], float]) -> None:
    """A hook that fails, redirects or hangs ends the run in time; the next run tries again.

    No message shows the address beyond its host, nor a password.
    """
    hook.status, hook.location = status, "file:///etc/passwd" if status == 302 else ""
    url = hook.url.replace("http://", "http://me:hunter2@")
    assert jumped.told("--webhook", url) == 2
    assert quick() < 20
    said = {500: "answers 500", 404: "answers 404", 302: "redirects (302)", 0: "within 1 s"}
    assert said[status] in jumped.err and "tried again by the next run" in jumped.err
    assert "SECRET" not in jumped.err and "hunter2" not in jumped.err
    hook.status, hook.location = 204, ""
    assert jumped.told("--webhook", url) == 1
    assert jumped.told("--webhook", url) == 1
    assert [len(post["alarms"]) for post in hook.posted] == [1, 1]


def test_webhook_away(jumped: Counts, hook: Hook) -> None:
    """A hook that is away is named."""
    hook.close()
    assert jumped.told("--webhook", hook.url) == 2
    assert "http://127.0.0.1:" in jumped.err and "cannot be reached: " in jumped.err
    assert "SECRET" not in jumped.err + jumped.state.read_text()


def test_waits_though_it_cleared(jumped: Counts, hook: Hook) -> None:
    """An alarm that could not be delivered is delivered later, even if it has cleared by then."""
    hook.status = 500
    assert jumped.told("--webhook", hook.url) == 2
    jumped.hours({"clear": 250}, 6)
    hook.status = 204
    assert jumped.told("--webhook", hook.url) == 0
    assert hook.posted[-1]["alarms"][0]["key"] == "blocked-up"
    assert jumped.told("--webhook", hook.url) == 0
    assert len(hook.posted) == 2


def test_mail(jumped: Counts) -> None:
    """A mail has the alarms in words, says that a program wrote it, and comes once."""
    with SmtpServer() as server:
        options = ("--mail", "you@news.example", "--smtp-port", str(server.port))
        assert jumped.told(*options) == jumped.told(*options) == 1
    (mail,) = server.mails
    assert server.recipients == ["you@news.example"]
    assert mail["Subject"] == "detector watch: 1 alarm (news)"
    assert mail["From"] == mail["To"] == "you@news.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "news: More are blocked" in mail.get_content()


def test_server_from_the_environment(jumped: Counts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail server may stand in the environment, as cron and systemd have it."""
    with SmtpServer(user="me") as server:
        for name, value in (("PORT", str(server.port)), ("HOST", "127.0.0.1"), ("TLS", "none")):
            monkeypatch.setenv(f"DETECTOR_SMTP_{name}", value)
        monkeypatch.setenv("DETECTOR_SMTP_USER", "me")
        monkeypatch.setenv("DETECTOR_SMTP_PASSWORD", "secret of me")
        assert jumped.told("--mail", "you@news.example", "--sender", "site@news.example") == 1
    assert server.mails[0]["From"] == "site@news.example"


def test_no_header_is_injected() -> None:
    """Text from the store begins no header, and ends no mail early."""
    with SmtpServer() as server:
        Mail("you@news.example", server=Server(port=server.port)).deliver([EVIL])
    (mail,) = server.mails
    assert server.recipients == ["you@news.example"]
    assert mail["Bcc"] is None
    assert "Bcc: stranger" in mail["Subject"]
    assert mail.get_content().count("QUIT") == 2


def test_mail_encrypted_and_signed_in() -> None:
    """A user and password are sent once the connection is encrypted, to a proven server."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def trusting() -> ssl.SSLContext:
        made = ssl.create_default_context()
        authority.configure_trust(made)
        return made

    with SmtpServer(context=context, user="me") as server:
        at = Server("localhost", "starttls", server.port, "me", "secret of me")
        Mail("you@news.example", server=at, context=trusting).deliver([ALARM])
        assert server.encrypted and len(server.mails) == 1
        with pytest.raises(DeliveryError, match="cannot be used"):
            Mail("you@news.example", server=at).deliver([ALARM])
        wrong = Server("localhost", "starttls", server.port, "me", "hunter2")
        with pytest.raises(DeliveryError, match=r"refuses the user or password \(535\)") as raised:
            Mail("you@news.example", server=wrong, context=trusting).deliver([ALARM])
        assert "hunter2" not in str(raised.value)


def test_mail_server_without_encryption() -> None:
    """A server that offers no encryption where it was asked for gets no mail."""
    with SmtpServer() as server:
        at = Server("localhost", "starttls", server.port)
        with pytest.raises(DeliveryError, match="offers no encryption"):
            Mail("you@news.example", server=at).deliver([ALARM])
    assert server.mails == []


@pytest.mark.parametrize("behavior", ["hangs", "drips", "451", "away"])
def test_mail_fails(jumped: Counts, behavior: str, quick: Callable[[], float]) -> None:
    """A mail server that hangs, drips, refuses or is away ends the run in time; nothing is lost."""
    with SmtpServer("" if behavior == "away" else behavior) as server:
        port = str(server.port)
        if behavior != "away":
            assert jumped.told("--mail", "you@news.example", "--smtp-port", port) == 2
    if behavior == "away":
        assert jumped.told("--mail", "you@news.example", "--smtp-port", port) == 2
    assert quick() < 20
    assert f"the mail server localhost:{port} " in jumped.err
    with SmtpServer() as server:
        assert jumped.told("--mail", "you@news.example", "--smtp-port", str(server.port)) == 1
    assert len(server.mails) == 1


def test_program(jumped: Counts, tmp_path: Path) -> None:
    """A program gets the alarms as JSON on its input; no shell reads its arguments."""
    out = tmp_path / "out $(id).json"
    code = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
    assert jumped.told("--exec", f'{sys.executable} -c "{code}" "{out}"') == 1
    assert json.loads(out.read_text())["alarms"][0]["key"] == "blocked-up"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit(3)", "ended with status 3"),
        ("import time; time.sleep(60)", "has not ended within 1 s"),
        ("import os, sys; os.close(0); sys.exit(1)", "ended with status 1"),
    ],
)
def test_program_fails(jumped: Counts, code: str, said: str, quick: Callable[[], float]) -> None:
    """A program that fails or hangs is ended, and run again by the next run."""
    assert jumped.told("--exec", f'{sys.executable} -c "{code}"') == 2
    assert said in jumped.err and quick() < 20
    assert jumped.told("--exec", f'{sys.executable} -c "pass"') == 1
    assert "(delivered before)" not in jumped.out


def test_no_such_program(jumped: Counts) -> None:
    """A program that is missing is named."""
    assert jumped.told("--exec", "/missing/tell --urgent") == 2
    assert "/missing/tell cannot be run: No such file or directory" in jumped.err


def test_address_is_not_shown() -> None:
    """What may be printed of a web hook is its scheme and host."""
    assert Webhook("https://me:pw@chat.example:8443/a/b?c").shown == "https://chat.example:8443"
