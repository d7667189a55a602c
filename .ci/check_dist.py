"""Refuse a wheel or an sdist that is not what is meant to ship: python .ci/check_dist.py dist.

- the metadata are valid by the packaging standards, and their version is that of CITATION.cff
- the wheel holds the files of src/firth, all of them and nothing else; the sdist what git knows of its folders
- every extra that docs/ names is there
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

from packaging.metadata import Metadata

ROOT = Path(__file__).parents[1]


def wanted() -> set[str]:
    """Return the project's files: those that git tracks, or, outside a checkout, those that lie there."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return {name for name in done.stdout.splitlines() if (ROOT / name).exists()}
    found = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file())
    return {name for name in found if "__pycache__" not in name and not name.startswith((".venv/", "dist/", "build/"))}


def check_wheel(path: Path) -> Metadata:
    """Compare a wheel's files with the source, and return its metadata."""
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        folder = next(name.split("/")[0] for name in names if ".dist-info/" in name)
        metadata = Metadata.from_email(wheel.read(f"{folder}/METADATA"), validate=True)
        entry_points = wheel.read(f"{folder}/entry_points.txt").decode()
    source = {name.removeprefix("src/") for name in wanted() if name.startswith("src/firth/")}
    shipped = {name for name in names if not name.startswith(f"{folder}/")}
    assert shipped == source, f"the wheel and src/firth differ: {sorted(shipped ^ source)[:5]}"
    assert "firth/py.typed" in shipped
    assert f"{folder}/licenses/LICENSE" in names
    assert "firth = firth.__main__:main" in entry_points
    return metadata


def check_sdist(path: Path) -> None:
    """Compare an sdist's files with what the project tells it to hold."""
    with tarfile.open(path) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    included = re.search(r"sdist\]\ninclude = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL)
    assert included is not None
    places = tuple(re.findall(r'"([^"]+)"', included[1]))
    source = {name for name in wanted() if name in places or name.startswith(tuple(f"{place}/" for place in places))}
    assert source, "nothing of the project was found"
    assert source <= names, f"the sdist lacks {sorted(source - names)[:5]}"
    added = names - source - {"PKG-INFO", "pyproject.toml", ".gitignore"}
    assert not added, f"the sdist holds what nobody asked for: {sorted(added)[:5]}"


def check_metadata(metadata: Metadata) -> None:
    """Compare the metadata with the project's other words about itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = dict(re.findall(r"^(\w+): (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE))
    assert cited["version"] == project["version"] == str(metadata.version)
    assert cited["license"] == project["license"] == metadata.license_expression
    assert metadata.summary == project["description"]
    assert str(metadata.requires_python) == project["requires-python"]
    assert metadata.description_content_type == "text/markdown"
    assert metadata.description == (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(metadata.provides_extra) == set(project["optional-dependencies"])
    named = set(re.findall(r"firth\[(\w+)\]", "".join(page.read_text() for page in (ROOT / "docs").glob("*.md"))))
    assert named <= set(metadata.provides_extra), (
        f"docs/ names extras that are not: {named - set(metadata.provides_extra)}"
    )


def main() -> None:
    dist = Path(sys.argv[1])
    (wheel,) = dist.glob("*.whl")
    (sdist,) = dist.glob("*.tar.gz")
    metadata = check_wheel(wheel)
    check_metadata(metadata)
    check_sdist(sdist)
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB; {sdist.name}: {sdist.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
