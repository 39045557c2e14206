"""What a Content-Security-Policy lets the tag do."""

from __future__ import annotations

import pytest

from detector.core.html.csp import Leave, read

N = "'nonce-abc+/123=='"

CASES = {
    "": Leave(),
    "img-src 'self'": Leave(),
    f"script-src {N}": Leave("abc+/123=="),
    f"default-src 'none'; script-src {N} 'strict-dynamic'": Leave("abc+/123=="),
    f"SCRIPT-SRC 'NONCE-abc'; default-src {N}": Leave("abc"),
    f"script-src 'self'; script-src-elem {N}": Leave("abc+/123=="),
    "default-src 'self'": Leave("", False, True),
    "script-src 'self' 'unsafe-inline'": Leave("", True, True),
    "script-src 'self' 'unsafe-inline' 'sha256-x'": Leave("", False, True),
    "script-src https: 'unsafe-inline'": Leave("", True, True),
    "script-src 'none'": Leave("", False, False),
    "script-src": Leave("", False, False),
    "default-src 'none'": Leave("", False, False),
    "script-src 'strict-dynamic' 'sha256-x' 'self'": Leave("", False, False),
    "script-src 'self'; script-src 'none'": Leave("", False, True),
    f"script-src {N}, img-src 'self'": Leave("abc+/123=="),
    "script-src 'nonce-\"><b>'": Leave("", False, False),
    "require-trusted-types-for 'script'": Leave(),
    "require-trusted-types-for 'script'; trusted-types app ads": Leave(),
    "trusted-types *": Leave(),
    "trusted-types app": Leave("", True, False),
    "trusted-types 'none'; script-src 'self'": Leave("", True, False),
}


@pytest.mark.parametrize("policy", CASES)
def test_policy(policy: str) -> None:
    """Each policy gives the tag its leave."""
    assert read([policy] if policy else []) == CASES[policy]


def test_two_policies_must_both_agree() -> None:
    """Where two policies are enforced the stricter decides."""
    assert read([f"script-src {N}", "script-src 'none'"]).script is False
    assert read([f"script-src {N}", f"default-src {N}"]) == Leave("abc+/123==")


def test_report_only_gives_a_nonce_but_refuses_nothing() -> None:
    """A policy that is only reported on cannot stop the tag, and its nonce keeps it quiet."""
    assert read([], [f"script-src {N}"]) == Leave("abc+/123==")
    assert read([], ["script-src 'none'"]) == Leave()


def test_two_nonces_of_two_policies() -> None:
    """Where every policy is to agree, the nonce is one that all of them know."""
    assert read(["script-src 'nonce-a' 'nonce-b'", "script-src 'nonce-b'"]) == Leave("b")


WANTED = {
    "": Leave("w"),
    "img-src 'self'": Leave("w"),
    "script-src 'nonce-a' 'nonce-w'": Leave("w"),
    "script-src 'nonce-a'": Leave("a"),
    "script-src 'self'": Leave("", False, True),
    "script-src 'self' 'unsafe-inline'": Leave("", True, True),
    "script-src 'none'": Leave("", False, False),
}


@pytest.mark.parametrize("policy", WANTED)
def test_nonce_that_the_framework_tells(policy: str) -> None:
    """It is taken where the policies know it, or where none is there yet."""
    assert read([policy] if policy else [], wanted="w") == WANTED[policy]


def test_framework_nonce_beside_a_report_only_policy() -> None:
    """A policy that is only reported on has its own nonce kept, else the framework's is taken."""
    assert read([], ["script-src 'nonce-a' 'nonce-w'"], "w") == Leave("w")
    assert read([], ["script-src 'nonce-a'"], "w") == Leave("a")
    assert read([], ["script-src 'self'"], "w") == Leave("w")


@pytest.mark.parametrize("wanted", ["'", "a b", '"><b>', "a;b", "é", "a\n"])
def test_framework_nonce_of_odd_letters(wanted: str) -> None:
    """What cannot be a nonce is none."""
    assert read([], wanted=wanted) == Leave()
