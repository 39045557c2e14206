"""Every code block of README and docs/ is accepted by what would read it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from configparser import RawConfigParser
from pathlib import Path

import html5lib
import pytest
import yaml  # type: ignore[import-untyped]
from django.template import Engine

from detector.cli.main import make_parser
from detector.core.config.loading import gather
from detector.serve.sites import read
from detector.testing.machine import missing
from tests.docs.blocks import OUTPUT, Block, blocks, every, of_text
from tests.support.compiler import EVENT_TYPES, compiled
from tests.support.root import ROOT

SERVERS = {"nginx", "caddy", "apache", "ini"}
CHECKED = {"python", "toml", "sh", "js", "ts", "html", "yaml", "django", "sql"} | SERVERS
MOST_UNCHECKED = 3
FOLDER = "from detector.core.assets import folder; print(folder())"
NGINX = "pid {0}/pid; error_log stderr; events {{}} http {{ access_log off; server {{ {1} }} }}"
EXTRAS = set(
    tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
)


def each(*languages: str) -> pytest.MarkDecorator:
    """Parametrize a test by the blocks of some languages."""
    return pytest.mark.parametrize("block", blocks(*languages), ids=str)


def test_every_block_says_what_it_is() -> None:
    """No block is without a language, and each language is one that a test here checks."""
    assert [str(one) for one in every() if one.language not in CHECKED | {OUTPUT}] == []


def test_few_blocks_are_unchecked() -> None:
    """A block that is not checked says why; there are few."""
    unchecked = [one for one in every() if one.unchecked]
    assert len(unchecked) <= MOST_UNCHECKED
    assert all(len(one.unchecked) > 10 for one in unchecked)


def test_no_code_hides_in_output() -> None:
    """A block of output holds no command and no import that a reader would copy."""
    for block in every():
        if block.language == OUTPUT:
            assert not re.search(r"^(\$ |pip |detector \w+ -|from \w+ import)", block.text, re.M)


def test_blocks_are_found() -> None:
    """A block is found with its language, its line and the comment before it."""
    text = (
        "a\n<!-- context: flask, wsgi -->\n```python\nx\n```\n```{note}\nno\n```\n```sh\ny\n```\n"
    )
    found = list(of_text(text, ROOT / "README.md"))
    assert [(one.line, one.language, one.text, one.context) for one in found] == [
        (3, "python", "x\n", ("flask", "wsgi")),
        (9, "sh", "y\n", ()),
    ]


@each("toml")
def test_toml_is_accepted(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of options is read as a site reads it, one of sites as `detector serve` does."""
    for name in [name for name in os.environ if name.startswith("DETECTOR_")]:
        monkeypatch.delenv(name)
    file = tmp_path / "detector.toml"
    file.write_text(block.text, "utf-8")
    if "sites" in tomllib.loads(block.text):
        assert read(file)
    else:
        given = gather({"config": str(file)}, fallback={"secret": "a secret for the examples"})
        assert any(str(file) in source for source in given.sources.values())


@each("sh")
def test_commands_are_parsed(block: Block) -> None:
    """Each line is a command that exists, with arguments that it takes."""
    for line in block.text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            check_command(words)


@each("ini")
def test_units_start_a_command(block: Block) -> None:
    """A unit of systemd is read, and starts a command that exists."""
    unit = RawConfigParser()
    unit.read_string(block.text)
    program, *arguments = shlex.split(unit["Service"]["ExecStart"])
    assert program.startswith("/")
    check_command([Path(program).name, *arguments])


