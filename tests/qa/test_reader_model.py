"""The reader's network: how its weights are stored and checked, and that padding does not change what it reads."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from reader_support import TOWNS
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from index import ArticleIndex, ModelError, SentenceTransformerEmbedder, Settings, StorageError
from index.embedding import default_model_folder, device_of
from qa import ask
from qa.answering import default_reader
from qa.confidence import calibration
from qa.reader import SpanReader, default_span_reader
from qa.reader.inputs import Window, batch, tokenize, windows
from qa.reader.model import ReaderModel, base_model, file_sha256, load_model, read_metadata, save_model

pytestmark = pytest.mark.model
WORDS = "encoder.embeddings.word_embeddings.weight"
SENTENCE = "The bridge of Velsund opened in May."


@pytest.fixture(scope="module")
def model() -> ReaderModel:
    """The network before any training, with heads that say something."""
    torch.manual_seed(7)
    return base_model().eval()


@pytest.fixture(scope="module")
def stored(model: ReaderModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its weights as a file."""
    path = tmp_path_factory.mktemp("weights") / "reader.safetensors"
    save_model(model, path, {"training": "none"})
    return path


def window_of(question: str, sentences: int) -> Window:
    text = " ".join([SENTENCE] * sentences)
    spans = [
        (number * (len(SENTENCE) + 1), number * (len(SENTENCE) + 1) + len(SENTENCE)) for number in range(sentences)
    ]
    asked, title, passage = tokenize([question, "A bridge.", text])
    [window] = windows(asked, title, passage, spans)
    return window


def read(model: ReaderModel, some: list[Window], multiple: int = 1) -> tuple[torch.Tensor, ...]:
    made = batch(some, multiple=multiple)
    with torch.inference_mode():
        said = model(made.ids, made.types, made.mask, made.sentences)
    return said.start, said.end, said.relevance, said.sentences


def test_weights_are_read_as_they_were_written(model: ReaderModel, stored: Path) -> None:
    again = load_model(stored, sha256=file_sha256(stored))
    for name, tensor in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor if name == WORDS else tensor.half().float()), name
    assert read_metadata(stored) == {"training": "none"}


def test_the_same_weights_make_the_same_file(model: ReaderModel, stored: Path, tmp_path: Path) -> None:
    assert save_model(model, tmp_path / "again", {"training": "none"}) == file_sha256(stored)


def test_the_file_holds_half_precision_and_no_word_embeddings(stored: Path) -> None:
    tensors = load_file(stored)
    assert not [name for name in tensors if "word_embeddings" in name]
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    with safe_open(default_model_folder() / "model.safetensors", "pt") as file:
        words = file.get_tensor("embeddings.word_embeddings.weight").numel()
    assert max(tensor.numel() for tensor in tensors.values()) < words / 10
    assert stored.stat().st_size < 25_000_000


def test_padding_does_not_change_what_is_read(model: ReaderModel) -> None:
    some = [window_of(f"When did the bridge of {TOWNS[count]} open?", count) for count in (1, 6, 3, 7)]
    together = read(model, some, multiple=64)
    told = 0
    for row, window in enumerate(some):
        alone = read(model, [window])
        length, count = len(window.ids), len(window.sentences)
        for whole, one in zip(together[:2], alone[:2], strict=True):
            assert torch.allclose(whole[row, :length], one[0], atol=1e-4)
            assert torch.isinf(whole[row, length:]).all()
        assert torch.allclose(together[2][row], alone[2][0], atol=1e-4)
        assert torch.allclose(together[3][told : told + count], alone[3], atol=1e-4)
        told += count
    assert together[3].std() > 1e-3


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.safetensors", tmp_path):
        with pytest.raises(ModelError, match="the reader's weights cannot be read: ") as error:
            load_model(path)
        assert str(path) in str(error.value)


