"""Embedders: the hashing one is the same everywhere; the real one is sentence-transformers' own, checked and lazy."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import (
    ArticleIndex,
    HashingEmbedder,
    ModelError,
    ModelMismatchError,
    PullquoteError,
    SentenceTransformerEmbedder,
    Settings,
    embedding,
)

SENTENCES = [
    "The harbour is not going to wait for us to agree.",
    "",
    "Wall.",
    "Une phrase en français avec des accents : déjà vu 😀.",
    "The council voted on Tuesday to replace the old harbour wall. " * 20,
]


def test_the_hashing_embedder_is_the_same_on_every_machine() -> None:
    vectors = HashingEmbedder().encode_passages(["The harbour wall", "!?", ""])
    assert vectors.shape == (3, 64)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    code = (
        "from index import HashingEmbedder; import sys;"
        "sys.stdout.buffer.write(HashingEmbedder().encode_passages(['The harbour wall', '!?', '']).tobytes())"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=Path(__file__).parents[2]
    ).stdout
    assert other == vectors.tobytes()
    # The words of "The harbour wall" by hand: three of 64 places, each plus or minus one, divided by the length.
    assert np.count_nonzero(vectors[0]) == 3
    np.testing.assert_allclose(np.abs(vectors[0][vectors[0] != 0]), 3**-0.5, atol=1e-6)


def test_texts_that_share_words_are_near_each_other() -> None:
    wall, same, other = HashingEmbedder(256).encode_questions(["the old wall", "the new wall", "zebras run"])
    assert wall @ same > 0.5 > wall @ other


def test_batches_cover_every_text_once() -> None:
    seen: dict[int, np.ndarray[Any, Any]] = {}
    texts = [f"text {number}" for number in range(70)]
    vectors = HashingEmbedder().encode_passages(
        texts, lambda positions, batch: seen.update(zip(positions, batch, strict=True))
    )
    assert sorted(seen) == list(range(70))
    np.testing.assert_array_equal(np.stack([seen[number] for number in range(70)]), vectors)
    assert HashingEmbedder().encode_passages([]).shape == (0, 64)


def test_settings_come_from_the_environment_only_when_asked() -> None:
    assert Settings.from_environment({}) == Settings()
    settings = Settings.from_environment({"PULLQUOTE_MODEL": "other", "PULLQUOTE_PRECISION": "float32"})
    assert (settings.model, settings.precision) == ("other", "float32")
    with pytest.raises(PullquoteError, match="'double'"):
        Settings.from_environment({"PULLQUOTE_PRECISION": "double"})


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = (
        "import sys, index, qa; "
        "print([name for name in ('torch', 'transformers', 'sentence_transformers', 'faiss', 'tantivy', 'gradio') "
        "if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert result.stdout.strip() == "[]"


@pytest.fixture
def other_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the default model whose weights differ in one bit, in the place of the installed one."""
    folder = tmp_path / "model"
    shutil.copytree(embedding.default_model_folder(), folder)
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(-1000, 2)
        byte = file.read(1)
        file.seek(-1000, 2)
        file.write(bytes([byte[0] ^ 1]))
    monkeypatch.setattr(embedding, "default_model_folder", lambda: folder)
    return folder


