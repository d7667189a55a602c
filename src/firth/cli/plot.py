"""`firth plot`: pictures for papers. In Python: `firth.plots.heatmap(firth.load(model), words)` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from firth.cli.output import check_new, force_option, json_option, print_json
from firth.cli.words import some_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from firth.events import Listener
    from firth.vectors.store import WordVectors

__all__ = ["plot"]


class _Kind(NamedTuple):
    """A kind of picture: its function in `firth.plots`, the options it takes, and whether it needs words."""

    function: str
    options: frozenset[str] = frozenset()
    needs_words: bool = True


KINDS = {
    "scatter": _Kind(
        "scatter", frozenset({"words", "group", "method", "dimensions", "background", "keep_lengths", "seed"})
    ),
    "heatmap": _Kind("heatmap", frozenset({"words"})),
    "similarity": _Kind("similarity", frozenset({"words", "metric"})),
    "analogy": _Kind("analogy", frozenset({"plane", "keep_lengths"})),
    "untrained": _Kind("trained_beside_untrained", frozenset({"words", "other", "keep_lengths"})),
    "variance": _Kind("explained_variance", frozenset({"words"}), needs_words=False),
    "tree": _Kind("tree", frozenset({"words", "tree", "depth"}), needs_words=False),
    "loss": _Kind("loss_curves", needs_words=False),
}
OF_EVERY_KIND = {"model", "names", "output", "kind", "title", "letters", "force", "as_json"}


@click.command()
@click.argument("model", type=click.Path())
@click.argument("names", metavar="WORD...", nargs=-1)
@click.option("-o", "--output", metavar="FILE", type=click.Path(), required=True, help="Ends in .svg, .png or .pdf.")
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="scatter",
    show_default=True,
    help="scatter: a map; heatmap: vectors and their principal components; similarity: a matrix with a tree; analogy: "
    "pairs of words as arrows; untrained: beside the vectors before training; variance: what the components keep; "
    "tree: of hierarchical softmax; loss: of the runs MODEL and WORD...",
)
@click.option("--words", metavar="FILE", type=click.Path(), help="More words, one a line.")
@click.option("--title", metavar="TEXT", help="Above the picture.")
@click.option(
    "--group", metavar="NAME=WORD,WORD,...", multiple=True, help="scatter: words in one colour; several times."
)
@click.option(
    "--method",
    type=click.Choice(["pca", "tsne", "umap", "pacmap"]),
    default="pca",
    show_default=True,
    help="scatter: how vectors become places; all but pca need the extra maps.",
)
@click.option("--dimensions", type=click.IntRange(2, 3), default=2, show_default=True, help="scatter: 2 or 3.")
@click.option(
    "--background",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="scatter: so many words as grey dots.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="scatter: of what is drawn.")
@click.option(
    "--metric", metavar="NAME", default="cosine", show_default=True, help="similarity: as for firth distances."
)
@click.option(
    "--plane",
    type=click.Choice(["pca", "difference"]),
    default="pca",
    show_default=True,
    help="analogy: the words' principal components, or along the pairs' mean difference.",
)
@click.option("--keep-lengths", is_flag=True, help="scatter, analogy, untrained: do not scale vectors to length 1.")
@click.option("--other", metavar="MODEL", type=click.Path(), help="untrained: this beside MODEL instead.")
@click.option(
    "--tree", metavar="huffman|FILE", help="tree: as for firth train.  [default: huffman, where MODEL tells no other]"
)
@click.option(
    "--depth", type=click.IntRange(1, 8), default=4, show_default=True, help="tree: so many turns, where no WORD is."
)
@click.option(
    "--letters",
    type=click.Choice(["outlines", "text"]),
    default="outlines",
    show_default=True,
    help="In SVG: alike on every machine, or half the size and drawn with the reader's fonts.",
)
@force_option
@json_option
def plot(**options: Any) -> None:
    """Draw words of MODEL, and write the picture to FILE.

    MODEL is a folder that `firth train` wrote, or a file of vectors. For an analogy, the words are taken two by two:
    man king woman queen. What is needed besides: pip install "firth[plots]".

    \b
    Examples:
      firth plot novels pink blue yellow king prince duke --kind heatmap -o p.svg
      firth plot novels --group colours=pink,blue,yellow --group nobles=king,prince,duke -o map.pdf
      firth plot novels --words list.txt --method umap --background 2000 -o map.png
      firth plot novels man king woman queen --kind analogy -o analogy.svg
      firth plot novels other-novels --kind loss -o loss.svg
    """
    kind = KINDS[options["kind"]]
    _refuse_others(kind, options["kind"])
    if kind.needs_words and not (options["names"] or options["words"] or options["group"]):
        raise click.UsageError(f"--kind {options['kind']} draws words; name some.")
    check_new(options["output"], force=options["force"])
    from firth import plots, progress
    from firth.plots.picture_file import checked

    checked(options["output"])
    with progress.shown() as on_event:
        if options["kind"] == "loss":
            drawn: list[str] = [options["model"], *options["names"]]
            given: dict[str, Any] = {}
            first: Any = drawn
        else:
            from firth.vectors.load import load

            first = load(options["model"], on_event=on_event)
            drawn, given = _arguments(first, kind, options, on_event)
        figure = getattr(plots, kind.function)(first, **given, title=options["title"], on_event=on_event)
        plots.save(figure, options["output"], letters=options["letters"])
    if options["as_json"]:
        name = "runs" if options["kind"] == "loss" else "words"
        print_json({"output": options["output"], "kind": options["kind"], name: drawn})
    else:
        click.echo(f"{options['output']}: {options['kind']}")


def _refuse_others(kind: _Kind, name: str) -> None:
    """Refuse options that another kind of picture has: what is ignored would be missed in the picture."""
    context = click.get_current_context()
    for parameter in context.command.params:
        given = context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
        if given and parameter.name not in OF_EVERY_KIND | kind.options:
            raise click.UsageError(f"--kind {name} takes no {max(parameter.opts, key=len)}.")


def _arguments(
    vectors: WordVectors, kind: _Kind, options: Mapping[str, Any], on_event: Listener
) -> tuple[list[str], dict[str, Any]]:
    """Return the words that are drawn, and the function's arguments."""
    words = list(options["names"])
    if options["words"] is not None:
        words += some_of(options["words"], vectors, on_event)
    words = words if kind.function == "analogy" else list(dict.fromkeys(words))
    given = {name: options[name] for name in kind.options - {"words", "group", "other", "tree"}}
    if kind.function == "analogy":
        given["pairs"] = _pairs(words)
    elif options["group"]:
        groups = dict(_group(text) for text in options["group"])
        if words:
            groups = {**groups, "others": [word for word in words if all(word not in some for some in groups.values())]}
        given["words"] = {name: some for name, some in groups.items() if some}
        words = list(dict.fromkeys(word for some in groups.values() for word in some))
    else:
        given["words"] = words or None
    if options["tree"] is not None:
        from firth.cli.objectives import tree_named

        given["settings"] = tree_named(options["tree"])
    if options["other"] is not None:
        from firth.vectors.load import load

        given["other"] = load(options["other"], on_event=on_event)
        given["titles"] = (options["model"], options["other"])
    return words, given


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    if len(words) % 2 or len(words) < 4:
        raise click.UsageError("--kind analogy draws pairs of words, at least two: man king woman queen.")
    return list(zip(words[::2], words[1::2], strict=True))


def _group(text: str) -> tuple[str, list[str]]:
    name, _, words = text.partition("=")
    each = [word for word in words.split(",") if word]
    if not name or not each:
        raise click.UsageError(f"--group names words as NAME=WORD,WORD,..., got {text}.")
    return name, each
