"""Parsing filter rules: which lines act on a first-party name, and which exempt it."""

from __future__ import annotations

import random
from typing import get_args

import pytest

from detector.core.baits.pool import Type
from detector.filter_lists.candidates import path_for
from detector.filter_lists.engine import Lists
from detector.filter_lists.fetch import Source, read_all
from detector.filter_lists.matcher import PAGE
from detector.filter_lists.rule_index import Index
from detector.filter_lists.rules import Hide, Line, Network, parse
from detector.filter_lists.served import sample_urls
from tests.support.lists import debian

URL = "https://news.example/bcfghjkm/lane/Banner_x.js?bcfghjkmnpqrvwxz.aOd4AA"


def source(*lines: str) -> Source:
    """Return a list of these lines."""
    return Source("tiny.txt", "tiny", lines, len(lines), 0)


@pytest.mark.parametrize(
    ("lines", "kind", "why"),
    [
        (["/lane/banner_"], "script", ""),
        (["/lane/*_x.js"], "fetch", ""),
        (["/lane/banner_x.js^"], "script", ""),
        (["lane/banner_x.js?"], "image", ""),
        (["|https://*/lane/"], "script", ""),
        (["/lane\\/banner_[xy]\\.js/"], "script", ""),
        (["/lane/$script,image"], "image", ""),
        (["/lane/$~xmlhttprequest"], "script", ""),
        (["/lane/$~xhr"], "script", ""),
        (["/lane/$script,~third-party"], "script", ""),
        (["/lane/$1p"], "script", ""),
        (["/lane/$~3p"], "script", ""),
        (["/lane/$domain=~other.example|~third.example"], "script", ""),
        (["/lane/$domain=news.example"], "script", ""),
        (["/lane/$important", "@@/lane/"], "script", "exception"),
        (["/lane/$script", "/lane/$badfilter"], "script", ""),
        (["/lane/", "/lane/$badfilter", "banner_x"], "script", "cancelled"),
        (["/Lane/$match-case", "/lane/$match-case"], "script", ""),
        (["/lane/", "@@/lane/$image"], "script", ""),
        (["/lane/", "@@/lane/$domain=other.example"], "script", ""),
        (["/lane/", "@@||other.example/lane/"], "script", ""),
        (["/lane/", "@@/lane/$generichide"], "script", ""),
    ],
)
def test_rule_that_acts(lines: list[str], kind: str, why: str) -> None:
    """Index and engine agree that a request is blocked; ineffective exceptions are named."""
    found = Index([source(*lines)], PAGE).request(URL, kind)
    assert found.live
    assert {mark.why for mark in found.spared} == ({why} if why else set())
    assert all(lines[mark.line - 1] == mark.rule for mark in found.hits)
    assert Lists([source(*lines)]).hits(URL, PAGE, kind)


@pytest.mark.parametrize(
    ("lines", "kind", "why"),
    [
        (["/lane/$third-party"], "script", ""),
        (["/lane/$3p"], "script", ""),
        (["/lane/$~first-party"], "script", ""),
        (["/lane/$image"], "script", ""),
        (["/lane/$~script"], "script", ""),
        (["/lane/$~xhr"], "fetch", ""),
        (["/lane/$popup"], "script", ""),
        (["/lane/$document"], "script", ""),
        (["/lane/$domain=other.example"], "script", ""),
        (["/lane/$domain=other.example|~third.example"], "script", ""),
        (["/lane/$removeparam=x"], "script", ""),
        (["/lane/$csp=script-src 'none'"], "script", ""),
        (["/lane/$someoption"], "script", ""),
        (["/lane/banner_x.js|"], "script", ""),
        (["||other.example/lane/"], "script", ""),
        (["/lane/$redirect-rule=noopjs"], "script", "stub"),
        (["/lane/", "@@/lane/"], "script", "exception"),
        (["/lane/", "@@/lane/$script,1p"], "script", "exception"),
        (["/lane/$script,1p", "/lane/$1p,badfilter,script"], "script", "cancelled"),
    ],
)
def test_rule_that_does_not_act(lines: list[str], kind: str, why: str) -> None:
    """The index and the engine agree that a request passes, and the index says why."""
    found = Index([source(*lines)], PAGE).request(URL, kind)
    assert not found.live
    assert {mark.why for mark in found.spared} == ({why} if why else set())
    assert not Lists([source(*lines)]).hits(URL, PAGE, kind)


@pytest.mark.parametrize(
    ("lines", "why", "line"),
    [
        (["/lane/$script,redirect=noop.js"], "stub", 1),
        (["/lane/", "*$script,redirect-rule=noopjs"], "stub", 2),
        (["/lane/$rewrite=abp-resource:blank-js,domain=~a.example"], "stub", 1),
        (["/lane/", "", "@@/lane/$from=~a.example"], "exception", 3),
        (["/lane/$important", "@@/lane/$important"], "exception", 2),
    ],
)
def test_what_the_engine_does_not_know(lines: list[str], why: str, line: int) -> None:
    """A stand-in, and exceptions in newer syntax, are found by the index alone."""
    found = Index([source(*lines)], PAGE).request(URL, "script")
    assert not found.live
    assert [(mark.why, mark.line) for mark in found.spared] == [(why, line)]


