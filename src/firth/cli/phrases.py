"""`firth phrases`: the phrases of a text, the best first. In Python: `firth.learn_phrases`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from firth.cli.output import check_new, force_option, json_option, print_json
from firth.cli.tokenizing import text_from, tokenizer_of, tokenizer_options

if TYPE_CHECKING:
    from firth.corpus.phrases import Phrase

__all__ = ["phrases"]


@click.command()
@click.argument("text", metavar="TEXT...", nargs=-1, required=True)
@click.option("-k", "k", type=click.IntRange(min=1), default=20, show_default=True, help="How many are printed.")
@click.option(
    "--sort",
    type=click.Choice(["score", "count"]),
    default="score",
    show_default=True,
    help="Print the highest scores first, which are rare names, or the most frequent phrases.",
)
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write all phrases to a JSON file.")
@click.option("--passes", type=int, default=2, show_default=True, help="Each joins what the one before has made.")
@click.option(
    "--score",
    type=click.Choice(["word2phrase", "npmi"]),
    default="word2phrase",
    show_default=True,
    help="(count(ab) − δ) · words / (count(a) · count(b)), or normalised mutual information, from −1 to 1.",
)
@click.option(
    "--threshold",
    type=float,
    help="The first pass joins what scores higher; it falls from pass to pass.  [default: 200; 0.6 for npmi]",
)
@click.option("--discount", type=float, help="δ of word2phrase's score.  [default: 5]")
@click.option("--min-count", type=int, default=5, show_default=True, help="Rarer words and pairs make no phrases.")
@click.option(
    "--connectors",
    metavar="WORDS",
    help="May stand inside phrases: english, or words with commas between (of,the).",
)
@tokenizer_options
@click.option(
    "--text-column", metavar="NAME", help="Where JSONL, CSV and Parquet files have the text.  [default: text]"
)
@click.option("--encoding", default="utf-8", show_default=True, help="Of the text files.")
@force_option
@json_option
def phrases(**options: Any) -> None:
    """Print the phrases of TEXT with their counts and scores.

    TEXT is a file, a folder, a pattern such as "novels/*.txt", or - for standard input, as for firth train, which
    joins phrases with --phrases.

    \b
    Examples:
      firth phrases novels/*.txt
      firth phrases novels/*.txt --passes 3 --score npmi --threshold 0.5 -k 50
      firth phrases novels/*.txt --sort count
      firth phrases novels/*.txt --connectors english -o phrases.json
    """
    if options["output"] == "":
        raise click.UsageError("-o names no file.")
    if options["discount"] is not None and options["score"] == "npmi":
        raise click.UsageError("--discount is for --score word2phrase; npmi has none.")
    check_new(options["output"], force=options["force"])
    from firth import progress
    from firth.corpus.phrase_learning import learn_phrases
    from firth.corpus.phrases import Phrases

    settings = {name: options[name] for name in ("passes", "score", "threshold", "min_count")}
    if options["discount"] is not None:
        settings["discount"] = options["discount"]
    if options["connectors"] is not None:
        settings["connectors"] = _connectors(options["connectors"])
    with progress.shown() as on_event:
        model = learn_phrases(
            text_from(options["text"]),
            Phrases(**settings),
            tokenizer=tokenizer_of(options),
            text_column=options["text_column"],
            encoding=options["encoding"],
            on_event=on_event,
        )
    if options["output"]:
        model.save(options["output"])
    best = model.ranked(options["sort"])[: options["k"]]
    if options["as_json"]:
        print_json({"found": len(model), "phrases": [_document(phrase) for phrase in best]})
    else:
        click.echo(_table(best))
        if len(model) > len(best):
            click.echo(f"… {len(model) - len(best):,} more")


def _connectors(given: str) -> str | frozenset[str]:
    return given if given == "english" else frozenset(word.strip() for word in given.split(",") if word.strip())


def _document(phrase: Phrase) -> dict[str, object]:
    return {
        "words": list(phrase.words),
        "count": phrase.count,
        "score": phrase.score,
        "pass": phrase.in_pass,
    }


def _table(best: tuple[Phrase, ...]) -> str:
    from firth.text_columns import in_columns

    rows = [("phrase", "count", "score", "pass")]
    rows += [(str(one), f"{one.count:,}", _shown(one.score), str(one.in_pass)) for one in best]
    return in_columns(rows)


def _shown(score: float) -> str:
    """Return a score in four digits or more, without an exponent."""
    return f"{score:,.0f}" if abs(score) >= 1000 else f"{score:.4g}" if abs(score) >= 0.001 else f"{score:.4f}"
