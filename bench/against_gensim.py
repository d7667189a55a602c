"""Firth beside gensim on 100 MB of Wikipedia: speed (one epoch, in turns) and quality (five epochs, three seeds).

    python bench/against_gensim.py                 # all of it: about an hour on two cores
    python bench/against_gensim.py --speed         # a quarter of an hour

The README's table: more of these two than `bench/run.py`, which has all peers and whose environments and scripts are
used here. Run with an interpreter that has Firth installed. Makes the text in build/bench/, keeps each quality run's
vectors there (a run that is there is not done again), and writes bench/RESULTS.md from the latest tables of both. The
corpus and the evaluation sets come from ../shared/data; see bench/README.md for other places.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from run import HERE, PEERS, WORK, environments, score
from run import machine as measured_on

import firth

(GENSIM,) = PEERS["gensim"][0]

NEG, HS, NCE = "negative-sampling", "hierarchical-softmax", "nce"
# What is timed, and the ratio to gensim that is the goal.
SPEED = [
    ("skip-gram", NEG, 100, 1, 10.0),
    ("cbow", NEG, 100, 1, 6.5),
    ("skip-gram", HS, 100, 1, 3.5),
    ("cbow", HS, 100, 1, 3.0),
    ("skip-gram", NEG, 300, 1, 8.0),
]
CELLS = [(architecture, loss) for architecture in ("skip-gram", "cbow") for loss in (NEG, HS)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", action="store_true", help="only the speed")
    parser.add_argument("--quality", action="store_true", help="only the quality")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--rounds", type=int, default=3, help="of the speed table; medians are shown")
    parser.add_argument("--seeds", type=int, default=3, help="of the quality table")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"expected the corpus and the evaluation sets in {options.data}; say where they are with --data")
    both = options.speed == options.quality

    text = prepare(options.data)
    if both or options.speed:
        (WORK / "speed.md").write_text(speed_table(text, options.rounds), encoding="utf-8")
    if both or options.quality:
        (WORK / "quality.md").write_text(quality_table(text, options.data / "eval", options.seeds), encoding="utf-8")
    tables = [
        path.read_text(encoding="utf-8") for name in ("speed", "quality") if (path := WORK / f"{name}.md").exists()
    ]
    target = HERE / "RESULTS.md"
    target.write_text("\n\n".join([machine(), *tables]) + "\n", encoding="utf-8")
    print(f"\n{target}:\n\n{target.read_text(encoding='utf-8')}")


def prepare(data: Path) -> Path:
    """Make the text, and Firth's compiled kernels."""
    WORK.mkdir(parents=True, exist_ok=True)
    text = WORK / "wiki100.txt"
    if not text.exists():
        subprocess.run([sys.executable, data / "make_wiki100.py", text], check=True)
    with tempfile.TemporaryDirectory() as folder:
        firth.train(["a b c d"] * 10, firth.SkipGram(dim=4), min_count=1, epochs=1, cache=folder)
    return text


def machine() -> str:
    """Say what the figures were measured on."""
    on = measured_on()
    return (
        "# Firth beside gensim\n\nWritten by `python bench/against_gensim.py`. "
        f"{on['processor']}, {on['cores']} cores, Python {platform.python_version()}, NumPy {version('numpy')}, "
        f"Numba {version('numba')}, {GENSIM.replace('==', ' ')} (`corpus_file` mode).\n"
        "100 MB of English Wikipedia, a–z, 16.7 million words; window 5, 5 negatives, subsampling 1e-3, min_count 5."
    )