def check_command(words: list[str]) -> None:
    """Fail where a command or one of its arguments does not exist."""
    program, arguments = words[0].removeprefix(".venv/bin/"), words[1:]
    if program == "detector":
        try:
            make_parser().parse_args(arguments)
        except SystemExit as error:
            assert error.code == 0, words
    elif program == "pip":
        assert arguments[0] == "install"
        name, extra = re.fullmatch(r"([\w-]+)(?:\[(\w+)\])?", arguments[1]).groups()  # type: ignore[union-attr]
        assert name == "adblock-detector"
        assert extra is None or extra in EXTRAS, words
    elif program.startswith(("scripts/", "examples/")):
        assert (ROOT / program).is_file(), words
    else:
        assert words in (
            ["python3", "-m", "venv", ".venv"],
            [".venv/bin/flask", "--app", "app", "run", "--port", "5000"],
            ["cp", f"$(python -c '{FOLDER}')/{EVENT_TYPES.name}", "src/"],
        ), f"{words}: no test knows this command"


@each("text", "yaml")
def test_commands_within_other_text_are_parsed(block: Block) -> None:
    """A command in a line of cron or of a workflow is one that exists, with its arguments."""
    for line in re.findall(r"(?:/bin/|run: |^)(detector [a-z].*|pip install .*)", block.text, re.M):
        check_command(shlex.split(line.partition(">")[0]))


@pytest.mark.parametrize(
    "line",
    ["detector stats --bd x", "pip install adblock-detector[qaa]", "scripts/none", "rm -r ."],
)
def test_wrong_commands_are_found(line: str) -> None:
    """A misspelt option, extra or script fails the check, and so does a command of others."""
    with pytest.raises(AssertionError):
        check_command(shlex.split(line))


@each("js")
def test_scripts_parse(block: Block, tmp_path: Path) -> None:
    """Node accepts each script."""
    file = tmp_path / "block.js"
    file.write_text(block.text, "utf-8")
    done = subprocess.run(["node", "--check", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@each("ts")
def test_types_compile(block: Block, tmp_path: Path) -> None:
    """The compiler accepts each piece of TypeScript beside the types of our events."""
    file = tmp_path / "block.ts"
    file.write_text(block.text, "utf-8")
    assert compiled(file) == []


@each("html")
def test_markup_parses(block: Block) -> None:
    """Each piece of HTML is read without an error."""
    parser = html5lib.HTMLParser()
    parser.parseFragment(block.text, container="body")
    assert parser.errors == []


@each("yaml")
def test_yaml_is_read(block: Block) -> None:
    """Each workflow has jobs, or is at least YAML."""
    assert isinstance(yaml.safe_load(block.text), dict)


@each("nginx")
def test_nginx_takes_it(block: Block, tmp_path: Path) -> None:
    """nginx accepts the lines in a server of a site."""
    if shutil.which("nginx") is None:
        missing("nginx is missing: apt-get install nginx")
    file = tmp_path / "nginx.conf"
    file.write_text(NGINX.format(tmp_path, block.text), "utf-8")
    done = subprocess.run(
        ["nginx", "-t", "-q", "-p", tmp_path, "-c", file], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@each("caddy")
def test_caddy_takes_it(block: Block, tmp_path: Path) -> None:
    """Caddy accepts the lines in a site, and a block without a name as its global options."""
    if shutil.which("caddy") is None:
        missing("Caddy is missing: apt-get install caddy")
    file = tmp_path / "Caddyfile"
    text = block.text if block.text.startswith("{") else f":8080 {{\n{block.text}}}\n"
    file.write_text(text, "utf-8")
    done = subprocess.run(["caddy", "adapt", "--config", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@each("apache")
def test_apache_lines_are_run_elsewhere(block: Block) -> None:
    """Lines for ModSecurity are those of the page that a test runs before a real one."""
    assert block.page == ROOT / "docs/how-to/firewalls.md"


@each("sql")
def test_queries_are_run_elsewhere(block: Block) -> None:
    """Queries are those of the page that tests run in the engines of warehouses."""
    assert block.page == ROOT / "docs/how-to/warehouse.md"


@each("django")
def test_django_templates_name_our_tag(block: Block) -> None:
    """Django compiles the template: the library and its tag exist."""
    engine = Engine(libraries={"detector": "detector.django.templatetags.detector"})
    assert "{% load detector %}" in block.text
    assert len(engine.from_string(block.text).nodelist) > 1
