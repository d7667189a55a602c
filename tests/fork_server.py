"""A process that has everything loaded and forks another for each command line it reads: killing them costs no start.

Reads JSON, one object a line: arguments of `firth`, the file for what is printed, the largest size of any file in
bytes, or null, and the cache folder, or null for the usual one. Writes the process's number; when asked by an empty
line, waits for its end and writes its status as `os.waitpid` gives it, so that until then the number is no other
process's.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path

from firth import CBOW, FullSoftmax, GloVe, Phrases, SkipGram, progress
from firth.cli import main
from firth.cli import train as _train
from firth.kernels import cooccurrence as _counting
from firth.kernels import glove, held_out, tiles, tokenize
from firth.learning import from_entries, from_text, load_kernels
from firth.resuming import resume
from firth.text_to_vectors import train

LOADED = (_train, _counting, glove, held_out, tiles, tokenize, resume, progress)


def child(command: dict[str, object]) -> None:
    """Become `firth ARGUMENTS`."""
    file = os.open(Path(str(command["printed"])), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    if command["limit"] is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (command["limit"], command["limit"]))
    if command["cache"] is not None:
        os.environ["FIRTH_CACHE"] = str(command["cache"])
    try:
        main([str(argument) for argument in command["arguments"]])  # type: ignore[attr-defined]
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(ended.code or 0))


if __name__ == "__main__":
    # Blocks so small that there is always one to be killed in.
    from_text._WORDS_IN_A_BLOCK = from_text._WORDS_IN_A_DENSE_BLOCK = 3_000
    from_entries._ENTRIES_IN_A_BLOCK = 20_000
    load_kernels(SkipGram())
    load_kernels(CBOW(loss=FullSoftmax()))
    with tempfile.TemporaryDirectory() as folder:
        words = ["we went from new york to new jersey and from new york to old york"] * 9
        for objective in (SkipGram(dim=1), GloVe(dim=1)):
            settings = {"epochs": 1, "threads": 1, "min_count": 1, "cache": folder}
            train(words, objective, phrases=Phrases(threshold=1), **settings)
            train(words, objective, reproducible=True, **settings)
        train(words, SkipGram(dim=1), shards=2, **settings)
    while line := sys.stdin.readline():
        number = os.fork()
        if number == 0:
            child(json.loads(line))
            os._exit(99)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        sys.stdin.readline()
        sys.stdout.write(f"{os.waitpid(number, 0)[1]}\n")
        sys.stdout.flush()
