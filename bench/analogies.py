"""Google's analogies beside gensim: processor time, and whether every question is answered alike.

    python bench/analogies.py MODEL questions-words.txt --gensim-python PYTHON

MODEL is any file of vectors that Firth opens; its 30,000 most frequent words take part. PYTHON is an interpreter that
has gensim. Both get the same vectors and the same questions; one thread each.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

import firth
from firth.evaluation import analogies

WORDS = 30_000
PEER = """
import json, sys, time
from gensim.models import KeyedVectors
vectors = KeyedVectors.load_word2vec_format(sys.argv[1], binary=True)
start = time.process_time()
_, sections = vectors.evaluate_word_analogies(sys.argv[2], restrict_vocab=int(sys.argv[3]))
seconds = time.process_time() - start
answered = {"\\t".join(question): right for section in sections[:-1]
            for side, right in (("correct", True), ("incorrect", False)) for question in section[side]}
print(json.dumps({"seconds": seconds, "answered": answered}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("questions", type=Path)
    parser.add_argument("--gensim-python", required=True)
    options = parser.parse_args()
    vectors = firth.load(options.model)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.bin"
        firth.WordVectors(vectors.words[:WORDS], vectors.matrix[:WORDS].copy()).save(path)
        ours = firth.load(path)
        start = time.process_time()
        result = analogies.evaluate(ours, options.questions, most_frequent=WORDS)
        seconds = time.process_time() - start
        command = [options.gensim_python, "-c", PEER, path, options.questions, WORDS]
        peer = json.loads(subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout)
    answered = {"\t".join(question).upper(): right for (_, question), right in result.answers.items()}
    differ = [question for question, right in peer["answered"].items() if answered.get(question.upper()) != right]
    print(
        f"{len(vectors):,} × {vectors.dim}: Firth {seconds:.2f} s, gensim {peer['seconds']:.2f} s of one processor "
        f"({peer['seconds'] / seconds:.0f} ×); {sum(result.answers.values()):,} of {result.total.answerable:,} right; "
        f"gensim answered {len(peer['answered']):,} different questions, {len(differ)} of them otherwise"
    )
    for question in differ[:10]:
        print("  ", question.replace("\t", " "), "gensim:", peer["answered"][question])
    sys.exit(bool(differ))


if __name__ == "__main__":
    main()
