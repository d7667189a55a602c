"""The input-embedding table of a transformer: one tensor of its safetensors, mapped, the rest left alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import FormatError, SettingsError
from firth.vectors.formats.safetensors import Tensors
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from firth.vectors.transformers.sources import Source

__all__ = ["Table", "open_table", "weight_files"]

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json")

_NAMES = (
    "word_embeddings.weight",  # BERT, RoBERTa, DistilBERT, ALBERT, ELECTRA, BLOOM, Falcon
    "wte.weight",  # GPT-2, GPT-J, Qwen's first
    "embed_tokens.weight",  # Llama, Mistral, Gemma, Qwen, OPT, Phi
    "tok_embeddings.weight",  # ModernBERT, Llama as Meta writes it
    "shared.weight",  # T5, BART
    "embed_in.weight",  # GPT-NeoX, Pythia
    "word_embedding.weight",  # XLNet
    "token_embedding.weight",  # CLIP
    "tokens_embed.weight",  # the first GPT
    "embeddings.weight",  # XLM, Mamba
)
"""How the tensor is called in the models people use, most widely known first; its whole name only ends so."""

_NUMBERS = ("F32", "F16", "BF16", "F64")
_ROWS = 4096
_LONGEST_INDEX = 64 * 2**20


class Table:
    """The table, one row a token; rows become float32 when they are asked for.

    Args:
        tensors: the file that it lies in.
        name: the tensor's.
    """

    def __init__(self, tensors: Tensors, name: str) -> None:
        self.name = name
        self.path = tensors.path
        self.dtype = tensors.dtype(name)
        self._numbers = tensors.array(name)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, D)."""
        rows, dim = self._numbers.shape
        return int(rows), int(dim)

    def rows(self, token_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Return tokens' rows.

        Args:
            token_ids: int64 (n,), each in [0, rows).

        Returns:
            float32 (n, D).

        Raises:
            FormatError: one of them holds NaN or infinity.
        """
        found = np.empty((len(token_ids), self.shape[1]), dtype=np.float32)
        for start in range(0, len(token_ids), _ROWS):
            some = slice(start, start + _ROWS)
            found[some] = _float32(self._numbers[token_ids[some]], self.dtype)
            finite = np.isfinite(found[some]).all(axis=1)
            if not finite.all():
                bad = int(token_ids[start + int(np.argmin(finite))])
                raise FormatError(
                    f"expected finite numbers in {self.path}, got NaN or infinity in the row of token {bad:,}; the "
                    "file is broken"
                )
        return found

    def mean(self, token_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the mean of some tokens' rows: float64 (D,)."""
        total = np.zeros(self.shape[1])
        for start in range(0, len(token_ids), _ROWS):
            total += self.rows(token_ids[start : start + _ROWS]).sum(axis=0, dtype=np.float64)
        return total / len(token_ids)


def _float32(numbers: npt.NDArray[Any], dtype: str) -> npt.NDArray[np.float32]:
    if dtype == "BF16":
        # A bfloat16 is the upper half of a float32.
        return (numbers.astype(np.uint32) << np.uint32(16)).view(np.float32)
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32)


def open_table(source: Source, *, tokens: int, tensor: str | None = None) -> Table:
    """Find the table among a model's weights and map it.

    Args:
        source: the model's files.
        tokens: int, the highest token id + 1; a table has at least so many rows.
        tensor: its name, where it cannot be told; None to go by the names in use.

    Raises:
        SourceError: the model has no weights in safetensors.
        FormatError: no tensor, or several, can be the table.
        SettingsError: there is no tensor of the name.
    """
    index = _index(source)
    names = list(Tensors(source.need(WEIGHTS))) if index is None else list(index)
    chosen = _chosen(source, names, tensor)
    # Only the one file of a large model in which the table lies is opened, and fetched.
    tensors = Tensors(source.need(WEIGHTS if index is None else index[chosen]))
    if chosen not in tensors:
        raise FormatError(f'expected the tensor "{shown(chosen)}" in {tensors.path}, as {INDEX} says, got none')
    dtype, shape = tensors.dtype(chosen), tensors.shape(chosen)
    if dtype not in _NUMBERS or len(shape) != 2 or min(shape) < 1:
        raise FormatError(
            f'expected an embedding table of {", ".join(_NUMBERS)} with 2 dimensions as "{shown(chosen)}" in '
            f"{tensors.path}, got {dtype} with {len(shape)}"
        )
    if shape[0] < tokens:
        raise FormatError(
            f'expected a row for each of {tokens:,} tokens in "{shown(chosen)}" of {tensors.path}, got {shape[0]:,} '
            "rows; the tokenizer belongs to another model"
        )
    return Table(tensors, chosen)


def _chosen(source: Source, names: Sequence[str], tensor: str | None) -> str:
    """Return the table's name: the one asked for, or the one that is called as tables are."""
    if tensor is not None:
        if tensor not in names:
            held = ", ".join(shown(name) for name in names if "embed" in name or name.endswith(_NAMES)) or "none such"
            raise SettingsError(f'expected a tensor of {source}, got "{shown(tensor)}"; called like tables are: {held}')
        return tensor
    for ending in _NAMES:
        found = [name for name in names if name == ending or name.endswith(f".{ending}")]
        if len(found) > 1:
            # An encoder and a decoder with a table each: what reads the text is the encoder.
            found = [name for name in found if "decoder" not in name.split(".")] or found
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(f'"{shown(name)}"' for name in found[:5])
            raise FormatError(f"expected one embedding table in {source}, got {listed}; name one with tensor=")
    listed = ", ".join(f'"{shown(name)}"' for name in names[:5]) or "none"
    raise FormatError(
        f"expected a tensor called like an input-embedding table (… {', … '.join(_NAMES[:5])}) in {source}, got "
        f"{listed}; name it with tensor="
    )


def _index(source: Source) -> Mapping[str, str] | None:
    """Return which file each tensor lies in; None where all are in one."""
    if source.find(WEIGHTS) is not None:
        return None
    path = source.find(INDEX)
    if path is None:
        for name in PICKLES:
            if source.find(name, fetch=False) is not None:
                raise FormatError(
                    f"expected {WEIGHTS} in {source}, got {name}, a Python pickle, which Firth never opens; convert it "
                    "where you trust it, with transformers: AutoModel.from_pretrained(…).save_pretrained(folder)"
                )
        raise source.without(WEIGHTS)
    wrong = FormatError(f"expected a weight_map of tensor names to file names in {path}, got other content")
    try:
        if path.stat().st_size > _LONGEST_INDEX:
            raise wrong
        held = json.loads(path.read_bytes())["weight_map"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise wrong from None
    if not isinstance(held, dict) or not held:
        raise wrong
    for file in held.values():
        # A name that climbs out of the folder would open whatever its author liked.
        if not isinstance(file, str) or not file.endswith(".safetensors") or set(file) & set("/\\\0:"):
            raise wrong
    return held


def weight_files(source: Source) -> list[str]:
    """Return the names of all files with weights."""
    index = _index(source)
    return [WEIGHTS] if index is None else sorted(set(index.values()))
