"""ARCHITECTURE.md and the decisions name files that exist, and stay short."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.root import ROOT

ARCHITECTURE = ROOT / "ARCHITECTURE.md"
FOLDER = ROOT / "docs/decisions"
INDEX = FOLDER / "README.md"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))
PARTS = ["Context", "Decision", "Consequences"]
FOLDERS = {path.name for path in (*ROOT.iterdir(), *(ROOT / "detector").iterdir()) if path.is_dir()}
ENDINGS = {".py", ".js", ".mjs", ".cjs", ".ts", ".css", ".html", ".json", ".toml", ".txt", ".md"}
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"\w[\w.-]*(?:/[\w.*-]+)*/?")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def paths_in(text: str) -> list[str]:
    """Return the paths in backticks, recognised by their extension or first folder."""
    found = []
    for code in _CODE.findall(text):
        for word in code.split():
            named = _PATH.fullmatch(word) and (
                word.endswith("/")
                or Path(word).suffix in ENDINGS
                or ("/" in word and word.partition("/")[0] in FOLDERS)
            )
            if named:
                found.append(word)
    return found


def exists(path: str) -> bool:
    """Whether a path exists below the root or the package; * stands for a name."""
    return any(any(base.glob(path.rstrip("/"))) for base in (ROOT, ROOT / "detector"))


def test_paths_are_told_from_other_words() -> None:
    """A media type, an option, a host or an extension is no path; a folder and a script are."""
    text = (
        "`text/plain` `notice` `.po` `/files/*/*/*` `redis://host` `name==1` `asgi.py` "
        "`core/html` `scripts/bench reports` `Content-Length` `playwright>=1.57,<1.65` `static/` "
        "`audit/*.py` `detector.flask`"
    )
    assert paths_in(text) == [
        *("asgi.py", "core/html", "scripts/bench", "static/", "audit/*.py"),
    ]
    assert not exists("core/html/no_such_file.py")


@pytest.mark.parametrize("file", [ARCHITECTURE, *DECISIONS], ids=lambda file: str(file.stem))
def test_every_path_exists(file: Path) -> None:
    """Every path in ARCHITECTURE.md or a decision exists."""
    assert [path for path in paths_in(file.read_text("utf-8")) if not exists(path)] == []


@pytest.mark.parametrize("file", [ARCHITECTURE, INDEX], ids=lambda file: str(file.stem))
def test_every_link_leads_somewhere(file: Path) -> None:
    """The target of every link of ARCHITECTURE.md and of the index exists."""
    links = _LINK.findall(file.read_text("utf-8"))
    assert links
    assert [link for link in links if not (file.parent / link).exists()] == []


def test_the_architecture_stays_short() -> None:
    """ARCHITECTURE.md has at most 150 lines, and mentions many files."""
    text = ARCHITECTURE.read_text("utf-8")
    assert len(text.splitlines()) <= 150
    assert len(set(paths_in(text))) > 80


def test_every_package_has_a_line_in_the_map() -> None:
    """The map of folders names every package of the detector, and every folder of the core."""
    text = ARCHITECTURE.read_text("utf-8")
    mapped = set(re.findall(r"^\| `detector/([\w/]+)/` \|", text, re.MULTILINE))
    package = ROOT / "detector"
    found = {
        str(file.parent.relative_to(package))
        for pattern in ("*/__init__.py", "core/*/__init__.py")
        for file in package.glob(pattern)
    }
    assert mapped == found


@pytest.mark.parametrize(
    ("what", "most"),
    [
        ("a mode of the notice", 4),
        ("a store", 3),
        ("a reason to refuse a report", 1),
        ("a blocker in tests", 1),
        ("a language of the notice", 1),
    ],
)
def test_one_thing_stands_in_few_places(what: str, most: int) -> None:
    """To add one more of what there are many of, few files are touched in every case."""
    text = ARCHITECTURE.read_text("utf-8")
    row = re.search(rf"^\| {what} \| (.+) \|$", text, re.MULTILINE)
    assert row, what
    always = re.sub(r" \([^()]*\)", "", row[1].partition(";")[0])
    assert 1 <= len(paths_in(always)) <= most


@pytest.mark.parametrize("file", DECISIONS, ids=lambda file: str(file.stem))
def test_a_decision_has_its_three_parts(file: Path) -> None:
    """A decision has its number and title, then context, decision and consequences, in 40 lines."""
    text = file.read_text("utf-8")
    assert text.startswith(f"# {int(file.name[:4])}. ")
    head, *parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    assert len(head.splitlines()) <= 2
    assert parts[::2] == PARTS
    assert all(len(part.split()) >= 8 for part in parts[1::2])
    assert 10 <= len(text.splitlines()) <= 40


def test_the_index_has_every_decision_once() -> None:
    """The index has one line for each decision, with the decision's own title."""
    lines = re.findall(r"^- \[(\d{4})\]\((\S+)\) (.+)$", INDEX.read_text("utf-8"), re.MULTILINE)
    titles = {
        (file.name[:4], file.name): file.read_text("utf-8").splitlines()[0].partition(". ")[2]
        for file in DECISIONS
    }
    assert {(number, name): title for number, name, title in lines} == titles
    assert len(lines) == len(DECISIONS) > 30


def test_numbers_are_given_once() -> None:
    """Decisions are numbered without duplicates or gaps."""
    assert [int(file.name[:4]) for file in DECISIONS] == list(range(1, len(DECISIONS) + 1))