def train(peer: str, text: Path, *, architecture: str, loss: str, **settings: object) -> dict[str, float]:
    """Train one of the two in a process of its own."""
    ready, absent = environments([peer])
    if peer in absent:
        sys.exit(f"{peer} {absent[peer]}")
    arguments = [str(part) for name, value in settings.items() for part in (f"--{name}", value)]
    script = HERE / "peers" / f"{peer}_peer.py"
    done = subprocess.run(
        [ready[peer], script, text, "--task", f"{architecture}/{loss}", *arguments],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def median_and_range(values: list[float], form: str) -> str:
    return f"{statistics.median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def speed_table(text: Path, rounds: int) -> str:
    """Time every cell in turns, gensim and Firth one after the other, so that both meet the same machine."""
    rows: dict[str, list[tuple[dict[str, float], dict[str, float]]]] = {}
    extra: dict[str, list[float]] = {"two": [], "nce": []}
    for turn in range(rounds):
        for architecture, loss, dim, threads, _ in SPEED:
            settings = {"architecture": architecture, "loss": loss, "dim": dim, "threads": threads}
            with tempfile.TemporaryDirectory() as folder:
                theirs = train("gensim", text, **settings, out=f"{folder}/g.bin")
                ours = train("firth", text, **settings, out=f"{folder}/f.bin")
            rows.setdefault(f"{architecture}, {loss}, dim {dim}", []).append((theirs, ours))
            print(turn + 1, architecture, loss, dim, round(theirs["words_per_second"]), round(ours["words_per_second"]))
        kept = {"architecture": "skip-gram", "cache": WORK / "cache"}
        one = train("firth", text, loss=NEG, **kept)["words_per_second"]
        extra["two"].append(train("firth", text, loss=NEG, threads=2, **kept)["words_per_second"] / one)
        extra["nce"].append(train("firth", text, loss=NCE, **kept)["words_per_second"] / one)
        print(turn + 1, {name: round(values[-1], 3) for name, values in extra.items()})
    heading = (
        "## Speed\n\nOne thread, one epoch, thousand words of the text per second in the training phase; median "
        f"(least–greatest) of {rounds} rounds, ratios within a round. The whole time is from text file to saved "
        "vectors.\n"
    )
    lines = [
        heading,
        "| | gensim | Firth | ratio | goal | whole time: gensim | Firth | ratio |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (name, pairs), (*_, wanted) in zip(rows.items(), SPEED, strict=True):
        rates = [[side["words_per_second"] / 1e3 for side in pair] for pair in pairs]
        whole = [[side["total_seconds"] for side in pair] for pair in pairs]
        whole_ratio = median_and_range([w[0] / w[1] for w in whole], ".1f")
        lines.append(
            f"| {name} | {median_and_range([r[0] for r in rates], ',.0f')} | "
            f"{median_and_range([r[1] for r in rates], ',.0f')} | "
            f"**{median_and_range([r[1] / r[0] for r in rates], '.1f')}** | {wanted} | "
            f"{statistics.median(w[0] for w in whole):.1f} s | {statistics.median(w[1] for w in whole):.1f} s | "
            f"{whole_ratio} |"
        )
    lines.append(
        f"\nTwo threads over one (skip-gram, negative sampling): {median_and_range(extra['two'], '.2f')}. "
        f"NCE over negative sampling: {median_and_range(extra['nce'], '.2f')}."
    )
    return "\n".join(lines)


def quality_table(text: Path, sets: Path, seeds: int) -> str:
    """Train every cell for five epochs with each seed; score both on the same questions and pairs."""
    heading = (
        f"## Quality\n\nFive epochs, dim 100, means of {seeds} seeds (one thread unless said otherwise): Google's "
        "analogies (3CosAdd, the 30,000 most frequent words, query words excluded), Spearman's correlation on "
        "WordSim-353 and SimLex-999. Each at its own default rates; gensim's CBOW also at word2vec.c's 0.05.\n"
    )
    lines = [
        heading,
        "| | analogies | WordSim-353 | SimLex-999 |",
        "| --- | --- | --- | --- |",
    ]
    jobs: list[tuple[str, str, str, dict[str, object]]] = [
        (architecture, loss, peer, {}) for architecture, loss in CELLS for peer in ("gensim", "firth")
    ]
    jobs += [("cbow", NEG, "gensim", {"rate": 0.05})]
    jobs += [(architecture, NCE, "firth", {}) for architecture in ("skip-gram", "cbow")]
    jobs += [("skip-gram", NEG, "firth", {"threads": 2})]
    for architecture, loss, peer, settings in jobs:
        scores, said = [], "".join(f", {name} {value}" for name, value in settings.items())
        for seed in range(1, seeds + 1):
            name = f"{peer}-{architecture}-{loss}{said.replace(', ', '-').replace(' ', '-')}-{seed}.bin"
            if not (WORK / name).exists():
                part = WORK / f"{name}.part"
                train(peer, text, architecture=architecture, loss=loss, epochs=5, seed=seed, out=part, **settings)
                part.rename(WORK / name)
            known = score(WORK / name, sets)
            scores.append([known[kind] or 0.0 for kind in ("analogies", "wordsim", "simlex")])
            print(name, *(round(value, 4) for value in scores[-1]))
        means = [statistics.mean(column) for column in zip(*scores, strict=True)]
        lines.append(f"| {architecture}, {loss}: {peer}{said} | {means[0]:.1%} | {means[1]:.3f} | {means[2]:.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
