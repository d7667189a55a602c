"""The table and the picture of what `bench/run.py` measured: medians, and the least and the greatest beside them."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {
    "whole, s": ("total_seconds", ".1f"),
    "training, s": ("train_seconds", ".1f"),
    "processor, s": ("processor_seconds", ".1f"),
    "memory, MB": ("megabytes", ".0f"),
    "analogies": ("analogies", ".1%"),
    "WordSim-353": ("wordsim", ".3f"),
    "SimLex-999": ("simlex", ".3f"),
}
RATIOS = {"times Firth's whole": "total_seconds", "times Firth's processor": "processor_seconds"}
COLOURS = {
    "firth": "#00796b", "gensim": "#d81b60", "floret": "#1e88e5", "spark": "#ef6c00", "sklearn": "#6d4c41",
    "mittens": "#8e24aa",
}  # fmt: skip


def values(report: dict[str, Any], task: str, peer: str, name: str) -> list[float]:
    """Return what was measured of one thing in all rounds, without rounds where it could not be."""
    rows = [row for row in report["measured"] if (row["task"], row["peer"]) == (task, peer)]
    return [row[name] for row in rows if row.get(name) is not None]


def pairs(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return every task with each peer that did it, Firth first."""
    found = {(row["task"], row["peer"]): None for row in report["measured"]}
    tasks = list(dict.fromkeys(task for task, _ in found))
    return sorted(found, key=lambda pair: (tasks.index(pair[0]), pair[1] != "firth", pair[1]))


def told(numbers: list[float], form: str) -> str:
    """Return the median, and the range where there is more than one number."""
    if not numbers:
        return ""
    middle = f"{statistics.median(numbers):{form}}"
    return middle if len(numbers) == 1 else f"{middle} ({min(numbers):{form}}–{max(numbers):{form}})"


def ratio(report: dict[str, Any], task: str, peer: str, what: str) -> str:
    """Return how many times as many seconds as Firth a peer took: the median of the rounds' ratios."""
    seconds: dict[int, dict[str, float]] = {}
    for row in report["measured"]:
        if row["task"] == task and what in row:
            seconds.setdefault(row["round"], {})[row["peer"]] = row[what]
    ratios = [turn[peer] / turn["firth"] for turn in seconds.values() if peer in turn and "firth" in turn]
    return told(ratios, ".1f") if peer != "firth" and ratios else ""


def heading(report: dict[str, Any]) -> list[str]:
    """Return what was measured, with what, on what."""
    machine, chosen = report["machine"], report["settings"]
    special = "; ".join(
        f"{task}: {', '.join(f'{k} {v}' for k, v in own.items())}" for task, own in chosen["special"].items()
    )
    measured_on = (
        f"Written by `{report['command']}`. {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gigabytes']} GB, {machine['system']}; load {machine['load']:.1f} at the beginning, "
        f"{machine['date'][:10]}."
    )
    settings = (
        f"{report['text']['bytes'] / 1e6:.0f} MB of text; {chosen['epochs']} epochs, {chosen['threads']} threads, "
        f"dim {chosen['dim']}, window {chosen['window']}, {chosen['negatives']} negatives, subsampling "
        f"{chosen['subsampling']:g} (MLlib has none), min_count {chosen['min_count']}, each tool's own rates; but "
        f"{special}. Medians (least–greatest) of {report['rounds']} rounds; ratios are taken within a round. The whole "
        "time is from text file to saved vectors; the processor's is that of the whole process."
    )
    return ["# Firth beside its peers", "", measured_on, "", settings, ""]


def tabled(report: dict[str, Any]) -> str:
    """Return the report as Markdown."""
    lines = [
        *heading(report),
        f"| task | peer | {' | '.join(COLUMNS)} | {' | '.join(RATIOS)} |",
        f"| --- | --- {'| --- ' * (len(COLUMNS) + len(RATIOS))}|",
    ]
    for task, peer in pairs(report):
        cells = [told(values(report, task, peer, name), form) for name, form in COLUMNS.values()]
        cells += [ratio(report, task, peer, what) for what in RATIOS.values()]
        lines.append(f"| {task} | {peer} | {' | '.join(cells)} |")
    lines += ["", "| peer | versions |", "| --- | --- |"]
    for peer, found in report["versions"].items():
        lines.append(f"| {peer} | {', '.join(f'{name} {number}' for name, number in found.items())} |")
    lines += [f"\n{peer}: {reason}." for peer, reason in report["absent"].items()]
    return "\n".join(lines) + "\n"


def drawn(report: dict[str, Any], path: Path) -> None:
    """Draw each task's peers by time and by what their vectors know, with the spread of both.

    Args:
        report: what was measured.
        path: the SVG file to write.
    """
    import matplotlib as mpl  # noqa: PLC0415 - the table can do without

    mpl.use("svg")
    import matplotlib.pyplot as plt  # noqa: PLC0415
    from matplotlib.ticker import LogLocator, NullFormatter  # noqa: PLC0415

    tasks = list(dict.fromkeys(task for task, _ in pairs(report)))
    columns = min(3, len(tasks))
    rows = -(-len(tasks) // columns)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "firth", "font.size": 9}):
        figure, axes = plt.subplots(
            rows, columns, figsize=(3.6 * columns, 2.9 * rows), squeeze=False, layout="constrained"
        )
        for place, task in zip(axes.flat, [*tasks, *[""] * (rows * columns - len(tasks))], strict=True):
            if not task:
                place.set_axis_off()
                continue
            # Mittens' few words and LSA's documents answer few analogies: similarity is what all tasks have.
            name, title = ("analogies", "analogies") if "/" in task else ("wordsim", "WordSim-353")
            for _, peer in (pair for pair in pairs(report) if pair[0] == task):
                across, up = values(report, task, peer, "total_seconds"), values(report, task, peer, name)
                if not up:
                    continue
                x, y = statistics.median(across), statistics.median(up)
                place.errorbar(
                    x, y, xerr=[[x - min(across)], [max(across) - x]], yerr=[[y - min(up)], [max(up) - y]],
                    fmt="o", color=COLOURS[peer], capsize=2,
                )  # fmt: skip
                place.annotate(peer, (x, y), xytext=(5, 4), textcoords="offset points", color=COLOURS[peer])
            place.set_xscale("log")
            place.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            place.xaxis.set_major_formatter(lambda seconds, _: f"{seconds:g}")
            place.xaxis.set_minor_formatter(NullFormatter())
            place.margins(0.25)
            place.set_title(task)
            place.set_xlabel("whole time, seconds")
            place.set_ylabel(title)
        figure.savefig(path, format="svg", metadata={"Date": None})
        plt.close(figure)
