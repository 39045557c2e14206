"""What a Content-Security-Policy allows the tag to do."""

from __future__ import annotations

import pytest

from detector.core.html.csp import CspPermissions, read

N = "'nonce-abc+/123=='"

CASES = {
    "": CspPermissions(),
    "img-src 'self'": CspPermissions(),
    f"script-src {N}": CspPermissions("abc+/123=="),
    f"default-src 'none'; script-src {N} 'strict-dynamic'": CspPermissions("abc+/123=="),
    f"SCRIPT-SRC 'NONCE-abc'; default-src {N}": CspPermissions("abc"),
    f"script-src 'self'; script-src-elem {N}": CspPermissions("abc+/123=="),
    "default-src 'self'": CspPermissions("", False, True),
    "script-src 'self' 'unsafe-inline'": CspPermissions("", True, True),
    "script-src 'self' 'unsafe-inline' 'sha256-x'": CspPermissions("", False, True),
    "script-src https: 'unsafe-inline'": CspPermissions("", True, True),
    "script-src 'none'": CspPermissions("", False, False),
    "script-src": CspPermissions("", False, False),
    "default-src 'none'": CspPermissions("", False, False),
    "script-src 'strict-dynamic' 'sha256-x' 'self'": CspPermissions("", False, False),
    "script-src 'self'; script-src 'none'": CspPermissions("", False, True),
    f"script-src {N}, img-src 'self'": CspPermissions("abc+/123=="),
    "script-src 'nonce-\"><b>'": CspPermissions("", False, False),
    "require-trusted-types-for 'script'": CspPermissions(),
    "require-trusted-types-for 'script'; trusted-types app ads": CspPermissions(),
    "trusted-types *": CspPermissions(),
    "trusted-types app": CspPermissions("", True, False),
    "trusted-types 'none'; script-src 'self'": CspPermissions("", True, False),
    "script-src 'self', trusted-types app": CspPermissions("", True, False),
    "Script-Src 'nonce-AbC'": CspPermissions("AbC"),
    "script-src 'SELF' 'Unsafe-Inline'": CspPermissions("", True, True),
    "script-src 'self' 'unsafe-inline' 'strict-dynamic'": CspPermissions("", False, False),
    "script-src cdn.example": CspPermissions("", False, True),
    "script-src 'nonce-a' 'nonce-b'": CspPermissions("a"),
    "script-src 'nonce-a', script-src 'nonce-b' 'self'": CspPermissions("a", False, True),
    "script-src 'nonce-a', script-src 'nonce-b' 'self' 'unsafe-inline'": CspPermissions(
        "a", False, True
    ),
    ";; script-src 'self' ;": CspPermissions("", False, True),
}


@pytest.mark.parametrize("policy", CASES)
def test_policy(policy: str) -> None:
    """Each policy gives the tag the expected permissions."""
    assert read([policy] if policy else []) == CASES[policy]


def test_two_policies_must_both_agree() -> None:
    """Where two policies are enforced the stricter decides."""
    assert read([f"script-src {N}", "script-src 'none'"]).script is False
    assert read([f"script-src {N}", f"default-src {N}"]) == CspPermissions("abc+/123==")
    loose = "script-src 'self' 'unsafe-inline'"
    for stricter, found in (
        ("script-src 'self'", CspPermissions("", False, True)),
        ("script-src 'unsafe-inline'", CspPermissions("", True, False)),
    ):
        assert read([loose, stricter]) == read([stricter, loose]) == found


def test_report_only_gives_a_nonce_but_refuses_nothing() -> None:
    """A report-only policy cannot stop the tag, and its nonce avoids reports."""
    assert read([], [f"script-src {N}"]) == CspPermissions("abc+/123==")
    assert read([], ["script-src 'none'"]) == CspPermissions()
    assert read([], ["script-src 'nonce-a' 'nonce-b'"]) == CspPermissions("a")
    assert read(["img-src 'self'"], [f"script-src {N}"]) == CspPermissions("abc+/123==")


def test_two_nonces_of_two_policies() -> None:
    """Where every policy has to allow it, the nonce is one that all of them list."""
    assert read(["script-src 'nonce-a' 'nonce-b'", "script-src 'nonce-b'"]) == CspPermissions("b")


WANTED = {
    "": CspPermissions("w"),
    "img-src 'self'": CspPermissions("w"),
    "script-src 'nonce-a' 'nonce-w'": CspPermissions("w"),
    "script-src 'nonce-a'": CspPermissions("a"),
    "script-src 'self'": CspPermissions("", False, True),
    "script-src 'self' 'unsafe-inline'": CspPermissions("", True, True),
    "script-src 'none'": CspPermissions("", False, False),
}


@pytest.mark.parametrize("policy", WANTED)
def test_nonce_that_the_framework_tells(policy: str) -> None:
    """The framework's nonce is used if the policies list it, or if there is no policy yet."""
    assert read([policy] if policy else [], wanted="w") == WANTED[policy]


def test_framework_nonce_beside_a_report_only_policy() -> None:
    """A nonce of a report-only policy is kept; without one the framework's is used."""
    assert read([], ["script-src 'nonce-a' 'nonce-w'"], "w") == CspPermissions("w")
    assert read([], ["script-src 'nonce-a'"], "w") == CspPermissions("a")
    assert read([], ["script-src 'self'"], "w") == CspPermissions("w")


@pytest.mark.parametrize("wanted", ["'", "a b", '"><b>', "a;b", "é", "a\n"])
def test_framework_nonce_of_odd_letters(wanted: str) -> None:
    """Invalid nonces are ignored."""
    assert read([], wanted=wanted) == CspPermissions()
