"""A test that fails tells in its report what the test internet was asked."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

CODE = """
from detector.testing.fixtures import internet, net
from detector.testing.messages import Answer

def test_of_a_page(net):
    from urllib.request import ProxyHandler, build_opener
    net.answer("ads.example", lambda request: Answer("an ad"))
    opener = build_opener(ProxyHandler({"http": net.proxy_url}))
    assert not opener.open("http://ads.example/ad.js").read()
"""


def test_the_report_lists_the_requests(pytester: pytest.Pytester) -> None:
    """Each with the seconds since the first, its status, its method and its address."""
    pytester.makepyfile(CODE)
    found = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    found.stdout.fnmatch_lines(
        [
            "*Captured test internet teardown*",
            "the last requests of 1:",
            "    0.000 200 GET http://ads.example/ad.js",
        ]
    )
    found.assert_outcomes(failed=1)
