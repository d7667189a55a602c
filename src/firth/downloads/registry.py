"""What data there is: each with its size, licence, source and, where one was found, its published checksum.

No checksum here was made up or computed from a download of our own. The SHA-256 of GloVe's, Google's and fastText's
archives are those of Embeddings.jl, those of text8 and enwik those on which several projects agree, that of GloVe 2024
of one project; the SHA-1 of evaluation sets are GluonNLP's. Where none was found, the first download's is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from firth.errors import SettingsError

__all__ = ["Dataset", "datasets", "named"]

Kind = Literal["text", "vectors", "evaluation"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """One thing that can be downloaded.

    Args:
        name: as the user asks for it.
        kind: "text" to train on, "vectors" that somebody has trained, or "evaluation": gold answers.
        title: what it is, in a phrase.
        licence: as its publisher states it.
        source: the page that tells about it.
        urls: where the file is; the next is tried where one fails.
        file: the name under which it is kept.
        member: the file's name in the archive that the URLs lead to, with * for what is not known; None where they lead
            to the file itself.
        checksum: of what the URLs lead to, as published: "sha256:…" or "sha1:…"; None where none was found.
        megabytes: float, about how large the download is.
    """

    name: str
    kind: Kind
    title: str
    licence: str
    source: str
    urls: tuple[str, ...]
    file: str
    member: str | None = None
    checksum: str | None = None
    megabytes: float

    @property
    def download(self) -> str:
        """The name under which what the URLs lead to is kept."""
        return self.urls[0].rsplit("/", 1)[1]


_WIKIPEDIA = "CC BY-SA 3.0 and GFDL (Wikipedia)"
_MAHONEY = "https://mattmahoney.net/dc/textdata.html"
_GOOGLE_NEWS = "GoogleNews-vectors-negative300.bin.gz"
_GLOVE = "https://nlp.stanford.edu/projects/glove/"
_PDDL = "PDDL 1.0"
_GLOVE_6B = "sha256:617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb"
_FASTTEXT = "https://dl.fbaipublicfiles.com/fasttext"
_SHARE_ALIKE = "CC BY-SA 3.0"
_FARUQUI = "https://raw.githubusercontent.com/mfaruqui/eval-word-vectors/master/data/word-sim"
_NOT_STATED = "not stated"


def _mahoney(name: str, title: str, checksum: str, megabytes: float) -> Dataset:
    return Dataset(
        name=name,
        kind="text",
        title=title,
        licence=_WIKIPEDIA,
        source=_MAHONEY,
        urls=(f"https://mattmahoney.net/dc/{name}.zip", f"http://mattmahoney.net/dc/{name}.zip"),
        file=name,
        member=name,
        checksum=f"sha256:{checksum}",
        megabytes=megabytes,
    )


def _glove(name: str, title: str, archive: str, member: str, checksum: str | None, *, megabytes: float) -> Dataset:
    urls = [f"https://nlp.stanford.edu/data/wordvecs/{archive}"]
    if "2024" not in archive:
        urls += [
            f"https://nlp.stanford.edu/data/{archive}",
            f"https://huggingface.co/stanfordnlp/glove/resolve/main/{archive}",
        ]
    return Dataset(
        name=name,
        kind="vectors",
        title=title,
        licence=_PDDL,
        source=_GLOVE,
        urls=tuple(urls),
        file=f"{name}.txt" if "*" in member else member,
        member=member,
        checksum=checksum,
        megabytes=megabytes,
    )


def _fasttext(name: str, title: str, path: str, checksum: str | None, megabytes: float) -> Dataset:
    file = path.rsplit("/", 1)[1]
    return Dataset(
        name=name,
        kind="vectors",
        title=title,
        licence=_SHARE_ALIKE,
        source="https://fasttext.cc/docs/en/english-vectors.html",
        urls=(f"{_FASTTEXT}/{path}",),
        file=file.removesuffix(".zip"),
        member=file.removesuffix(".zip") if file.endswith(".zip") else None,
        checksum=checksum,
        megabytes=megabytes,
    )


def _similarity(
    name: str,
    title: str,
    licence: str,
    source: str,
    urls: tuple[str, ...],
    *,
    member: str | None = None,
    checksum: str | None = None,
    megabytes: float = 0.1,
) -> Dataset:
    # The publisher's own names, by which `firth evaluate` knows them.
    file = (member or urls[0]).rsplit("/", 1)[-1]
    return Dataset(
        name=name,
        kind="evaluation",
        title=title,
        licence=licence,
        source=source,
        urls=urls,
        file=file,
        member=member,
        checksum=checksum,
        megabytes=megabytes,
    )


_DATASETS = (
    _mahoney(
        "text8",
        "100 MB of Wikipedia (2006), a–z and blanks alone, one line",
        "a6640522afe85d1963ad56c05b0ede0a0c000dddc9671758a6cc09b7a38e5232",
        31.3,
    ),
    _mahoney(
        "enwik8",
        "the first 100 MB of Wikipedia's dump (2006), with all its markup",
        "547994d9980ebed1288380d652999f38a14fe291a6247c157c3d33d4932534bc",
        36.4,
    ),
    _mahoney(
        "enwik9",
        "the first 1,000 MB of Wikipedia's dump (2006), with all its markup",
        "99cdb5ac84392252d3f0912ccedd195bc95bd80cbef3b0cdf2eee4ad9a3b7a51",
        322.6,
    ),
    Dataset(
        name="google-news",
        kind="vectors",
        title="word2vec on Google News, 3 million words and phrases, 300 dimensions",
        licence="not stated for the vectors; word2vec itself is Apache 2.0",
        source="https://code.google.com/archive/p/word2vec/",
        urls=(
            f"https://huggingface.co/LoganKilpatrick/GoogleNews-vectors-negative300/resolve/main/{_GOOGLE_NEWS}",
            f"https://s3.amazonaws.com/dl4j-distribution/{_GOOGLE_NEWS}",
        ),
        file=_GOOGLE_NEWS,
        checksum="sha256:21c05ae916a67a4da59b1d006903355cced7de7da1e42bff9f0504198c748da8",
        megabytes=1647,
    ),
    *(
        _glove(
            f"glove-6b-{dim}d",
            f"GloVe on Wikipedia 2014 and Gigaword 5, 400,000 words, {dim} dimensions",
            "glove.6B.zip",
            f"glove.6B.{dim}d.txt",
            _GLOVE_6B,
            megabytes=862.2,
        )
        for dim in (50, 100, 200, 300)
    ),
    _glove(
        "glove-42b-300d",
        "GloVe on Common Crawl (42 billion words), 1.9 million words, lower case, 300 dimensions",
        "glove.42B.300d.zip",
        "glove.42B.300d.txt",
        "sha256:03d5d7fa28e58762ace4b85fb71fe86a345ef0b5ff39f5390c14869da0fc1970",
        megabytes=1878,
    ),
    _glove(
        "glove-840b-300d",
        "GloVe on Common Crawl (840 billion words), 2.2 million words, 300 dimensions",
        "glove.840B.300d.zip",
        "glove.840B.300d.txt",
        "sha256:c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f",
        megabytes=2177,
    ),
    _glove(
        "glove-2024-wikigiga-50d",
        "GloVe on Wikipedia 2024 and Gigaword 5, 1.2 million words, 50 dimensions",
        "glove.2024.wikigiga.50d.zip",
        "*.txt",
        "sha256:afa5e258ee38272db6394547c4b075ecbb7b2164e98542c8d1237b6029b35a65",
        megabytes=301,
    ),
    *(
        _glove(
            f"glove-2024-wikigiga-{dim}d",
            f"GloVe on Wikipedia 2024 and Gigaword 5, 1.2 million words, {dim} dimensions",
            f"glove.2024.wikigiga.{dim}d.zip",
            "*.txt",
            None,
            megabytes=megabytes,
        )
        for dim, megabytes in ((100, 590), (200, 1150), (300, 1700))
    ),
    _glove(
        "glove-2024-dolma-300d",
        "GloVe on Dolma (220 billion words), 1.2 million words, 300 dimensions",
        "glove.2024.dolma.300d.zip",
        "*.txt",
        None,
        megabytes=1700,
    ),
    _fasttext(
        "fasttext-wiki-news",
        "fastText on Wikipedia 2017, UMBC and news, 1 million words, 300 dimensions",
        "vectors-english/wiki-news-300d-1M.vec.zip",
        "sha256:bdeb85f44892c505953e3654183e9cb0d792ee51be0992460593e27198d746f8",
        681.8,
    ),
    _fasttext(
        "fasttext-crawl",
        "fastText on Common Crawl, 2 million words, 300 dimensions",
        "vectors-english/crawl-300d-2M.vec.zip",
        "sha256:5bfffffbabdab299d4c9165c47275e8f982807a6eaca37ee1f71d3a79ddb544d",
        1524,
    ),
    _fasttext(
        "fasttext-cc-en",
        "fastText on Common Crawl and Wikipedia, 2 million words, 300 dimensions",
        "vectors-crawl/cc.en.300.vec.gz",
        None,
        1326,
    ),
    _fasttext(
        "fasttext-cc-en-subwords",
        "the same with the vectors of character n-grams, for words never seen",
        "vectors-crawl/cc.en.300.bin.gz",
        None,
        4504,
    ),
    _similarity(
        "google-analogies",
        "19,544 questions “a is to b as c is to …?”",
        "Apache 2.0",
        "https://code.google.com/archive/p/word2vec/",
        (
            "https://raw.githubusercontent.com/tmikolov/word2vec/master/questions-words.txt",
            "http://download.tensorflow.org/data/questions-words.txt",
        ),
        checksum="sha1:fa92df4bbe788f2d51827c762c63bd8e470edf31",
        megabytes=0.6,
    ),
    _similarity(
        "google-phrase-analogies",
        "3,218 such questions with phrases",
        "Apache 2.0",
        "https://code.google.com/archive/p/word2vec/",
        ("https://raw.githubusercontent.com/tmikolov/word2vec/master/questions-phrases.txt",),
        megabytes=0.2,
    ),
    _similarity(
        "simlex-999",
        "similarity (not relatedness) of 999 pairs of words",
        _NOT_STATED,
        "https://fh295.github.io/simlex.html",
        ("https://fh295.github.io/SimLex-999.zip",),
        member="SimLex-999/SimLex-999.txt",
    ),
    _similarity(
        "ws-353",
        "similarity and relatedness of 353 pairs of words",
        "CC BY 4.0",
        "https://gabrilovich.com/resources/data/wordsim353/wordsim353.html",
        (
            "https://gabrilovich.com/resources/data/wordsim353/wordsim353.zip",
            "http://www.gabrilovich.com/resources/data/wordsim353/wordsim353.zip",
        ),
        member="combined.tab",
    ),
    *(
        _similarity(
            f"ws-353-{part}",
            f"WordSim-353's pairs, {part} alone",
            "CC BY 4.0",
            "http://alfonseca.org/eng/research/wordsim353.html",
            ("http://alfonseca.org/pubs/ws353simrel.tar.gz",),
            member=f"wordsim353_sim_rel/wordsim_{part}_goldstandard.txt",
            checksum="sha1:1b9ca7f4d61682dea0004acbd48ce74275d5bfff",
        )
        for part in ("similarity", "relatedness")
    ),
    _similarity(
        "men",
        "relatedness of 3,000 pairs of words",
        "CC BY 2.0",
        "http://clic.cimec.unitn.it/~elia.bruni/MEN.html",
        (
            "http://clic.cimec.unitn.it/~elia.bruni/resources/MEN.tar.gz",
            "https://staff.fnwi.uva.nl/e.bruni/resources/MEN.tar.gz",
        ),
        member="MEN/MEN_dataset_natural_form_full",
        checksum="sha1:3c4af1b7009c1ad75e03562f7f7bc5f51ff3a31a",
    ),
    _similarity(
        "rare-words",
        "similarity of 2,034 pairs with rare words",
        _NOT_STATED,
        "https://nlp.stanford.edu/~lmthang/morphoNLM/",
        ("https://nlp.stanford.edu/~lmthang/morphoNLM/rw.zip",),
        member="rw/rw.txt",
        checksum="sha1:bf9c5959a0a2d7ed8e51d91433ac5ebf366d4fb9",
    ),
    *(
        _similarity(
            name,
            title,
            _NOT_STATED,
            "https://github.com/mfaruqui/eval-word-vectors",
            (f"{_FARUQUI}/{file}",),
        )
        for name, title, file in (
            ("rg-65", "similarity of 65 pairs of nouns (Rubenstein and Goodenough 1965)", "EN-RG-65.txt"),
            ("mc-30", "similarity of 30 of them, rated anew (Miller and Charles 1991)", "EN-MC-30.txt"),
            ("mturk-771", "relatedness of 771 pairs of words", "EN-MTurk-771.txt"),
            ("simverb-3500", "similarity of 3,500 pairs of verbs", "EN-SimVerb-3500.txt"),
        )
    ),
)


def datasets() -> tuple[Dataset, ...]:
    """Return all data that Firth knows where to get: texts, then vectors, then evaluation sets."""
    return _DATASETS


def named(name: str) -> Dataset:
    """Return the dataset of that name.

    Raises:
        SettingsError: there is none.
    """
    for known in _DATASETS:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in _DATASETS)
    raise SettingsError(f"expected the name of a dataset ({names}), got {name!r}")