def test_another_file_than_the_expected_one_is_said(stored: Path) -> None:
    with pytest.raises(ModelError, match=r"not the expected ones.*SHA-256.*install Pullquote again"):
        load_model(stored, sha256="0" * 64)


@pytest.mark.parametrize("kept", [0, 5, 1000, 1_000_000])
def test_a_truncated_file_is_said(stored: Path, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "cut.safetensors"
    path.write_bytes(stored.read_bytes()[:kept])
    with pytest.raises(ModelError, match=r"not a reader's weights: .*train-reader"):
        load_model(path)


@pytest.mark.parametrize("content", [b"not weights at all", b"\xff" * 4096, b"PK\x03\x04" + b"\0" * 100])
def test_a_file_of_another_kind_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"not a reader's weights: .*other\.bin"):
        load_model(path)


def test_weights_of_other_networks_are_said(stored: Path, tmp_path: Path) -> None:
    whole = load_file(stored)
    path = tmp_path / "foreign.safetensors"
    foreign = {
        "is missing": {name: tensor for name, tensor in whole.items() if name != "span.weight"},
        "is in it": {**whole, "decoder.weight": torch.zeros(3)},
        "made for another network": {**whole, "span.weight": torch.zeros(3, 384)},
    }
    for reason, tensors in foreign.items():
        save_file(tensors, path)
        with pytest.raises(ModelError, match=reason):
            load_model(path)
    with pytest.raises(ModelError, match="not a reader's weights"):
        load_model(default_model_folder() / "model.safetensors")


def test_weights_cannot_be_written_where_there_is_no_folder(model: ReaderModel, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="missing"):
        save_model(model, tmp_path / "missing" / "reader.safetensors", {})


def test_other_weights_are_read_by_setting_and_the_note_comes_once(stored: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"Bridges\n\n{SENTENCE} Nobody was there.\n")
    settings = Settings(model="hashing", reader=str(stored))
    with ArticleIndex.open(tmp_path / "index", settings=settings) as index:
        index.add(tmp_path / "a.txt")
        first = ask(index, "When did the bridge open?", threshold=0)
        assert first.quotes[0].answer is not None
        assert first.quotes[0].article.text[first.quotes[0].start : first.quotes[0].end] == first.quotes[0].text
        ask(index, "Who was there?", threshold=0)
        told = [note for note in index.notes if "make calibrate" in note]
        assert len(told) == 1
    with ArticleIndex.open(tmp_path / "index", settings=Settings(model="hashing")) as index:
        assert index.settings.reader is None
        assert calibration().note(calibration().fingerprints["reader"]) is None


def test_a_reader_is_named_by_its_weights(stored: Path, tmp_path: Path) -> None:
    assert default_span_reader(str(stored)).fingerprint == SpanReader(stored).fingerprint
    assert file_sha256(stored)[:12] in SpanReader(stored).fingerprint
    assert SpanReader(stored).fingerprint != SpanReader().fingerprint
    with pytest.raises(ModelError, match="cannot be read"):
        _ = SpanReader(tmp_path / "nothing").fingerprint


def test_the_setting_comes_from_the_environment() -> None:
    assert Settings.from_environment({"PULLQUOTE_READER": "my.safetensors"}).reader == "my.safetensors"
    assert Settings.from_environment({"PULLQUOTE_READER": ""}).reader is None


def test_the_device_of_the_settings_reaches_embedder_and_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    for there, auto in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        assert device_of("auto") == auto
        assert device_of("cpu") == "cpu"
    # No machine has so many cards: the name arrives where the network is loaded, and the error is one clear line.
    settings = Settings(device="cuda:99")
    with pytest.raises(ModelError, match="cuda:99") as caught:
        _ = default_reader(settings)._model  # type: ignore[attr-defined]
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelError):
        SentenceTransformerEmbedder(settings).encode_questions(["Who?"])
    forced = default_reader(Settings(device="cpu"))
    assert forced._model.span.weight.device.type == "cpu"  # type: ignore[attr-defined]
