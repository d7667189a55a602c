"""Shards: every block once, in its share's order; replicas merged as defined; the same bits whoever does the work."""

from __future__ import annotations

import itertools
import signal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import firth
from firth.corpus import small_world
from firth.distributed.local import LocalEngine
from firth.errors import EmptyCorpusError, SettingsError
from firth.events import Event, Notice, Round
from firth.kernels.jit import JIT_IS_OFF
from firth.training.blocks import blocks_of
from firth.training.held_out import SplitText, choose
from firth.training.merging import Changes, Room, add_portion, changes_between, combined, merged, size_of
from firth.training.shards import Shards, Shares

slow_without_jit = pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")
TEXT = list(small_world.text(40_000))
SETTINGS: dict[str, Any] = {"epochs": 2, "held_out": 0.1, "min_count": 2}


# How a pass is shared out.


@settings(deadline=None)  # other work on the machine is no fault
@given(st.lists(st.integers(1, 50), min_size=1, max_size=80), st.integers(1, 9), st.integers(1, 4), st.integers(1, 100))
def test_each_block_is_learned_once_by_its_share_in_order(
    lengths: list[int], count: int, blocks_in_round: int, size: int
) -> None:
    blocks = blocks_of(np.cumsum(lengths).astype(np.int64), size)
    shares = Shares(blocks, count, blocks_in_round)
    done, learned = 0, [[] for _ in range(count)]
    while done < len(blocks):
        assert shares.is_between_rounds(done)
        parts = shares.round_after(done)
        assert len(parts) == count
        assert all(len(part) <= blocks_in_round for part in parts)
        for share, part in enumerate(parts):
            learned[share] += part
            for block in part:
                assert shares.groups[share].start <= block.groups.start < block.groups.stop <= shares.groups[share].stop
                assert shares.items_before(share, block) % count == 0
        done += sum(map(len, parts))
    assert list(itertools.chain(*learned)) == blocks
    sizes = [len(share) for share in learned]
    assert max(sizes) - min(sizes) <= 1


def test_what_is_not_between_two_rounds_is_known() -> None:
    blocks = blocks_of(np.arange(1, 24, dtype=np.int64), 1)
    shares = Shares(blocks, 3, 2)
    assert [done for done in range(24) if shares.is_between_rounds(done)] == [0, 6, 12, 18, 23]


@pytest.mark.parametrize(
    ("items", "every", "expected"),
    [(16_800_000, 100_000, (50_000, 2)), (16_800_000, 120_000, (40_000, 3)), (1_000_000, 100_000, (31_250, 1)),
     (10, 100_000, (1, 1)), (10**9, 1000, (1000, 1))],
)  # fmt: skip
def test_blocks_are_cut_so_that_rounds_end_between_them(items: int, every: int, expected: tuple[int, int]) -> None:
    assert Shards(count=4, merge_every=every).cut(items) == expected


def test_the_rate_grows_with_the_shards_and_no_further_than_twofold() -> None:
    assert [Shards(count=count).scale(0.25) for count in (1, 2, 4, 8, 16, 1024)] == [1, 1.25, 1.5, 1.75, 2, 2]
    assert Shards(count=4, rate_scale=0.5).scale(0.25) == 0.5


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"count": 0}, "shards"), ({"count": 1025}, "shards"), ({"count": True}, "shards"), ({"count": 2.0}, "shards"),
     ({"count": 2, "merge_every": 999}, "merges"), ({"count": 2, "merge_every": None}, "merges"),
     ({"count": 2, "rate_scale": 0}, "rate_scale"), ({"count": 2, "rate_scale": 11}, "rate_scale"),
     ({"count": 2, "rate_scale": float("nan")}, "rate_scale")],
)  # fmt: skip
def test_shards_that_cannot_be_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Shards(**settings)


