"""What ships: what the project says of itself, and that `import firth` costs nothing that is not used.

The built files are looked at by .ci/check_dist.py.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IMPORT = """
import json, sys, time
before = set(sys.modules)
start = time.process_time()
import firth
seconds = time.process_time() - start
print(json.dumps([seconds, sorted({name.split(".")[0] for name in set(sys.modules) - before})]))
"""
MOST_SECONDS = 0.3


def imported() -> tuple[float, set[str]]:
    """Return the processor's seconds that a first `import firth` takes, and what it loads."""
    done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True, timeout=120)
    seconds, loaded = json.loads(done.stdout)
    return seconds, set(loaded)


def test_importing_takes_less_than_a_third_of_a_second() -> None:
    # Processor time, the least of some: what else the machine does counts as little as it can.
    assert min(imported()[0] for _ in range(3)) < MOST_SECONDS


def test_importing_loads_nothing_but_the_standard_library() -> None:
    _, loaded = imported()
    assert loaded - set(sys.stdlib_module_names) == {"firth"}


def test_the_version_is_the_same_everywhere() -> None:
    assert version("firth") == PROJECT["version"]
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", cited, re.MULTILINE) == [PROJECT["version"]]


def test_the_citation_has_what_the_format_asks_for() -> None:
    fields = dict(re.findall(r"^([\w-]+):[ ]*(.*)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE))
    assert fields.keys() >= {"cff-version", "message", "title", "authors"}  # the required ones of version 1.2.0
    assert fields["cff-version"] == "1.2.0"
    assert fields["type"] == "software"
    assert fields["license"] == PROJECT["license"]


def test_python_versions_are_declared_alike() -> None:
    least = re.fullmatch(r">=3\.(\d+)", PROJECT["requires-python"])
    assert least is not None
    declared = [int(minor) for minor in re.findall(r"Python :: 3\.(\d+)", "\n".join(PROJECT["classifiers"]))]
    assert declared == list(range(int(least[1]), int(least[1]) + len(declared)))
    assert sys.version_info >= (3, int(least[1]))


@pytest.mark.parametrize("name", sorted(PROJECT["optional-dependencies"]))
def test_an_extra_that_names_others_names_ones_that_are(name: str) -> None:
    for wanted in PROJECT["optional-dependencies"][name]:
        if found := re.fullmatch(r"firth\[([\w,]+)\]", wanted):
            assert set(found[1].split(",")) <= set(PROJECT["optional-dependencies"])