@pytest.mark.parametrize(
    ("lines", "live", "why"),
    [
        (["##.lane"], True, []),
        (["~other.example##.lane"], True, []),
        (["##.lane", "other.example#@#.lane"], True, []),
        (["##.lane", "#@##lane"], True, []),
        (["##.lane", "##.lane:not(.adsbox):not(.x)"], True, ["excluded"]),
        (["##.lane", "@@||other.example^$generichide"], True, []),
        (["##.lane:not(.adsbox)"], False, ["excluded"]),
        (["##.lane", "#@#.lane"], False, ["unhidden"]),
        (["##.lane", "*#@#.lane"], False, ["unhidden"]),
        (["##.lane", "#@#.lane", "##.lane:not([style^='left'])"], False, ["unhidden", "excluded"]),
        (["##.lane", "@@*$generichide"], False, ["page"]),
        (["##.lane", "@@/article/$ghide"], False, ["page"]),
        (["##.lane", "@@/article/$script"], True, []),
        (["###lane"], False, []),
        (["##.lanes"], False, []),
        (["##.lane.more"], False, []),
        (["##.lane > a"], False, []),
        (["##.lane:style(color: red)"], False, []),
        (["other.example##.lane"], False, []),
    ],
)
def test_element_rules(lines: list[str], live: bool, why: list[str]) -> None:
    """A class counts as hidden by plain generic rules without a generic exception."""
    found = Index([source(*lines)], PAGE).element(".lane")
    assert found.live == live
    assert [mark.why for mark in found.spared] == why


@pytest.mark.parametrize(
    "line",
    [
        *("", "! comment", "[Adblock Plus 2.0]", "# of a hosts file", "#", "#comment", "!#if x"),
        *("[uBlock Origin]", "  ! indented"),
    ],
)
def test_comments(line: str) -> None:
    """Comments, headings and empty lines are no rules."""
    assert parse(1, line) is Line.COMMENT


@pytest.mark.parametrize(
    "line",
    [
        *("||host.example^", "0.0.0.0 host.example", "127.0.0.1 host.example # why"),
        *("host.example##+js(noop)", "host.example##.lane", "##div > .lane", "#$#abort x"),
        *("host.example#?#.lane:has(a)", 'host.example$$script[tag-content="x y"]'),
        *("[$path=/a b]##.lane", "host.*>>##+js(noop, a b)", "##^script:has-text(x)"),
        *("/^host[0-9]/##.lane", "##.lane:has-text(two words)", "#%#//scriptlet('a', 'b')"),
    ],
)
def test_rules_that_cannot_act_on_us(line: str) -> None:
    """Rules for other hosts, and those that neither block nor hide by a name, are recognised."""
    assert parse(1, line) is Line.OTHER


@pytest.mark.parametrize("line", ["some words", '{"a": 1}', "<p>text", "a\tb", "]", "|| x"])
def test_lines_that_are_no_rules(line: str) -> None:
    """Text that no blocker accepts as a rule is broken."""
    assert parse(1, line) is Line.BROKEN


def test_options_are_found_behind_the_last_dollar() -> None:
    """A dollar sign in a pattern or an option's value does not begin the options."""
    rule = parse(7, "/a$b/*$script,domain=~x.example")
    assert isinstance(rule, Network)
    assert (rule.line, rule.pattern, *rule.options.types) == (7, "/a$b/*", "script")
    regex = parse(1, "/lane$/$image")
    assert isinstance(regex, Network)
    assert (regex.pattern, *regex.options.types) == ("/lane$/", "image")
    value = parse(1, r"/lane/$script,replace=/a\,b$/c/")
    assert isinstance(value, Network)
    assert (value.pattern, value.options.inert) == ("/lane/", True)


def test_bad_regular_expression_acts_on_nothing() -> None:
    """A rule whose expression is invalid in Python matches no URL and raises nothing."""
    assert not Index([source("/lane(/$script")], PAGE).request(URL, "script").hits


def test_case_counts_where_a_rule_says_so() -> None:
    """A rule with match-case acts on its own case only; the engine ignores case."""
    assert Index([source("/Banner_x$match-case")], PAGE).request(URL, "script").live
    assert not Index([source("/banner_x$match-case")], PAGE).request(URL, "script").hits


def test_hide_rule_has_its_parts() -> None:
    """A hiding rule is split into its name and its exceptions."""
    rule = parse(3, "##.lane:not(.a):not(#b, .c)")
    assert isinstance(rule, Hide)
    assert (rule.name, rule.excludes, rule.exception) == (".lane", ":not(.a):not(#b, .c)", False)


def test_index_agrees_with_the_engine_on_real_lists() -> None:
    """For paths from the default lists both agree, except for newer syntax."""
    sources = read_all(map(str, debian()))
    index, engine = Index(sources, PAGE), Lists(sources)
    made = {
        (path, kind)
        for rule in index.blocking()
        for kind in get_args(Type)
        if (path := path_for(rule.pattern, kind))
    }
    compared = 0
    for path, kind in random.Random(7).sample(sorted(made), 400):
        url = sample_urls(path)[0]
        found = index.request(url, kind)
        newer = ("$all", "strict1p", "from=", "~document", "to=")
        if any(word in mark.rule for mark in (*found.hits, *found.spared) for word in newer):
            continue
        excepted = any(mark.why == "exception" for mark in found.spared)
        assert engine.hits(url, PAGE, kind) == (bool(found.hits) and not excepted), (url, found)
        compared += bool(found.hits)
    assert compared > 200
