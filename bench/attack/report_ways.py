"""Reports as attackers may send them: each way changes a valid one.

A way returns how many of its reports may be counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

from bench.attack.forging import address, damaged_body, flipped, odd_text, odd_value
from detector.core.limits.rate_limiter import BURST
from detector.core.reports.parser import MAX_BAITS
from detector.core.site import Site
from detector.core.texts.locales import LOCALES
from detector.core.tokens import Tokens
from detector.core.vocabulary import KINDS, MODES, NOTICE_ACTIONS, PATTERNS, STATES
from tests.conftest import FIREFOX, GOOGLEBOT, SECRET

HOST = "news.example"
PEOPLE = (
    FIREFOX,
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
)


class Sent:
    """One report: what a case changes, and how many may therefore be counted."""

    def __init__(self, rng: Random, site: Site) -> None:
        self.rng, self.site = rng, site
        self.view = "".join(rng.choices("0123456789", k=20))
        self.fields: dict[str, Any] = {
            "t": site.tokens.view(self.view),
            "p": site.tokens.page(f"/group/{rng.randrange(3000)}"),
            "s": rng.choice(STATES),
            "i": rng.choice(("", "u", *KINDS)),
        }
        # Optional fields of a report; a variant may have any name.
        more = {
            "a": rng.choice(NOTICE_ACTIONS),
            "m": rng.choice(MODES),
            "l": rng.choice(LOCALES),
            "y": odd_text(rng),
            "f": rng.sample(range(MAX_BAITS), 3),
            "e": True,
            "r": rng.choice(("ae", "ab", "an", "au")),
            "g": rng.choice(PATTERNS),
        }
        self.fields |= {name: more[name] for name in rng.sample(sorted(more), rng.choice((0, 2)))}
        # Nobody is asked, and so nobody disputes it, where no ad is missing.
        if self.fields.get("a") == "disputed" and self.fields["s"] in ("clear", "unknown"):
            self.fields["s"] = "blocked"
        self.body: bytes | None = None
        self.headers = {
            "user-agent": rng.choice(PEOPLE),
            "host": HOST,
            "sec-fetch-site": "same-origin",
        }
        self.remote = address(rng)
        self.times = 1
        self.method = "POST"

    def bytes(self) -> bytes:
        """Return the body."""
        if self.body is not None:
            return self.body
        return json.dumps(self.fields).encode("utf-8", "surrogatepass")


def right(sent: Sent) -> int:
    """Do not change it."""
    return 1


def replayed(sent: Sent) -> int:
    """Send it repeatedly."""
    sent.times = sent.rng.randrange(2, 8)
    return 1


def flooding(sent: Sent) -> int:
    """Send more at once than one client may, each of a different view."""
    sent.times = -3 * BURST
    return BURST


def other_secret(sent: Sent) -> int:
    """Sign one token with another secret, or for another purpose."""
    foreign = Tokens(["another secret, long enough"], sent.site.clock)
    t, p = sent.fields["t"], sent.fields["p"]
    choices: list[dict[str, Any]] = [
        *({"t": foreign.view(sent.view)}, {"p": foreign.page("/a")}, {"t": p}, {"p": t}),
        *({"t": sent.site.tokens.state("clear")}, {"t": sent.site.tokens.preview(sent.view)}),
        *({"t": sent.view}, {"t": ""}, {"p": ""}, {"p": "~l"}, {"t": t * 9}, {"p": "." + p}),
    ]
    sent.fields |= sent.rng.choice(choices)
    return 0


def flipped_bit(sent: Sent) -> int:
    """Flip one bit of a token; the part after a page token's ~ is not signed."""
    which = sent.rng.choice("tp")
    sent.fields[which] = flipped(sent.rng, sent.fields[which])
    return 0


def truncated(sent: Sent) -> int:
    """Truncate the body."""
    whole = sent.bytes()
    sent.body = whole[: sent.rng.randrange(len(whole))]
    return 0


def damaged(sent: Sent) -> int:
    """Change some bytes of the body; it may still be valid."""
    sent.body = damaged_body(sent.rng, sent.bytes())
    return 1


def oversized(sent: Sent) -> int:
    """Send more than 1 KiB."""
    sent.body = sent.bytes()[:-1] + b" " * sent.rng.choice((1024, 5000, 100_000)) + b"}"
    return 0


def deep(sent: Sent) -> int:
    """Nest as deeply as a body of any size can."""
    opening = sent.rng.choice((b"[", b'{"a":', b'{"t":[', b'[{"f":'))
    sent.body = opening * sent.rng.choice((50, 300, 1000, 50_000))
    return 0


def wrong_type(sent: Sent) -> int:
    """Replace a text or a list of numbers by a value of another type."""
    field, value = sent.rng.choice("tpsfamyl"), odd_value(sent.rng)
    # Most reports have no failed baits, and a variant may have any name.
    if (field, value) == ("f", []) or (field == "y" and isinstance(value, str)):
        value = None
    sent.fields[field] = value
    return 0


def unknown_key(sent: Sent) -> int:
    """Add an unknown key, or one twice."""
    whole = sent.bytes()[:-1]
    sent.body = whole + sent.rng.choice(
        (b',"z":1}', b',"__proto__":{}}', b',"s":"clear"}', b',"":0}')
    )
    return 0


def foreign_origin(sent: Sent) -> int:
    """Send it from a page of another site."""
    headers = sent.rng.choice(
        (
            *({"sec-fetch-site": one} for one in ("cross-site", "same-site", "none", "")),
            *({"origin": one} for one in ("https://evil.example", "null", "", "http://[", "//")),
            {"origin": f"https://{HOST}.evil.example"},
            {"origin": f"https://evil@{HOST}:1"},
        )
    )
    if "origin" in headers:
        del sent.headers["sec-fetch-site"]
    sent.headers |= headers
    return 0


def strange_client(sent: Sent) -> int:
    """Send it from an invalid address, with lists of forwarded ones."""
    rng = sent.rng
    sent.remote = rng.choice(("", "unix:", "::", "[::1]:x", "1.2.3", "\xff", "1" * 5000, "a,b"))
    sent.headers["x-forwarded-for"] = ",".join(
        rng.choice((address(rng), "", "[", "::1%eth0", "\xe9", "9" * 400)) for _ in range(5)
    )
    return 1


def robot(sent: Sent) -> int:
    """Send it as a robot, or without a user agent."""
    sent.headers["user-agent"] = sent.rng.choice((GOOGLEBOT, "", "HeadlessChrome", "curl/8"))
    return 0


def packed(sent: Sent) -> int:
    """Declare the body as compressed."""
    sent.headers["content-encoding"] = sent.rng.choice(("gzip", "br", "x", "", "gzip, identity"))
    return 0


def other_method(sent: Sent) -> int:
    """Use another method than POST."""
    sent.method = sent.rng.choice(("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post", "TRACE", "X"))
    return 0


def stale(sent: Sent) -> int:
    """Use a token of another time."""
    days = sent.rng.choice((-2, -400, 2, 400, 100_000))
    later = Tokens([SECRET], lambda: max(0.0, sent.site.clock() + days * 86_400))
    sent.fields["t"] = later.view(sent.view)
    return 0


WAYS: tuple[Callable[[Sent], int], ...] = (
    *(right, replayed, other_secret, flipped_bit, flipped_bit, truncated, damaged, damaged),
    *(oversized, deep, wrong_type, wrong_type, unknown_key, foreign_origin, strange_client),
    *(robot, packed, other_method, stale),
)
