"""Docstrings begin with the words that engineers expect."""

import ast
from collections.abc import Iterator

from tests.support.root import ROOT

FOLDERS = ("detector", "tests", "e2e", "bench", "scripts")
# Vague verbs: Return, Raise, Send, Allow and others say what the code does.
REFUSED = {"Give", "Say", "Take", "Tell", "Let", "Have"}


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yield each docstring with the line of its module, class or function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), text


def offenders(source: str) -> list[tuple[int, str]]:
    """Return the line and the first word of each docstring that begins with a refused word."""
    words = [(line, text.split()[0].strip(":;,.")) for line, text in docstrings(source)]
    return [(line, word) for line, word in words if word in REFUSED]


def test_first_words() -> None:
    """No docstring begins with Give, Say, Take, Tell, Let or Have."""
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    assert len(files) > 400
    found = [
        f"{file.relative_to(ROOT)}:{line}: {word}"
        for file in files
        for line, word in offenders(file.read_text("utf-8"))
    ]
    assert not found, "use Return, Send, Allow or another exact verb:\n" + "\n".join(found)


def test_offenders_are_found() -> None:
    """Docstrings of modules, classes, functions and methods are checked, other strings are not."""
    source = '''"""Tell: a module."""
class A:
    """Lets are allowed."""
    def b(self):
        """Give a thing."""
    async def c(self):
        """Return what others say."""
        return """Say no."""
'''
    assert offenders(source) == [(1, "Tell"), (4, "Give")]
