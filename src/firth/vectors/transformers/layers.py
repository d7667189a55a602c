"""Words run through the whole of a transformer, each by itself: what a chosen layer makes of them."""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import FormatError, MissingExtraError, SettingsError
from firth.events import Progress, Stage
from firth.vectors.transformers.table import weight_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from firth.events import Listener
    from firth.vectors.transformers.pieces import Cutter
    from firth.vectors.transformers.sources import Source

__all__ = ["Layers"]

_TOKENS_AT_ONCE = 8192


class Layers:
    """A layer's vectors of words: the mean of the word's pieces in the hidden states, special tokens left aside.

    A word alone is no sentence such as the model was trained on, and the vectors are the worse for it; that is what
    those who compare word vectors with BERT mostly do.

    Args:
        source: the model's files.
        cutter: of its tokenizer.
        layer: int, 0 the embeddings after positions and norm, 1 the first block's outcome, −1 the last one's.

    Raises:
        MissingExtraError: the extra `transformers` (torch and transformers) is not installed.
        FormatError: the transformers library cannot open the model.
        SettingsError: the model has no such layer.
    """

    def __init__(self, source: Source, cutter: Cutter, layer: int, on_event: Listener | None = None) -> None:
        try:
            import torch  # noqa: PLC0415  (an extra)
            import transformers  # noqa: PLC0415
        except ImportError:
            raise MissingExtraError.of("transformers", "Running words through a transformer") from None
        self._torch = torch
        self._cutter = cutter
        self._on_event = on_event
        folder = source.need("config.json").parent
        for name in weight_files(source):
            source.need(name)
        try:
            with _quiet(transformers):
                # Safetensors alone, and no code from the model's folder.
                model = transformers.AutoModel.from_pretrained(
                    str(folder), local_files_only=True, use_safetensors=True, trust_remote_code=False
                )
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise FormatError(
                f"expected a model that the transformers library opens in {source}, got {error}"
            ) from error
        self._model = (model.get_encoder() if model.config.is_encoder_decoder else model).eval().float()
        self._layer = layer
        layers = len(self._states([[0]]))
        if not isinstance(layer, int) or isinstance(layer, bool) or not -layers <= layer < layers:
            raise SettingsError(f"expected a layer from 0 to {layers - 1} or from −1 to −{layers}, got {layer!r}")

    def vectors(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return each word's vector: float32 (n, D).

        Raises:
            UnknownWordError: the tokenizer has no pieces for a word.
            FormatError: the model makes NaN or infinity of a word.
        """
        cuts = [self._cutter.cut(word) for word in words]
        # Words of one length need no filling up, which some models would look at.
        by_length: dict[int, list[int]] = defaultdict(list)
        for place, cut in enumerate(cuts):
            by_length[len(cut.token_ids)].append(place)
        found: npt.NDArray[np.float32] | None = None
        started, done = time.perf_counter(), 0
        self._tell(Stage(name="running words through the model"))
        for length, places in sorted(by_length.items()):
            at_once = max(1, _TOKENS_AT_ONCE // length)
            for start in range(0, len(places), at_once):
                some = places[start : start + at_once]
                states = self._states([cuts[place].token_ids for place in some])[self._layer].numpy()
                if found is None:
                    found = np.empty((len(words), states.shape[2]), dtype=np.float32)
                for place, state in zip(some, states, strict=True):
                    found[place] = state[list(cuts[place].places)].mean(axis=0, dtype=np.float64)
                done += len(some)
                self._tell(Progress(done=done, total=len(words), unit="words", seconds=time.perf_counter() - started))
        assert found is not None  # noqa: S101  whoever asks has words
        finite = np.isfinite(found).all(axis=1)
        if not finite.all():
            raise FormatError(
                f'expected finite numbers of the model, got NaN or infinity for "{words[int(np.argmin(finite))]}"; its '
                "weights are broken"
            )
        return found

    def _states(self, token_ids: Sequence[Sequence[int]]) -> Any:
        """Return the hidden states of each layer, (n, length, D) each."""
        with self._torch.inference_mode():
            given = self._torch.tensor([list(ids) for ids in token_ids])
            return self._model(input_ids=given, output_hidden_states=True).hidden_states

    def _tell(self, event: Stage | Progress) -> None:
        if self._on_event is not None:
            self._on_event(event)


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """Keep the library from printing bars and warnings while it opens a model."""
    logging = transformers.utils.logging
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
