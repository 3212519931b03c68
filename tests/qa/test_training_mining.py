"""Which passages training reads for a question: the one that answers, and near ones that do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from reader_support import small_set

from index import ArticleIndex, Passage
from qa.question_sets import LabelledQuestion, QuestionSet, read_questions
from qa.training.corpus import LocatedQuestion, locate, locate_one, write_articles
from qa.training.mining import load_examples, mine, passages_by_article, save_examples, training_passages

FILLER = " ".join(
    f"The walk to the harbour of house {number} takes the old road along the wall." for number in range(8)
)


@pytest.fixture
def located(index: ArticleIndex, tmp_path: Path) -> list[LocatedQuestion]:
    """Questions about eight towns, whose articles are in the index."""
    return place(index, small_set(tmp_path), tmp_path / "corpus")


def place(index: ArticleIndex, found: QuestionSet, folder: Path) -> list[LocatedQuestion]:
    written = write_articles(found, folder)
    index.add(folder)
    return locate(index, found, written)


def long_articles(tmp_path: Path) -> QuestionSet:
    """Articles of several passages, one of which holds the answer's words again, outside the gold paragraph."""
    lines = []
    for town, year in (("Velsund", "1931"), ("Tarsk", "1954")):
        gold = f"The bridge of {town} was opened in {year}, and the whole town came to see it. {FILLER}"
        again = f"Nobody who was born in {year} has crossed the bridge of {town} on foot, it is said. {FILLER}"
        others = [f"The {thing} of {town} stands by the bridge. {FILLER}" for thing in ("mill", "church", "inn")]
        paragraphs = [others[0], again, gold, *others[1:]]
        lines.append(f'{{"article": "{town}", "title": "{town}", "paragraphs": {paragraphs!r}}}'.replace("'", '"'))
        lines.append(
            f'{{"article": "{town}", "title": "{town}", "paragraph": "{gold}", '
            f'"question": "When was the bridge of {town} opened?", '
            f'"answers": [{{"text": "{year}", "start": {gold.index(year)}}}]}}'
        )
    path = tmp_path / "long.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return read_questions([path])


def passages_of(index: ArticleIndex) -> dict[int, Passage]:
    return {passage.id: passage for some in passages_by_article(index).values() for passage in some}


def test_every_question_is_found_in_its_article(index: ArticleIndex, located: list[LocatedQuestion]) -> None:
    assert len(located) == 32
    articles = {article.id: article for article in index.articles()}
    for one in located:
        text = articles[one.article_id].text
        assert text[slice(*one.paragraph)] == one.question.paragraph
        assert [text[start:end] for start, end in one.answers] == [text for text, _ in one.question.answers]


def test_the_first_passage_answers_and_the_others_do_not(index: ArticleIndex, located: list[LocatedQuestion]) -> None:
    by_text = {one.question.text: one for one in located}
    examples = mine(index, located, negatives=3)
    assert len(examples) == len(located)
    texts = training_passages(index, {number for example in examples for number in example.passages})
    for example in examples:
        answers = [text for text, _ in by_text[example.question].question.answers]
        gold, *others = (texts[number].text for number in example.passages)
        assert [gold[start:end] for start, end in example.answers] == answers
        for text in others:
            assert not any(answer.casefold() in text.casefold() for answer in answers), example.question
        assert len(set(example.passages)) == len(example.passages)


def test_passages_that_hold_the_answers_words_or_the_gold_paragraph_are_no_negatives(
    index: ArticleIndex, tmp_path: Path
) -> None:
    located = place(index, long_articles(tmp_path), tmp_path / "corpus")
    passages = passages_of(index)
    assert len(passages) >= 10
    for one, example in zip(located, mine(index, located, negatives=8), strict=True):
        article = index.article(one.article_id)
        assert article is not None
        others = [passages[number] for number in example.passages[1:]]
        own = [passage for passage in others if passage.article_id == one.article_id]
        assert own
        assert len(own) < len(others)
        for passage in own:
            assert passage.end <= one.paragraph[0] or one.paragraph[1] <= passage.start
            assert one.question.answers[0][0] not in article.text[passage.start : passage.end]