def test_a_share_holds_out_the_same_sentences_as_the_text() -> None:
    ends = np.cumsum(np.random.default_rng(1).integers(1, 20, size=2_000)).astype(np.int64)
    chosen = choose(ends, share=0.1, seed=3)
    text = SplitText(np.arange(ends[-1], dtype=np.int32), ends, chosen)
    found = []
    for first, last in itertools.pairwise([0, 1, 700, 1_500, 2_000]):
        share = text.share(range(first, last))
        assert share.total == len(text.token_ids)
        assert share.token_ids.tolist() == list(range(ends[first - 1] if first else 0, ends[last - 1]))
        found += (share.sentences + first).tolist()
        # What the kernel does with the key and a sentence's number.
        for number in range(0, last - first, 37):
            assert is_held_out(share, number) == is_held_out(text, first + number)
    assert found == chosen.sentences.tolist()
    assert len(text.share(range(5, 5)).token_ids) == 0


def is_held_out(text: SplitText, number: int) -> bool:
    bits = (text.key + (number + 1) * 0x9E3779B97F4A7C15) % 2**64
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB % 2**64
    return (bits ^ (bits >> 31)) < text.below


# How replicas are merged.


def test_two_changes_that_say_the_same_are_their_mean_and_two_at_right_angles_their_sum() -> None:
    a = np.array([3.0, 0, 0])
    b = np.array([0, 5.0, 0])
    np.testing.assert_allclose(combined([a, a]), a)
    np.testing.assert_allclose(combined([a, b]), a + b)
    np.testing.assert_allclose(combined([a, 0 * a]), a)
    np.testing.assert_allclose(combined([a, b, a, b]), a + b)
    np.testing.assert_allclose(combined([a, a, a]), a)
    assert combined([a]) is a


def matrices(copies: int, *, seed: int, dim: int = 20, stride: int = 32) -> tuple[dict, list[dict]]:
    generator = np.random.default_rng(seed)
    base = {name: np.zeros((rows, stride), dtype=np.float32) for name, rows in (("inputs", 41), ("outputs", 30))}
    for matrix in base.values():
        matrix[:, :dim] = generator.normal(size=(len(matrix), dim))
    own = [{name: matrix.copy() for name, matrix in base.items()} for _ in range(copies)]
    for copy in own:
        for matrix in copy.values():
            rows = generator.random(len(matrix)) < 0.6
            matrix[rows, :dim] += generator.normal(size=(rows.sum(), dim)).astype(np.float32)
    return base, own


