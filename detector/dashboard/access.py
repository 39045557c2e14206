"""Who may see the dashboard: by a password and a session, by the site's own login, or by a key."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from detector.core.reports.client_address import ClientAddresses
from detector.dashboard import pages
from detector.dashboard.guesses import Gatekeeper, Outcome
from detector.dashboard.http import Answer, Refusal, Request, redirect
from detector.dashboard.open_guard import OpenGuard
from detector.dashboard.password import Password
from detector.dashboard.session import Session, Sessions
from detector.dashboard.texts import _

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = logging.getLogger("detector")

Allowed = Callable[["WSGIEnvironment"], bool]


class Access:
    """One of three guards, and the sessions that it opens."""

    def __init__(
        self,
        password: Password | None,
        allowed: Allowed | None,
        open_guard: OpenGuard | None,
        clients: ClientAddresses,
        secret: str,
        secure: bool,
    ) -> None:
        self._password = Gatekeeper(password) if password else None
        self._allowed, self._open = allowed, open_guard
        self._clients, self._secure = clients, secure
        mark = password.mark if password else open_guard.mark if open_guard else b""
        self.sessions = Sessions(secret or secrets.token_hex(32), mark)

    @property
    def referrer(self) -> str:
        """Return the policy for what links of the page tell: an open page's address has the key."""
        return "no-referrer" if self._open else "same-origin"

    def session(self, request: Request) -> Session | None:
        """Return the session of a request, signed in or not."""
        return self.sessions.read(request.header("HTTP_COOKIE"))

    def token(self, session: Session | None) -> str:
        """Return the token of the form that signs out; "" where there is none."""
        return self.sessions.token(session) if session and self._password else ""

    def form_token(self, session: Session | None) -> str:
        """Return the token of the page's other forms; "" where the site's own login lets in."""
        return self.sessions.token(session) if session and self._allowed is None else ""

    def form(self, request: Request, session: Session | None) -> dict[str, str]:
        """Return the fields of a form of the page; raise Refusal for one that is not its own."""
        self._check_post(request)
        fields = request.form()
        if session is None or not self.sessions.is_token(session, fields.get("token", "")):
            raise Refusal(403, _("The form has expired. Go back and reload the page."))
        return fields

    def answer(self, request: Request, session: Session | None) -> Answer | None:
        """Return the pages of signing in and out; None to those who may see the figures.

        Raise Refusal for all others.
        """
        if self._password and request.path == "/sign-in":
            return self._sign_in(request, session)
        if self._password and request.path == "/sign-out":
            return self._sign_out(request, session)
        return self._guard(request, session)

    def _guard(self, request: Request, session: Session | None) -> Answer | None:
        """Return what those who may not see the figures get instead; None for those who may."""
        if self._password:
            if session and session.signed_in:
                return None
            if request.path == "/":
                return redirect(f"./sign-in{request.lang}")
            raise Refusal(401, _("Sign in first."))
        if self._allowed is not None:
            if self._allowed(request.environ):
                return None
            raise Refusal(403, _("You may not see this page."))
        assert self._open is not None
        if self._open.admits(request):
            new = self.sessions.new(signed_in=True)
            return _with(redirect(f"./{request.lang}"), self._cookie(request, new))
        if not session:
            raise self._open.refusal()
        return None

    def _sign_in(self, request: Request, session: Session | None) -> Answer:
        if request.method in ("GET", "HEAD"):
            if session and session.signed_in:
                return redirect(f"./{request.lang}")
            return self._form(request, session)
        self._check_post(request)
        form = request.form()
        if session is None or not self.sessions.is_token(session, form.get("token", "")):
            return self._form(request, None, _("The form has expired. Please try again."), 403)
        assert self._password is not None
        found = self._password.check(self._client(request), form.get("password", ""))
        if not found.right:
            return self._wrong(request, session, found)
        self.sessions.end(session)
        new = self.sessions.new(signed_in=True)
        return _with(redirect(f"./{request.lang}"), self._cookie(request, new))

    def _wrong(self, request: Request, session: Session, found: Outcome) -> Answer:
        if found.checked:
            log.warning("dashboard: a wrong password")
            text = _("This is not the password.")
        else:
            text = _("Too many passwords are being tried right now. Please try again.")
        answer = self._form(request, session, text, 429 if found.retry else 403)
        if found.retry:
            answer.headers.append(("Retry-After", str(found.retry)))
        return answer

    def _client(self, request: Request) -> str:
        """Return the address that guesses are counted for."""
        forwarded = {"x-forwarded-for": request.header("HTTP_X_FORWARDED_FOR")}
        return self._clients.client(request.client, forwarded) or request.client

    def _sign_out(self, request: Request, session: Session | None) -> Answer:
        if request.method != "POST":
            raise Refusal(405, _("Use the button."), [("Allow", "POST")])
        self._check_post(request)
        if session is None:
            return redirect(f"./sign-in{request.lang}")
        self.form(request, session)
        self.sessions.end(session)
        return _with(redirect(f"./sign-in{request.lang}"), self._cookie(request, None))

    def _check_post(self, request: Request) -> None:
        if request.method != "POST":
            raise Refusal(405, _("Use the form."), [("Allow", "GET, HEAD, POST")])
        if request.header("HTTP_SEC_FETCH_SITE") not in ("", "same-origin"):
            raise Refusal(403, _("The form was sent by another site."))

    def _form(
        self, request: Request, session: Session | None, wrong: str = "", status: int = 200
    ) -> Answer:
        given = session or self.sessions.new(signed_in=False)
        answer = pages.sign_in(self.sessions.token(given), wrong, status, request.lang)
        return answer if session else _with(answer, self._cookie(request, given))

    def _cookie(self, request: Request, session: Session | None) -> str:
        secure = self._secure or request.secure
        return self.sessions.cookie(session, f"{request.root}/", secure=secure)


def _with(answer: Answer, cookie: str) -> Answer:
    answer.headers.append(("Set-Cookie", cookie))
    return answer