def test_unanswerable_questions_have_no_answer_and_no_trap(index: ArticleIndex, located: list[LocatedQuestion]) -> None:
    painted = [example for example in mine(index, located, traps=1.0) if "painted" in example.question]
    assert len(painted) == 8
    assert all(not example.answers and example.trap is None for example in painted)


def test_traps_are_made_for_the_share_that_is_asked_for(index: ArticleIndex, located: list[LocatedQuestion]) -> None:
    assert not any(example.trap for example in mine(index, located, traps=0.0))
    every = [example for example in mine(index, located, traps=1.0) if example.trap]
    some = [example for example in mine(index, located, traps=0.5) if example.trap]
    assert 0 < len(some) < len(every)


def test_the_same_seed_chooses_the_same_and_another_one_does_not(
    index: ArticleIndex, located: list[LocatedQuestion]
) -> None:
    first = mine(index, located, seed=5)
    assert first == mine(index, located, seed=5)
    assert first != mine(index, located, seed=6)


def test_examples_are_read_as_they_were_written(
    index: ArticleIndex, located: list[LocatedQuestion], tmp_path: Path
) -> None:
    examples = mine(index, located, traps=1.0)
    save_examples(tmp_path / "examples.jsonl", examples)
    assert load_examples(tmp_path / "examples.jsonl") == examples


def test_a_stop_ends_it_between_two_batches(index: ArticleIndex, located: list[LocatedQuestion]) -> None:
    assert mine(index, located, stop=lambda: True) == []


def test_a_question_of_any_length_and_with_any_marks_is_mined(index: ArticleIndex, tmp_path: Path) -> None:
    found = small_set(tmp_path, 2)
    paragraph = found.questions[0].paragraph
    answer = found.questions[0].answers
    for text in ('who built "it" -Velsund', "who " * 10_000, '""', "\ud800?", "-"):
        found.questions.append(LabelledQuestion(text, found.questions[0].article, "", paragraph, text, answer, True))
    located = place(index, found, tmp_path / "corpus")
    assert len(mine(index, located)) == len(located) == 13


def test_offsets_hold_for_text_that_reading_changes(index: ArticleIndex, write: Callable[..., Path]) -> None:
    paragraph = "  Cafe\u0301 owners\r\nmet in Zu\u0308rich on Monday. "
    answer = "Zu\u0308rich"
    question = LabelledQuestion(
        "1", "a", "", paragraph, "Where did they meet?", ((answer, paragraph.index(answer)),), True
    )
    article = write("a.txt", "Café owners  met in Zürich on Monday.\n")
    index.add(article)
    [stored] = index.articles()
    found = locate_one(question, stored)
    assert found is not None
    assert [stored.text[start:end] for start, end in found.answers] == ["Zürich"]


def test_a_question_whose_paragraph_is_not_in_the_index_is_left_out(index: ArticleIndex, tmp_path: Path) -> None:
    found = small_set(tmp_path, 1)
    strange = LabelledQuestion("x", "elsewhere", "", "Not there.", "Who?", (("there", 4),), True)
    wordless = LabelledQuestion("y", "elsewhere", "", "", "Who?", (("there", None),), True)
    found.questions += [strange, wordless]
    assert len(place(index, found, tmp_path / "corpus")) == 4


def test_an_article_is_written_in_its_own_order_whichever_file_comes_first(tmp_path: Path) -> None:
    whole = tmp_path / "articles.jsonl"
    whole.write_text(json.dumps({"article": "a", "title": "A", "paragraphs": ["One.", "Two.", "Three."]}))
    asked = tmp_path / "asked.jsonl"
    row = {"article": "a", "paragraph": "Three.", "question": "Which?", "answers": [{"text": "Three", "start": 0}]}
    asked.write_text(json.dumps(row))
    for files in ((whole, asked), (asked, whole)):
        [path] = write_articles(read_questions(files), tmp_path / "corpus").values()
        assert path.read_text("utf-8").endswith("One.\n\nTwo.\n\nThree.\n")
