"""Tests the mutants of some files in one session of pytest, for scripts/mutants.py.

It is started in a copy of the project, by the Python of mutmut's environment. mutmut writes the
mutants; the tests are collected once, and each mutant is a fork that runs those that reach it.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any, NamedTuple

sys.path[0] = os.getcwd()  # the copy's detector and tests

import pytest  # noqa: E402
from mutmut.mutation.file_mutation import mutate_file_contents  # noqa: E402
from mutmut.mutation.trampoline import set_mutant_under_test  # noqa: E402
from mutmut.state import state  # noqa: E402

from scripts.mutants import chosen  # noqa: E402

# Looks at a running fork, so that one that waits for ever ends. Looks at which it sleeps are
# counted, not seconds: a busy machine, or a pause of the whole run, is not the mutant's fault.
LOOK = 0.02
LOOKS = 3000
SIGNS = ("---", "+++")


class Made(NamedTuple):
    """A mutant in the copy: its name, its function, and what it changes."""

    name: str
    function: str
    file: str
    was: str
    becomes: str


class Test(NamedTuple):
    """A test that passes without a mutant: its item, its processor seconds, what it reaches."""

    item: pytest.Item
    seconds: float
    reaches: frozenset[str]


def write_mutants(file: str) -> Iterator[Made]:
    """Replace a file of the copy by one with all its mutants, and yield them."""
    path = Path(file)
    mutated = mutate_file_contents(file, path.read_text("utf-8"))
    path.write_text(mutated.code, "utf-8")
    lines, spans = mutated.code.splitlines(), mutated.line_span_by_function_name
    module = file.removesuffix(".py").replace("/", ".")
    for name in mutated.mutant_names:
        function = name.rpartition("__mutmut_")[0]
        plain = function.removeprefix("x_").rpartition("ǁ")[2]
        before, after = (
            [line.replace(one, plain) for line in lines[spans[one].start - 1 : spans[one].end]]
            for one in (f"{function}__mutmut_orig", name)
        )
        changed = [line for line in unified_diff(before, after, n=0) if line[:3] not in SIGNS]
        was, becomes = (
            " ".join(line[1:].strip() for line in changed if line[0] == sign) for sign in "-+"
        )
        yield Made(f"{module}.{name}", f"{module}.{function}", file, was, becomes)


class Session:
    """A plugin of pytest that runs the collected tests once, and then again for each mutant."""

    def __init__(self, mutants: list[Made], given: dict[str, Any]) -> None:
        self._mutants, self._given = mutants, given
        self._failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure."""
        self._failed |= report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run everything, and write the results."""
        if session.testsfailed:
            raise session.Interrupted("tests could not be collected")
        session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        by_id = {item.nodeid: item for item in session.items}
        tests = [Test(by_id[name], *rest) for name, *rest in self._in_fork(self._clean, session)]
        failed = sorted(set(by_id) - {test.item.nodeid for test in tests})
        seconds = sum(test.seconds for test in tests)
        print(f"mutants: {len(self._mutants)}, tests: {len(tests)} ({seconds:.0f} s)", flush=True)
        for name in failed:
            print(f"mutants: fails without a mutant, and is left out: {name}", flush=True)
        gc.collect()
        gc.freeze()  # so that no fork copies the pages that its collector would visit
        with Path("mutants.jsonl").open("w", encoding="utf-8") as out:
            for made, status in self._statuses(tests):
                row = [made.file, made.was, made.becomes, status]
                out.write(json.dumps(row) + "\n")
                out.flush()
        return True

    def _run(self, items: list[pytest.Item]) -> Iterator[bool]:
        for at, item in enumerate(items):
            self._failed = False
            following = items[at + 1] if at + 1 < len(items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            yield not self._failed

    def _clean(self, session: pytest.Session) -> list[tuple[str, float, frozenset[str]]]:
        set_mutant_under_test("stats")
        passed, start = [], time.process_time()
        for item, well in zip(session.items, self._run(session.items), strict=True):
            if well:
                took = time.process_time() - start
                passed.append((item.nodeid, took, frozenset(state()._stats)))
            state()._stats.clear()
            start = time.process_time()
        return passed

    def _in_fork(self, work: Callable[..., Any], *args: Any) -> Any:
        read, write = os.pipe()
        if not (pid := os.fork()):
            quiet()
            with os.fdopen(write, "wb") as out:
                pickle.dump(work(*args), out)
            os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as told:
            result = pickle.load(told)
        os.waitpid(pid, 0)
        return result

    def _statuses(self, tests: list[Test]) -> Iterator[tuple[Made, str]]:
        running: dict[int, tuple[Made, int]] = {}
        waiting = list(reversed(self._mutants))
        while waiting or running:
            while waiting and len(running) < self._given["jobs"]:
                made = waiting.pop()
                if ids := self._of(made, tests):
                    running[self._fork(made, ids)] = made, LOOKS
                else:
                    yield made, "no tests"
            time.sleep(LOOK)
            for pid, (made, looks) in list(running.items()):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    del running[pid]
                    yield made, "survived" if status == 0 else "killed"
                elif looks:
                    running[pid] = made, looks - sleeps(pid)
                else:
                    os.kill(pid, signal.SIGKILL)

    def _of(self, made: Made, tests: Iterable[Test]) -> list[Test]:
        reach = {test.item.nodeid: test for test in tests if made.function in test.reaches}
        seconds = {name: test.seconds for name, test in reach.items()}
        return [reach[name] for name in chosen(seconds, self._given["files"][made.file])]

    def _fork(self, made: Made, tests: list[Test]) -> int:
        if pid := os.fork():
            return pid
        quiet()
        limit = int(5 + 3 * sum(test.seconds for test in tests))
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        set_mutant_under_test(made.name)
        try:
            well = all(self._run([test.item for test in tests]))
        except BaseException:
            well = False
        os._exit(0 if well else 1)


def sleeps(pid: int) -> bool:
    """Whether a process waits for something other than a processor; True where nobody says."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "R"
    except OSError:
        return True


def quiet() -> None:
    """Throw away what this process prints."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


def main() -> int:
    """Read mutants.json, with the files and tests; write mutants.jsonl, with the results."""
    given = json.loads(Path("mutants.json").read_text("utf-8"))
    mutants = [made for file in given["files"] for made in write_mutants(file)]
    set_mutant_under_test("")
    options = [
        "-q",
        "-s",
        "--tb=native",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--hypothesis-seed=0",
    ]
    # The signal of a time limit would count a pause, and the folders of thousands of runs add up.
    options += ["-o", "timeout=0", "-o", "tmp_path_retention_policy=none"]
    return int(pytest.main([*options, *given["tests"]], plugins=[Session(mutants, given)]))


if __name__ == "__main__":
    sys.exit(main())
