"""The shape of the code: imports point up the road, nothing is a grab-bag, the README's map is the tree."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "firth"

ROAD = [
    "errors", "storage", "events", "text_columns", "downloads", "kernels", "corpus", "contexts", "objectives",
    "training", "distributed", "vectors", "sentences", "sklearn", "evaluation", "progress", "machine", "demands",
    "fitting", "learning", "pace", "table_growth", "run", "loss_curve", "checkpoints", "begun_bootstrap", "run_folder",
    "same_training", "model_record", "first_rows", "start", "bootstrap", "configuration", "sampled_text", "plan_report",
    "plan_estimate", "planning", "text_to_vectors", "resuming", "comparison_report", "comparison", "plots",
    "demonstration", "explorer", "cli", "firth", "__main__",
]  # fmt: skip
"""A unit imports from units before it in this list, never from those after it. `firth` is the package's own face."""

KERNELS_MAY_IMPORT = {"errors", "storage", "kernels"}
STRANGERS = [("training", "vectors"), ("vectors", "training")]
"""Pairs (who, whom) that the order alone would let pass."""

OPTIONAL = {
    "datasets": {"corpus"},
    "faiss": {"vectors"},
    "fsspec": {"corpus"},
    "gensim": {"vectors"},
    "huggingface_hub": {"vectors"},
    "matplotlib": {"plots"},
    "mpl_toolkits": {"plots"},
    "pacmap": {"plots"},
    "pandas": {"vectors"},
    "pooch": {"downloads"},
    "pyarrow": {"corpus", "vectors"},
    "ray": {"distributed"},
    "requests": {"downloads"},
    "sklearn": {"objectives", "plots", "sklearn", "vectors"},
    "spacy": {"vectors"},
    "stop_words": {"corpus"},
    "tokenizers": {"corpus", "vectors"},
    "torch": {"vectors"},
    "transformers": {"vectors"},
    "umap": {"explorer", "plots"},
}
"""Libraries that an extra brings, and the only units that may import them; inside functions, so lazily."""

DOORS = {"firth.sklearn"}
"""Modules that stand in another library's class tree, hence import it at once; no other module imports them."""

AT_HOME = {
    "numba": {"kernels"},
    "llvmlite": {"kernels"},
    "safetensors": {"vectors"},
    "click": {"cli"},
    "rich": {"progress", "cli", "demonstration"},
    "starlette": {"explorer"},
    "uvicorn": {"explorer"},
}
"""Libraries of the core, and the units that may import them."""

GRAB_BAGS = {"base", "common", "core", "helper", "helpers", "lib", "main", "misc", "shared", "tools", "util", "utils"}


class Import(NamedTuple):
    """One import statement: what, whether at a module's top level, whether for types alone."""

    name: str
    top: bool
    types_only: bool


