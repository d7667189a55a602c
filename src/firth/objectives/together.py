"""A model whose blocks several threads learn together, to the same bits whatever their number."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.kernels.arguments import Copies, HeldOut, Marks, Round, Scratch, Weights
from firth.kernels.jit import JIT_IS_OFF
from firth.kernels.tickets import tickets, yielding
from firth.objectives.sampled import BlockTally, SampledModel, Sentences, loss_every

LENGTH = 64
READERS = 8
DAMPING = (0.0, 0.0)


class TogetherModel:
    def __init__(self, model: SampledModel, *, threads: int, length: int = LENGTH, readers: int = READERS, damping=DAMPING) -> None:
        from firth.kernels.together import train_together  # noqa: PLC0415

        self.model = model
        self._kernel = train_together
        self._length = length
        self._damping = damping
        self.threads = 1 if JIT_IS_OFF else min(threads, readers)
        reach = model._window.left + model._window.right
        asked = model._rows.most_asked
        input_rows, output_rows = len(model._weights.inputs) - 1, len(model._weights.outputs) - 1
        rooms = (readers * (length + reach), readers * length * asked)
        rooms = (min(rooms[0], readers * input_rows), min(rooms[1], readers * output_rows))
        self._weights = model.widened(rooms[0] + 1, rooms[1] + 1)
        self._first_copies = np.array([input_rows + 1, output_rows + 1])
        self._copies = tuple(
            Copies(*(np.zeros((2, room), dtype=np.int32) for _ in range(4)), np.zeros((2, readers + 1), dtype=np.int64), np.zeros(2, dtype=np.int64))
            for room in rooms
        )
        self._decisions = model._decisions
        if self._decisions.has_offsets:
            self._decisions = self._decisions._replace(offsets=np.concatenate((self._decisions.offsets, np.zeros(rooms[1] + 2, dtype=np.float32))))
        self._block = Round(
            places=np.zeros(0, dtype=np.int32),
            facts=np.zeros(4, dtype=np.int64),
            windows=np.zeros((2 * readers, length, 2), dtype=np.int32),
            rows=np.zeros((2 * readers, length + reach), dtype=np.int32),
            asked=np.zeros((2 * readers, length * asked), dtype=np.int32),
            asked_ends=np.zeros((2 * readers, length + 1), dtype=np.int32),
        )
        self._marks = [
            tuple(Marks(np.zeros(rows, dtype=np.uint8), np.zeros(rows, dtype=np.int32)) for rows in (input_rows, output_rows))
            for _ in range(self.threads)
        ]
        self._plans = [np.zeros(1, dtype=np.int64) for _ in range(self.threads)]
        self._covered = [np.zeros((readers, 2), dtype=np.int64) for _ in range(self.threads)]
        self._found = [np.zeros(max(length + reach, length * asked) + 1, dtype=np.int64) for _ in range(self.threads)]
        self._readers = readers
        self._yield = 0 if JIT_IS_OFF else yielding()
        self._pool = ThreadPoolExecutor(max(1, self.threads - 1))

    def __getattr__(self, name):
        return getattr(self.model, name)

    def scratch(self, longest: int):
        return [self.model.scratch(longest) for _ in range(self.threads)]

    def train_block(self, material: Sentences, groups: range, *, rates, seed: int, scratch) -> BlockTally:
        token_ids, ends = material.token_ids, material.sentence_ends
        words = int(ends[groups.stop - 1]) - (int(ends[groups.start - 1]) if groups.start else 0)
        if len(self._block.places) < words + len(groups) + 2:
            self._block = self._block._replace(places=np.zeros(words + len(groups) + 2, dtype=np.int32))
        counts, tally = tickets(), np.zeros((self._readers, 8))

        def share(thread: int) -> None:
            self._kernel(
                self._weights, token_ids, ends, groups.start, groups.stop,
                HeldOut(np.uint64(material.key), np.uint64(material.below)), self.model._company, self._decisions,
                rates[0], rates[1], np.uint64(seed), loss_every(len(token_ids)), self._length, self._damping, self._first_copies,
                self._block, self._copies, counts, self._yield, scratch[thread], self._marks[thread], self._plans[thread],
                self._covered[thread], self._found[thread], tally,
            )  # fmt: skip

        others = [self._pool.submit(share, thread) for thread in range(1, self.threads)]
        share(0)
        for other in others:
            other.result()
        total = tally.sum(axis=0)
        kept, held_out, centres = int(self._block.facts[1]), int(self._block.facts[2]), int(total[2])
        return BlockTally(loss=float(total[0]), decisions=int(total[1]), centres=centres, alone=kept - centres,
            subsampled=words - held_out - kept, held_out=held_out)