@pytest.mark.parametrize("copies", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("portions", [1, 3])
def test_the_merge_is_the_definitions_row_by_row(copies: int, portions: int) -> None:
    base, own = matrices(copies, seed=copies)
    expected = {name: matrix.astype(np.float64) for name, matrix in base.items()}
    for name, matrix in expected.items():
        for row in range(len(matrix)):
            changes = [copy[name][row].astype(np.float64) - base[name][row] for copy in own]
            touched = [change for change in changes if change.any()]
            if touched:
                matrix[row] += combined(touched)
    parts = [changes_between(base, copy, dim=20, portions=portions, room=Room()) for copy in own]
    for number in range(portions):
        portion = merged([part[number] for part in parts])
        for rows, values in portion.values():
            assert np.all(np.diff(rows) > 0)
            assert np.all(rows % portions == number)
            assert values.shape == (len(rows), 20)
        assert size_of(portion) == sum(rows.size * 8 + values.size * 4 for rows, values in portion.values())
        add_portion(base, portion)
    for name, matrix in expected.items():
        np.testing.assert_allclose(base[name], matrix, rtol=1e-4, atol=1e-5)


def test_portions_do_not_change_a_bit_of_the_merge() -> None:
    results = []
    for portions in (1, 2, 5):
        base, own = matrices(4, seed=9)
        parts = [changes_between(base, copy, dim=20, portions=portions, room=Room()) for copy in own]
        for number in range(portions):
            add_portion(base, merged([part[number] for part in parts]))
        results.append(b"".join(matrix.tobytes() for matrix in base.values()))
    assert len(set(results)) == 1


def test_numbers_that_are_none_are_changes_too() -> None:
    base, own = matrices(1, seed=2)
    own[0]["inputs"][7, 3] = np.nan
    (portion,) = changes_between(base, own[0], dim=20, portions=1, room=Room())
    assert 7 in portion["inputs"].rows
    add_portion(base, portion)
    assert np.isnan(base["inputs"][7, 3])


def test_nothing_merged_is_nothing() -> None:
    nothing = {"inputs": Changes(np.zeros(0, dtype=np.int64), np.zeros((0, 4), dtype=np.float32))}
    assert len(merged([nothing, nothing])["inputs"].rows) == 0


# Threads as an engine.


def test_the_local_engine_hands_results_on_and_raises_what_was_raised() -> None:
    engine = LocalEngine(1)
    doubled, squared = engine.start(lambda x: (2 * x, x * x), 7, results=2)
    (total,) = engine.start(lambda a, b: a + b, doubled, squared)
    assert engine.wait_for(total) == 63
    actor = engine.actor(list, [engine.put(3)])
    actor.call("append", doubled)
    (length,) = actor.call("__len__")
    assert engine.wait_for(length) == 2
    (broken,) = engine.start(lambda: 1 // 0)
    (after,) = engine.start(lambda x: x, broken)
    with pytest.raises(ZeroDivisionError):
        engine.wait_for(after)
    engine.close()


# Training.


def trained(objective: Any = None, **settings: Any) -> firth.Run:
    return firth.train(TEXT, objective or firth.SkipGram(dim=16), **{**SETTINGS, **settings})


OBJECTIVES = {
    "skip-gram": firth.SkipGram(dim=16),
    "skip-gram, NCE": firth.SkipGram(dim=16, loss=firth.NCE()),
    "CBOW": firth.CBOW(dim=16),
    "CBOW, tree": firth.CBOW(dim=16, loss=firth.HierarchicalSoftmax()),
}


@slow_without_jit
@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES.keys())
def test_the_bits_are_the_same_with_any_number_of_threads(objective: Any) -> None:
    runs = [trained(objective, shards=3, threads=threads) for threads in (1, 2, 8)]
    for run in runs[1:]:
        assert run.vectors.matrix.tobytes() == runs[0].vectors.matrix.tobytes()
        assert run.held_out == runs[0].held_out
        assert [epoch.loss for epoch in run.history] == [epoch.loss for epoch in runs[0].history]
        assert run.record["words"] == runs[0].record["words"]
    # Every word has been accounted for, and something was learned.
    assert sum(runs[0].record["words"].values()) == 2 * runs[0].record["corpus"]["words_kept"]
    assert runs[0].held_out[-1].loss < 0.69


@slow_without_jit
def test_shards_learn_what_one_model_learns() -> None:
    text = list(small_world.text(200_000))
    one = firth.train(text, firth.SkipGram(dim=32), epochs=5, threads=1, held_out=0.02)
    four = firth.train(text, firth.SkipGram(dim=32), epochs=5, threads=1, held_out=0.02, shards=4)
    assert four.held_out[-1].loss < 1.03 * one.held_out[-1].loss
    assert four.record["shards"] == {"kind": "Shards", "count": 4, "merge_every": 100_000, "rate_scale": None}


@slow_without_jit
def test_rounds_are_told_and_recorded() -> None:
    events: list[Event] = []
    run = trained(shards=2, on_event=events.append)
    rounds = [event for event in events if isinstance(event, Round)]
    facts = run.record["merging"]
    assert len(rounds) == facts["rounds"] >= 16
    assert sum(one.sent for one in rounds) == facts["bytes_sent"] > 0
    assert sum(one.received for one in rounds) == facts["bytes_received"]
    assert facts["replicas_lost"] == 0
    # A row and its number, there and back.
    assert all(
        one.sent <= 2 * one.rows * (16 * 4 + 8) and one.received == 2 * one.rows * (16 * 4 + 8) for one in rounds
    )
    assert [event.text for event in events if isinstance(event, Notice) and "2 shards" in event.text]


@slow_without_jit
def test_more_shards_than_sentences_train_all_the_same() -> None:
    run = firth.train(["a b c d e"] * 3, firth.SkipGram(dim=4, subsample=0), min_count=1, epochs=1, shards=8)
    assert run.record["words"]["trained"] == 15


@slow_without_jit
def test_what_is_broken_off_between_rounds_goes_on_to_the_same_bits(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from firth.checkpoints import Checkpoints  # noqa: PLC0415

    class BrokenOff(BaseException):
        pass

    path = tmp_path / "text.txt"
    path.write_text("\n".join(TEXT), encoding="utf-8")
    chosen = {**SETTINGS, "shards": Shards(count=3, merge_every=2_000), "threads": 2}
    expected = firth.train(path, firth.SkipGram(dim=16), **chosen)
    for stop_at in (1, 12):
        folder, written, real = tmp_path / str(stop_at), [], Checkpoints.write

        def write(self: Any, state: Any, arrays: Any, written: list = written, stop: int = stop_at) -> None:
            real(self, state, arrays)  # noqa: B023
            written.append(state["block"])
            if len(written) == stop:
                raise BrokenOff

        with monkeypatch.context() as patch:
            patch.setattr(Checkpoints, "write", write)
            with pytest.raises(BrokenOff):
                firth.train(path, firth.SkipGram(dim=16), output=folder, checkpoint_every=0, **chosen)
        run = firth.resume(folder, threads=1)
        assert run.vectors.matrix.tobytes() == expected.vectors.matrix.tobytes()
        assert run.held_out == expected.held_out
        assert run.record["shards"]["count"] == 3


@slow_without_jit
def test_ctrl_c_ends_after_the_round_and_the_run_goes_on(tmp_path: Any) -> None:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(TEXT), encoding="utf-8")
    folder = tmp_path / "run"

    def interrupt(event: Event) -> None:
        if isinstance(event, Round) and not pressed:
            pressed.append(True)
            signal.raise_signal(signal.SIGINT)

    pressed: list[bool] = []
    run = firth.train(path, firth.SkipGram(dim=16), output=folder, shards=2, on_event=interrupt, **SETTINGS)
    assert run.interrupted
    again = firth.resume(folder)
    assert not again.interrupted
    whole = firth.train(path, firth.SkipGram(dim=16), shards=2, **SETTINGS)
    assert again.vectors.matrix.tobytes() == whole.vectors.matrix.tobytes()


@slow_without_jit
def test_other_shards_than_it_was_begun_with_are_refused(tmp_path: Any) -> None:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(TEXT), encoding="utf-8")

    def interrupt(event: Event) -> None:
        if isinstance(event, Round):
            signal.raise_signal(signal.SIGINT)

    firth.train(path, firth.SkipGram(dim=16), output=tmp_path / "run", shards=2, on_event=interrupt, **SETTINGS)
    with pytest.raises(SettingsError, match="shards"):
        firth.train(path, firth.SkipGram(dim=16), output=tmp_path / "run", shards=3, resume=True, **SETTINGS)


