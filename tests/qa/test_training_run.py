"""A real, tiny training: losses fall, a stopped one goes on as if it had not been stopped, and the command works."""

from __future__ import annotations

import itertools
import json
import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from reader_support import write_set
from safetensors.torch import load_file

from index import ModelError, QuestionSetError, Settings, StorageError
from qa.reader.model import base_model, file_sha256, load_model
from qa.training.batches import Batches
from qa.training.mining import Example, TrainingPassage
from qa.training.preparing import Watcher
from qa.training.run import TrainedReader, train_reader
from qa.training.trainer import Recipe, TrainingProgress
from ui.command_line import main

pytestmark = pytest.mark.model
HASHING = Settings(model="hashing")
TINY = Recipe(windows=4, learning_rate=2e-3, frozen_layers=6, warm_up=2)


@pytest.fixture(autouse=True)
def _one_thread() -> object:
    """Sums in the same order, so that two trainings can be compared."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def run(
    folder: Path, files: list[Path], recipe: Recipe = TINY, stop_after: int | None = None
) -> tuple[TrainedReader | None, list[TrainingProgress]]:
    """Trains, and stops after some steps; the progress that was told."""
    told: list[TrainingProgress] = []
    watcher = Watcher(
        say=lambda line: None,
        trained=told.append,
        stop=lambda: stop_after is not None and len(told) >= stop_after,
    )
    return train_reader(
        files, folder, recipe=recipe, start="base", device="cpu", settings=HASHING, watcher=watcher
    ), told


def test_losses_fall_on_a_handful_of_examples(tmp_path: Path) -> None:
    recipe = replace(TINY, epochs=8, windows=8, learning_rate=1e-3, frozen_layers=5)
    made, told = run(tmp_path / "out", [write_set(tmp_path / "q.json", 2)], recipe)
    assert made is not None
    assert 15 <= len(told) <= 50
    # What is told is the mean of all steps so far, as long as they are few.
    sums = [0.0, *(sum(step.losses.values()) * step.step for step in told)]
    each = [later - before for before, later in itertools.pairwise(sums)]
    quarter = len(each) // 4
    assert sum(each[-quarter:]) < 0.6 * sum(each[:quarter])


def test_a_stopped_training_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    files = [write_set(tmp_path / "q.json", 2)]
    recipe = replace(TINY, frozen_layers=5)
    whole, told = run(tmp_path / "whole", files, recipe)
    assert whole is not None
    assert [step.step for step in told] == list(range(1, told[0].steps + 1))
    stopped, first = run(tmp_path / "parts", files, recipe, stop_after=2)
    assert stopped is None
    assert not (tmp_path / "parts" / "reader.safetensors").exists()
    parts, rest = run(tmp_path / "parts", files, recipe)
    assert parts is not None
    assert [step.step for step in (*first, *rest)] == [step.step for step in told]
    here, there = load_file(whole.path), load_file(parts.path)
    assert here.keys() == there.keys()
    for name, tensor in here.items():
        assert torch.equal(tensor, there[name]), name
    assert whole.sha256 == parts.sha256 == file_sha256(parts.path)
    again, more = run(tmp_path / "parts", files, recipe)
    assert more == []
    assert again == parts


def test_only_what_is_not_frozen_is_trained(tmp_path: Path) -> None:
    made, _ = run(tmp_path / "out", [write_set(tmp_path / "q.json", 1)], replace(TINY, frozen_layers=5))
    assert made is not None
    before, after = base_model().state_dict(), load_model(made.path).state_dict()
    changed = {name for name in before if not torch.equal(before[name].half(), after[name].half())}
    encoder = {name for name in changed if name.startswith("encoder.")}
    assert encoder
    assert {name.split(".")[3] for name in encoder} == {"5"}
    assert "span.weight" in changed
    assert json.loads((tmp_path / "out" / "recipe.json").read_text())["sha256"] == made.sha256


def test_a_checkpoint_of_another_recipe_or_start_is_refused(tmp_path: Path) -> None:
    files = [write_set(tmp_path / "q.json", 1)]
    made, _ = run(tmp_path / "out", files)
    assert made is not None
    with pytest.raises(ModelError, match="checkpoint of another training"):
        run(tmp_path / "out", files, replace(TINY, learning_rate=1e-4))
    weights = made.path.rename(tmp_path / "weights.safetensors")
    with pytest.raises(ModelError, match="checkpoint of another training"):
        train_reader(files, tmp_path / "out", recipe=TINY, start=weights, device="cpu", settings=HASHING)


def test_a_folder_with_the_work_on_other_questions_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(out, [write_set(tmp_path / "q.json", 1)], stop_after=0)
    for files, recipe in (
        ([write_set(tmp_path / "other.json", 2)], TINY),
        ([tmp_path / "q.json"], replace(TINY, seed=9)),
    ):
        with pytest.raises(ModelError, match="holds a training on other questions"):
            run(out, files, recipe)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04" + b"\0" * 200])
def test_a_damaged_checkpoint_is_said(tmp_path: Path, content: bytes) -> None:
    files = [write_set(tmp_path / "q.json", 1)]
    run(tmp_path / "out", files, stop_after=0)
    (tmp_path / "out" / "checkpoint.pt").write_bytes(content)
    with pytest.raises(ModelError, match=r"checkpoint\.pt: damaged"):
        run(tmp_path / "out", files)


def test_a_loss_that_is_no_number_ends_it_and_spoils_no_weights(tmp_path: Path) -> None:
    recipe = replace(TINY, epochs=3, learning_rate=1e30, warm_up=1)
    with pytest.raises(ModelError, match="lower learning rate"):
        run(tmp_path / "out", [write_set(tmp_path / "q.json", 2)], recipe)
    assert not (tmp_path / "out" / "reader.safetensors").exists()


def test_questions_that_cannot_be_trained_on_are_said(tmp_path: Path) -> None:
    cases = {
        "empty.json": ("", "no questions in it"),
        "wordless.jsonl": ('{"question": "Who?", "answers": ["Ada"]}', "not one question can be trained on"),
        "text.json": ("hello", "neither SQuAD's JSON nor JSON lines"),
    }
    for name, (content, reason) in cases.items():
        (tmp_path / name).write_text(content)
        with pytest.raises(QuestionSetError, match=reason) as error:
            run(tmp_path / f"out-{name}", [tmp_path / name])
        assert name in str(error.value)
    with pytest.raises(QuestionSetError, match=r"missing\.json"):
        run(tmp_path / "out", [tmp_path / "missing.json"])


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StorageError, match=r"cannot be written: .*--out"):
            run(folder, [write_set(tmp_path / "q.json", 1)])


def test_batches_are_the_same_for_the_same_seed_and_hold_every_example_once(tmp_path: Path) -> None:
    batches, examples = _batches(seed=1)
    for epoch in (0, 1):
        plan = batches.epoch(epoch)
        assert sorted(position for positions in plan for position in positions) == list(range(len(examples)))
        again, _ = _batches(seed=1)
        assert again.epoch(epoch) == plan
        first, second = batches.make(epoch, plan[0]), again.make(epoch, plan[0])
        assert torch.equal(first.inputs.ids, second.inputs.ids)
        assert first.targets == second.targets
    assert batches.epoch(0) != _batches(seed=2)[0].epoch(0)


def test_targets_point_at_the_answer_and_traps_and_negatives_at_nothing() -> None:
    batches, _ = _batches(seed=1)
    for positions in batches.epoch(0):
        made = batches.make(0, positions)
        kinds = [target.kind for target in made.targets]
        assert kinds.count(0) == len(positions)
        assert 1 in kinds
        right = iter(made.sentence_right.tolist())
        for target in made.targets:
            assert [next(right) for _ in target.sentences] == list(target.sentences)
            if target.kind == 0:
                assert 0 not in target.starts
                assert target.sentences.count(True) == 1
            else:
                assert (target.starts, target.ends, any(target.sentences)) == ((0,), (0,), False)


def test_passages_with_nothing_to_read_are_left_out() -> None:
    passages = {1: TrainingPassage("", "It opened.", ((0, 10),)), 2: TrainingPassage("", "\u200b", ((0, 1),))}
    examples = [Example("What?", None, ((0, 2),), (1, 2)), Example("What?", None, (), (2, 1))]
    batches = Batches(examples, passages, windows_per_batch=4, seed=0)
    assert len(batches) == 1
    [positions] = batches.epoch(0)
    assert len(batches.make(0, positions).targets) == 1


def _batches(seed: int) -> tuple[Batches, list[Example]]:
    texts = [f"The bridge opened in {1900 + number}. Many came to see it." for number in range(12)]
    passages = {number: TrainingPassage("A bridge", text, ((0, 26), (27, 48))) for number, text in enumerate(texts)}
    examples = [
        Example(
            f"When did bridge {number} open?", "When did it close?" if number % 3 else None, ((21, 25),), (number, 0)
        )
        for number in range(1, 12)
    ]
    return Batches(examples, passages, windows_per_batch=6, seed=seed), examples


def test_the_command_trains_and_its_weights_are_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.chdir(tmp_path)
    write_set(tmp_path / "q.json", 2)
    options = "--out work --start base --windows 4 --freeze-layers 6 --learning-rate 0.001 --device cpu".split()
    assert main(["train-reader", "q.json", *options]) == 0
    captured = capsys.readouterr()
    weights = tmp_path / "work" / "reader.safetensors"
    assert file_sha256(weights) in captured.out
    assert f"PULLQUOTE_READER to {weights}" in captured.out
    assert "MB" in captured.out
    assert "pairs/s" in captured.err
    assert "losses: span" in captured.err
    assert main(["train-reader", "q.json", *options, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["path"], document["stopped"]) == (str(weights), False)
    assert document["sha256"] == file_sha256(weights)
    monkeypatch.setenv("PULLQUOTE_READER", str(weights))
    (tmp_path / "a.txt").write_text("A ferry\n\nThe ferry sails at noon. It carries cars.\n")
    assert main(["add", "a.txt", "--index", "mine"]) == 0
    capsys.readouterr()
    assert main(["ask", "When does the ferry sail?", "--threshold", "0", "--index", "mine"]) == 0
    captured = capsys.readouterr()
    assert "ferry" in captured.out
    assert captured.err.startswith("Note: ")
    assert captured.err.count("make calibrate") == 1


def test_ctrl_c_stops_at_a_checkpoint_and_says_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.chdir(tmp_path)
    write_set(tmp_path / "q.json", 1)

    def interrupt() -> None:
        while not (tmp_path / "work" / "examples.jsonl").exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    waiting = threading.Thread(target=interrupt, daemon=True)
    waiting.start()
    options = "--out work --start base --freeze-layers 6 --device cpu --epochs 500".split()
    assert main(["train-reader", "q.json", *options]) == 130
    waiting.join()
    assert "Stopped. What is done is kept in work; run the same command again to go on." in capsys.readouterr().err
    assert (tmp_path / "work" / "checkpoint.pt").exists()
    assert not (tmp_path / "work" / "reader.safetensors").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["missing.json"], "missing.json"),
        (["q.json", "--start", "missing.safetensors"], "missing.safetensors"),
        (["q.json", "--start", "q.json"], "not a reader's weights"),
        (["q.json", "--out", "q.json"], "cannot be written"),
    ],
)
def test_what_is_wrong_with_a_command_is_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    reason: str,
) -> None:
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.chdir(tmp_path)
    write_set(tmp_path / "q.json", 1)
    given = ["--out", "work", "--start", "base", *arguments]
    assert main(["train-reader", *given]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert reason in captured.err
