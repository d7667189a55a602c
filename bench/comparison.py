"""Six objectives on the novels: writes the report in docs/comparison.md.

    python bench/comparison.py ../shared/data/novels --data ../shared/data/eval

The folder holds novels as text files, packed or not; --data holds questions-words.txt, EN-WS-353-ALL.txt and
SimLex-999.txt.
"""

import argparse
from pathlib import Path

import firth

TARGET = Path(__file__).parents[1] / "docs" / "comparison.md"
OBJECTIVES = {
    "skip-gram": firth.SkipGram(),
    "skip-gram/nce": firth.SkipGram(loss=firth.NCE()),
    "skip-gram/hierarchical-softmax": firth.SkipGram(loss=firth.HierarchicalSoftmax()),
    "cbow": firth.CBOW(),
    "glove": firth.GloVe(),
    "ppmi": firth.PPMI(),
}
WORDS = ("king", "love", "carriage")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("novels", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    report = firth.compare(
        options.novels,
        OBJECTIVES,
        words=WORDS,
        analogies={"Google": options.data / "questions-words.txt"},
        similarity={"WordSim-353": options.data / "EN-WS-353-ALL.txt", "SimLex-999": options.data / "SimLex-999.txt"},
        tokenizer=firth.Sentences(words=firth.Words()),
    )
    before, _, rest = TARGET.read_text(encoding="utf-8").partition("<!-- report -->\n")
    _, _, after = rest.partition("<!-- end of report -->")
    text = (
        "Six objectives on 39 English novels of 1839 to 1911, `python bench/comparison.py`, two threads:\n\n"
        f"{report.markdown()}"
    )
    TARGET.write_text(f"{before}<!-- report -->\n{text}<!-- end of report -->{after}", encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