def modules() -> dict[str, Path]:
    """Return every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(path: Path) -> list[Import]:
    """Return all imports of a file, those in functions and TYPE_CHECKING blocks too."""
    found: list[Import] = []

    def visit(node: ast.AST, top: bool, types_only: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, top, types_only) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.append(Import(whole if whole in MODULES else str(node.module), top, types_only))
        inner_top = top and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.body:
                visit(child, inner_top, True)
            for child in node.orelse:
                visit(child, inner_top, types_only)
            return
        for child in ast.iter_child_nodes(node):
            visit(child, inner_top, types_only)

    visit(ast.parse(path.read_text(encoding="utf-8")), True, False)
    return found


IMPORTS = {name: imports(path) for name, path in MODULES.items()}


def unit(module: str) -> str:
    """Return the stop on the road to which a module belongs."""
    return module.split(".")[1] if "." in module else "firth"


def own(module: str) -> list[Import]:
    return [found for found in IMPORTS[module] if found.name.split(".")[0] == "firth"]


def test_every_unit_stands_on_the_road() -> None:
    assert {unit(module) for module in MODULES} <= set(ROAD)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_up_the_road(module: str) -> None:
    here = unit(module)
    for found in own(module):
        there = unit(found.name)
        assert ROAD.index(there) <= ROAD.index(here), f"{module} imports {found.name}, which comes after it"
        assert (here, there) not in STRANGERS, f"{here} and {there} do not know each other"
        if here == "kernels":
            assert there in KERNELS_MAY_IMPORT, f"{module} imports {found.name}"


def test_no_module_imports_itself_around_a_corner() -> None:
    graph = {
        module: {found.name for found in own(module) if not found.types_only and found.name != module}
        for module in MODULES
    }
    list(TopologicalSorter(graph).static_order())  # raises CycleError


def test_no_grab_bags() -> None:
    assert {module for module in MODULES if module.rsplit(".", 1)[-1] in GRAB_BAGS} == set()


@pytest.mark.parametrize("module", MODULES)
def test_libraries_stay_in_their_own_folders(module: str) -> None:
    for found in IMPORTS[module]:
        library = found.name.split(".")[0]
        if found.types_only:
            continue
        if library in OPTIONAL:
            assert unit(module) in OPTIONAL[library], f"{module} imports {library}"
            assert not found.top or module in DOORS, f"{module} imports {library} before anybody asked for it"
        assert found.name not in DOORS, f"{module} imports {found.name}"
        if library in AT_HOME:
            assert unit(module) in AT_HOME[library], f"{module} imports {library}"


def test_every_library_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    declared = {re.split(r"[^\w.-]", name)[0].lower().replace("-", "_").split(".")[0] for name in wanted}
    # llvmlite is Numba's own compiler and pinned by it; `compression` is the standard library's from 3.14 on;
    # pandas, gensim and spaCy are used only where the caller has them already; scikit-learn is imported as sklearn,
    # faiss-cpu as faiss, umap-learn as umap; mpl_toolkits comes with matplotlib.
    called = {"scikit_learn": "sklearn", "faiss_cpu": "faiss", "umap_learn": "umap"}
    declared = {called.get(name, name) for name in declared} | {"mpl_toolkits"}
    callers = {"pandas", "gensim", "spacy"}
    known = declared | callers | set(sys.stdlib_module_names) | {"firth", "llvmlite", "compression"}
    assert {found.name.split(".")[0] for module in MODULES for found in IMPORTS[module]} - known == set()


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_there(module: str) -> None:
    if module == "firth.__main__":
        return
    loaded = importlib.import_module(module)
    for name in getattr(loaded, "__all__", []):
        assert hasattr(loaded, name), f"{module}.__all__ names {name}"


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (
            ["-c", "import firth, sys; print(*sys.modules)"],
            ["numba", "rich", "click", "pyarrow", "scipy", "sklearn", "starlette", "uvicorn"],
        ),
        (["-X", "importtime", "-m", "firth", "--help"], ["numba", "rich", "pyarrow", "numpy", "scipy"]),
        (["-X", "importtime", "-m", "firth", "train", "--help"], ["numba", "rich", "pyarrow", "numpy", "scipy"]),
    ],
)
def test_what_is_slow_is_imported_late(arguments: list[str], absent: list[str]) -> None:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(re.findall(r"[\w.]+", done.stdout if "-c" in arguments else done.stderr))
    assert "firth" in loaded
    assert loaded & set(absent) == set()


def readme_map() -> dict[str, str]:
    """Return the README's map of the source: path → caption."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("```text\nsrc/firth/\n", 1)[1].split("```", 1)[0]
    found: dict[str, str] = {}
    folders: list[str] = []
    for line in block.splitlines():
        if not line.strip():
            continue
        depth = (len(line) - len(line.lstrip(" "))) // 2 - 1
        name, _, caption = line.strip().partition("  ")
        folders = [*folders[:depth], name] if name.endswith("/") else folders[:depth]
        path = "".join(folders if name.endswith("/") else [*folders, name])
        assert path not in found, f"{path} stands twice in the README's map"
        found[path] = caption.strip()
    return found


def test_the_readme_s_map_is_the_tree() -> None:
    files = {path.relative_to(PACKAGE).as_posix() for path in MODULES.values()}
    # A folder's __init__.py is told by the folder's own line, unless it holds something.
    empty = {name for name in files if name.endswith("__init__.py") and "def " not in (PACKAGE / name).read_text()}
    folders = {f"{folder.as_posix()}/" for name in files for folder in Path(name).parents if folder.name}
    shown = readme_map()
    assert set(shown) - {"py.typed"} == (files - empty) | folders
    assert [path for path, caption in shown.items() if not caption] == []


def test_the_readme_s_map_follows_the_road() -> None:
    stops = dict.fromkeys(path.split("/")[0].removesuffix(".py").replace("__init__", "firth") for path in readme_map())
    # text_to_vectors.py comes first: it is where a reader starts.
    assert list(stops) == ["text_to_vectors", *(stop for stop in ROAD if stop != "text_to_vectors")]
