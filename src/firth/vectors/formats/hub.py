"""A folder as Hugging Face's hub takes it: the vectors, a model card, and the settings that made them.

    vectors.safetensors   as in `firth.vectors.formats.safetensors`; any program with a safetensors reader opens it
    config.json           words, dimensions, and the record
    README.md             the model card: what it is, how it is used, how it was made; to be completed by hand

The folder is opened like a run's, by `firth.load(folder)`. Uploading it is left to the hub's own programs.

Source: https://huggingface.co/docs/hub/model-cards
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from firth.storage import written_whole
from firth.vectors.formats import safetensors

if TYPE_CHECKING:
    from pathlib import Path

    from firth.events import Listener
    from firth.vectors.formats.contents import Contents

__all__ = ["CARD", "CONFIG", "VECTORS", "write"]

VECTORS = "vectors.safetensors"
CONFIG = "config.json"
CARD = "README.md"

_CARD = """\
---
library_name: firth
tags:
- word-embeddings
- feature-extraction
---

# {name}

{words:,} words, each with a vector of {dim:,} numbers.

```python
import firth

wv = firth.load("{name}")
print(wv.neighbors({word}))
```

`{vectors}` holds the tensors `input` (the vectors, float32, one row a word), `words` and `word_ends` (the words' UTF-8
bytes, and where each ends){more}; any safetensors reader opens it. `{config}` tells how they were made.

## What they were made from, and for what

*To be written: the text and its licence, what the vectors are good for, and what they are known to get wrong. Word
vectors repeat the prejudices of the text that they were learned from.*
"""


def write(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write the folder's files, each whole or not at all; a model card that is there already is left as it is.

    Args:
        path: the folder.
        contents: what goes into it.
        on_event: told that it is being written.

    Raises:
        StorageError: they cannot be written.
        SettingsError: the record holds what JSON cannot.
        FormatError: a vector has NaN or infinity in it.
    """
    safetensors.write(path / VECTORS, contents, on_event=on_event)
    words, dim = contents.matrix.shape
    config = {"model_type": "firth-word-vectors", "words": words, "dim": dim, "record": dict(contents.record)}
    with written_whole(path / CONFIG) as part:
        part.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if (path / CARD).exists():
        return
    parts = {
        "counts": contents.counts is not None,
        "output": contents.output_matrix is not None,
        "subword_words` and `subword_ngrams": contents.subwords is not None,
    }
    more = "".join(f", `{name}`" for name, there in parts.items() if there)
    word = json.dumps(contents.words[0], ensure_ascii=False)
    card = _CARD.format(
        name=path.resolve().name, words=words, dim=dim, word=word, more=more, vectors=VECTORS, config=CONFIG
    )
    with written_whole(path / CARD) as part:
        part.write_text(card, encoding="utf-8")
