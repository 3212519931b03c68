"""From question sets to examples, in a folder of its own, so that a training that was stopped finds them again."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index import ArticleIndex, ModelError, Progress, QuestionSetError, Settings, StorageError
from qa.question_sets import QuestionSet, read_questions
from qa.reader.model import file_sha256

from .corpus import locate, write_articles
from .mining import Example, TrainingPassage, load_examples, mine, save_examples, training_passages
from .trainer import TrainingProgress


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who follows a training, and may end it.

    Attributes:
        say: told in words what happens.
        added, chosen, trained: told how far it is: with embedding, with choosing passages, with training.
        stop: asked often; once it returns True, training ends at a checkpoint.
    """

    say: Callable[[str], None] = print
    added: Callable[[Progress], None] | None = None
    chosen: Callable[[int, int], None] | None = None
    trained: Callable[[TrainingProgress], None] | None = None
    stop: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a reader is trained on.

    Attributes:
        examples: questions with the passages to read.
        passages: by their ids.
        sha256: of the examples.
    """

    examples: list[Example]
    passages: dict[int, TrainingPassage]
    sha256: str


def prepare(
    files: Sequence[Path],
    folder: Path,
    *,
    traps: float = 0.3,
    seed: int = 1,
    settings: Settings | None = None,
    watcher: Watcher | None = None,
) -> Prepared | None:
    """Makes examples of question sets, or takes up those that the folder holds already. See ``train_reader``.

    Returns:
        The examples, or None when it was stopped before they were complete.
    """
    watcher = watcher or Watcher()
    read = read_questions(files)
    told = ", ".join(map(str, files))
    if not read.questions:
        raise QuestionSetError(
            f"{told}: no questions in it; see `pullquote train-reader --help` for what it should hold"
        )
    _claim(folder, files, traps, seed)
    made = folder / "examples.jsonl"
    with ArticleIndex.open(folder / "index", settings=settings) as index:
        if not made.exists():
            examples = _make(index, read, folder, traps, seed, watcher)
            if watcher.stop():
                return None
            with writing(folder):
                save_examples(made, examples)
        examples = load_examples(made)
        passages = training_passages(index, {number for example in examples for number in example.passages})
    if not examples:
        raise QuestionSetError(
            f"{told}: not one question can be trained on; each needs a paragraph, and answers with their place in it: "
            '{"question": "…", "paragraph": "…", "answers": [{"text": "…", "start": 0}]}'
        )
    return Prepared(examples, passages, file_sha256(made))


def _make(
    index: ArticleIndex, read: QuestionSet, folder: Path, traps: float, seed: int, watcher: Watcher
) -> list[Example]:
    with writing(folder):
        written = write_articles(read, folder / "corpus")
    about = f"{_count(len(read.questions), 'question')} about {_count(len(written), 'article')}"
    watcher.say(f"{about}: embedding their passages")
    index.add(folder / "corpus", progress=watcher.added, stop=watcher.stop)
    located = locate(index, read, written)
    watcher.say(f"{_count(len(located), 'question')} found in the articles: choosing passages that do not answer them")
    return mine(index, located, traps=traps, seed=seed, progress=watcher.chosen, stop=watcher.stop)


def _claim(folder: Path, files: Sequence[Path], traps: float, seed: int) -> None:
    """Writes into the folder whose it is; one that holds the work on other files is refused."""
    key = {"files": [hashlib.sha256(path.read_bytes()).hexdigest() for path in files], "traps": traps, "seed": seed}
    stamp = folder / "training.json"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not stamp.exists():
            stamp.write_text(json.dumps(key), "utf-8")
            return
        stored = stamp.read_text("utf-8", errors="replace")
    try:
        same = json.loads(stored) == key
    except ValueError:
        same = False
    if not same:
        raise ModelError(
            f"{folder} holds a training on other questions, or with another seed; choose another folder with --out, or "
            "remove it"
        )


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns the file system's errors in a training's folder into one line."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{folder}: cannot be written: {error.strerror or error}; choose another folder with --out"
        ) from error


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