def test_weights_that_are_not_the_published_ones_are_refused(other_weights: Path) -> None:
    with pytest.raises(ModelError, match=r"not the published ones.*reinstall") as caught:
        SentenceTransformerEmbedder().encode_questions(["anything"])
    assert "\n" not in str(caught.value)
    (other_weights / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        SentenceTransformerEmbedder().encode_questions(["anything"])


def test_a_model_that_is_not_installed_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install"):
        SentenceTransformerEmbedder().encode_questions(["anything"])


@pytest.mark.model
def test_a_folder_that_is_no_model_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        _ = SentenceTransformerEmbedder(Settings(model=str(tmp_path))).record
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def real() -> SentenceTransformerEmbedder:
    """The default model in float32, loaded once."""
    return SentenceTransformerEmbedder(Settings(precision="float32", batch_size=2, device="cpu"))


@pytest.mark.model
def test_vectors_are_those_of_sentence_transformers(real: SentenceTransformerEmbedder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(embedding.default_model_folder()), device="cpu", local_files_only=True)
    expected = model.encode(SENTENCES, normalize_embeddings=True)
    for vectors in (real.encode_passages(SENTENCES), real.encode_questions(SENTENCES)):
        assert vectors.shape == (len(SENTENCES), real.record.dimension)
        assert vectors.dtype == np.float32
        assert np.min(np.sum(vectors * expected, axis=1)) > 0.9999


@pytest.mark.model
def test_batches_of_the_real_model_come_longest_first_and_cover_all(real: SentenceTransformerEmbedder) -> None:
    order: list[int] = []
    vectors = real.encode_passages(SENTENCES, lambda positions, batch: order.extend(positions))
    assert sorted(order) == list(range(len(SENTENCES)))
    lengths = [len(SENTENCES[position]) for position in order]
    assert lengths == sorted(lengths, reverse=True)
    alone = np.concatenate([real.encode_passages([sentence]) for sentence in SENTENCES])
    assert np.min(np.sum(vectors * alone, axis=1)) > 0.9999
    assert real.encode_passages([]).shape == real.encode_questions([]).shape == (0, 384)


@pytest.mark.model
def test_long_texts_go_through_the_processor_few_at_a_time() -> None:
    embedder = SentenceTransformerEmbedder(Settings(precision="float32", batch_size=32, device="cpu"))
    texts = ["harbour " * words for words in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377) for _ in range(12)]
    sizes: dict[int, list[int]] = {}
    embedder.encode_passages(
        texts,
        lambda batch, _: sizes.setdefault(max(len(texts[place].split()) for place in batch), []).append(len(batch)),
    )
    assert sum(sum(some) for some in sizes.values()) == len(texts)
    assert max(sizes[377]) == 2048 // 256  # of a longer text, the model reads so many tokens
    assert max(sizes[89]) == 2048 // (89 + 2)  # and the first and last token are not of the text
    assert max(size for some in sizes.values() for size in some) == 32


@pytest.mark.model
def test_a_model_whose_tokenizer_is_another_librarys_embeds_too(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(embedding.default_model_folder() / "tokenizer.json"))
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=16)], device="cpu")
    model.save(str(tmp_path / "static"))
    embedder = SentenceTransformerEmbedder(Settings(model=str(tmp_path / "static"), device="cpu", precision="float32"))
    texts = [text for text in SENTENCES if text]
    expected = model.encode(texts, normalize_embeddings=True)
    assert np.min(np.sum(embedder.encode_passages(texts) * expected, axis=1)) > 0.9999


@pytest.mark.model
def test_bfloat16_says_nearly_the_same(real: SentenceTransformerEmbedder) -> None:
    half = SentenceTransformerEmbedder(Settings(precision="bfloat16", device="cpu"))
    assert half.record == real.record
    texts = [text for text in SENTENCES if text]
    cosines = np.sum(half.encode_passages(texts) * real.encode_passages(texts), axis=1)
    assert np.min(cosines) > 0.99


@pytest.mark.model
def test_weights_are_loaded_once_however_many_threads_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    load = embedding._load

    def counted(settings: Settings) -> Any:
        loads.append(threading.get_ident())
        return load(settings)

    monkeypatch.setattr(embedding, "_load", counted)
    embedder = SentenceTransformerEmbedder(Settings(precision="float32", device="cpu"))
    assert embedder.record.dimension == 384
    assert not loads, "the record of the default model needs no weights"
    results: list[np.ndarray[Any, Any]] = []
    threads = [
        threading.Thread(target=lambda: results.append(embedder.encode_questions(["The harbour wall"])))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len(results) == 4
    for vectors in results:
        np.testing.assert_allclose(vectors, results[0], atol=1e-5)


@pytest.mark.model
def test_another_folder_is_recorded_by_its_weights(tmp_path: Path, write: Callable[..., Path]) -> None:
    folder = tmp_path / "model"
    shutil.copytree(embedding.default_model_folder(), folder)
    settings = Settings(model=str(folder), precision="float32", device="cpu")
    with ArticleIndex.open(tmp_path / "index", settings=settings) as index:
        assert index.add(write("a.txt", "Headline\n\nThe harbour wall was hit by a wave.")).added
        record = index.model
    assert (record.name, record.dimension) == (str(folder), 384)
    half = SentenceTransformerEmbedder(Settings(model=str(folder), precision="bfloat16", device="cpu"))
    with ArticleIndex.open(tmp_path / "index", embedder=half) as index:
        assert index.model == record  # the same weights, whatever they are computed in
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if name.endswith("word_embeddings.weight"))
    weights[name] = weights[name] + np.float32(0.5)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelMismatchError, match="another copy of it"):
        ArticleIndex.open(tmp_path / "index", settings=settings)