@pytest.mark.parametrize(
    ("objective", "name"),
    [
        (firth.GloVe(), "GloVe"),
        (firth.PPMI(), "PPMI"),
        (firth.SkipGram(loss=firth.FullSoftmax()), "SkipGram with FullSoftmax"),
        (firth.CBOW(loss=firth.BinaryCrossEntropy()), "CBOW with BinaryCrossEntropy"),
    ],
)
def test_what_cannot_be_merged_is_refused(objective: Any, name: str) -> None:
    with pytest.raises(SettingsError, match=f"got {name}; leave the shards out"):
        firth.train(["a b"], objective, shards=2)


def test_a_text_without_company_is_refused_as_ever() -> None:
    with pytest.raises(EmptyCorpusError):
        firth.train(["a"] * 10, min_count=1, shards=2)


@slow_without_jit
def test_shards_go_on_from_a_model_and_leave_frozen_words_as_they_are() -> None:
    from firth.start import Start  # noqa: PLC0415

    begun = trained()
    start = Start(begun.vectors, freeze="old")
    runs = [trained(start=start, shards=2, threads=threads) for threads in (1, 2)]
    assert runs[0].vectors.matrix.tobytes() == runs[1].vectors.matrix.tobytes()
    assert all((runs[0].vectors[word] == begun.vectors[word]).all() for word in begun.vectors.words)
