"""What it takes to install Firth, alone and with each extra, and to import it.

    python bench/install.py                          bare, and the extras `all` and `test`: some minutes
    python bench/install.py --extras arrow plots     others
    python bench/install.py --wheel dist/firth-0.1.0-py3-none-any.whl

Each is installed into an environment of its own, with pip, from the package registry; what is fetched may come from
pip's cache, so that seconds are of unpacking where one of them was installed before. Import is the median of processes.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
import venv
from pathlib import Path

HERE = Path(__file__).parent
COMMANDS = {
    "import firth": ["-c", "import firth"],
    "firth.load": ["-c", "import firth; firth.load"],
    "firth --help": ["-m", "firth", "--help"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, default=HERE.parent, help="a wheel, or a checkout")
    parser.add_argument("--extras", nargs="*", default=["all", "test"])
    parser.add_argument("--times", type=int, default=11, help="processes for each import")
    options = parser.parse_args()

    print("| | seconds to install | MB |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        interpreters = []
        for extra in ["", *options.extras]:
            python, seconds, megabytes = installed(Path(folder) / (extra or "bare"), options.wheel.resolve(), extra)
            print(f"| `firth{f'[{extra}]' if extra else ''}` | {seconds:.0f} | {megabytes:,.0f} |", flush=True)
            interpreters.append(str(python))
        print("\n| | milliseconds | a bare interpreter |\n| --- | --- | --- |")
        bare = interpreters[0]
        nothing = milliseconds([bare, "-c", ""], options.times)
        for name, arguments in COMMANDS.items():
            command = [bare, *arguments]
            print(f"| `{name}` | {milliseconds(command, options.times):.0f} | {nothing:.0f} |")


def installed(folder: Path, package: Path, extra: str) -> tuple[Path, float, float]:
    """Install the package into an environment of its own; return its interpreter, seconds, megabytes on the disk."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    before, begun = size(folder), time.perf_counter()
    wanted = f"{package}[{extra}]" if extra else str(package)
    subprocess.run([python, "-m", "pip", "install", "--quiet", wanted], check=True, stderr=subprocess.DEVNULL)
    return python, time.perf_counter() - begun, (size(folder) - before) / 1e6


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def milliseconds(command: list[str], times: int) -> float:
    """Return the median of a process's wall time, the first left out, which compiles the modules."""
    taken = []
    for _ in range(times + 1):
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(taken[1:])


if __name__ == "__main__":
    main()
