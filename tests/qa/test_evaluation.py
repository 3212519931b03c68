"""``evaluate``: figures on small sets whose results are known, judged by place and by words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from index import Article, ArticleIndex, QuestionSetError
from qa import Candidate, Hit, measures
from qa.confidence import calibration
from qa.evaluation import Evaluation, evaluate
from qa.question_sets import LabelledQuestion

Write = Callable[..., Path]
PARAGRAPHS = (
    "The bridge opened in 1931. It cost 40 crowns.",
    "The mill burned down in 1902. Nobody was hurt.",
    "The harbour froze in 1947. Boys walked to the lighthouse.",
)


def question(
    text: str, paragraph: str, *answers: str, number: int | str = "q", answerable: bool = True
) -> LabelledQuestion:
    placed = tuple((answer, paragraph.index(answer) if paragraph else None) for answer in answers)
    return LabelledQuestion(str(number), "Town", "", paragraph, text, placed, answerable)


BRIDGE = question("When did the bridge open?", PARAGRAPHS[0], "1931", number="bridge")
MILL = question("When did the mill burn down?", PARAGRAPHS[1], "1902", number="mill")
HARBOUR = question("When did the harbour freeze?", PARAGRAPHS[2], "1947", number="harbour")
TRAP = question("Who painted the bridge?", "", number="trap", answerable=False)


class PointingReader:
    """Quotes, for each question, sentences that hold given words, in the order given, and marks these words.

    Args:
        words: for each question the words of the sentences to quote.
        mark: whether the words are marked as what answers.
    """

    fingerprint = "pointing-1"

    def __init__(self, words: dict[str, Sequence[str]], *, mark: bool = True) -> None:
        self._words = words
        self._mark = mark

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        articles = list(index.articles())
        return [
            [self._candidate(articles, hits[0], words, rank) for rank, words in enumerate(self._words[text])]
            for text, hits in asked
        ]

    def _candidate(self, articles: Sequence[Article], hit: Hit, words: str, rank: int) -> Candidate:
        article = next(article for article in articles if words in article.text)
        position = article.text.index(words)
        start = max(article.text.rfind(". ", 0, position) + 2, article.text.rfind("\n", 0, position) + 1)
        end = article.text.index(".", position) + 1
        there = Hit(1.0, article.text[start:end], start, end, article, hit.explain)
        marked = (position, position + len(words)) if self._mark else (None, None)
        return Candidate(there, start, end, 1.0 - rank / 10, {}, *marked)


@pytest.fixture
def town(index: ArticleIndex, write: Write) -> ArticleIndex:
    """An index of one article with three paragraphs."""
    assert not index.add(write("town.txt", "The town\n\n" + "\n\n".join(PARAGRAPHS) + "\n")).failed
    return index


def value(result: Evaluation, name: str) -> float | None:
    return result.measure(name).value


def test_first_quotes_and_the_first_three_are_judged_by_place(town: ArticleIndex) -> None:
    reader = PointingReader(
        {BRIDGE.text: ["1931"], MILL.text: ["1931", "1947", "1902"], HARBOUR.text: ["1931", "1902", "40 crowns"]}
    )
    result = evaluate(town, [BRIDGE, MILL, HARBOUR], reader=reader)
    assert [judged.first for judged in result.judged] == [True, False, False]
    assert [judged.three for judged in result.judged] == [True, True, False]
    assert value(result, "first_quote_right") == pytest.approx(1 / 3)
    assert value(result, "one_of_three_right") == pytest.approx(2 / 3)
    assert value(result, "exact_match") == pytest.approx(1 / 3)
    assert value(result, "f1") == pytest.approx(1 / 3)
    assert (result.answerable, result.by_place, result.stopped) == (3, 3, False)
    assert [judged.question.id for judged in result.failures] == ["mill", "harbour"]


def test_a_sentence_stands_for_words_that_are_not_marked(town: ArticleIndex) -> None:
    result = evaluate(town, [BRIDGE], reader=PointingReader({BRIDGE.text: ["1931"]}, mark=False))
    assert value(result, "exact_match") == 0.0
    # "bridge opened in 1931" has four words after SQuAD's normalisation, one of them right.
    assert value(result, "f1") == pytest.approx(0.4)


def test_the_right_words_at_another_place_are_right_by_words_only(index: ArticleIndex, write: Write) -> None:
    index.add(write("a.txt", "The town\n\nIn 1931 it rained.\n\n" + PARAGRAPHS[0] + "\n"))
    reader = PointingReader({BRIDGE.text: ["In 1931"]})
    assert value(evaluate(index, [BRIDGE], reader=reader), "first_quote_right") == 0.0
    words_only = question(BRIDGE.text, "", "1931")
    result = evaluate(index, [words_only], reader=reader)
    assert value(result, "first_quote_right") == 1.0
    assert (result.answerable, result.by_place) == (1, 0)
    assert result.measure("recall@1").value is None
    assert result.measure("recall@1").questions == 0


def test_a_paragraph_that_is_not_in_the_index_is_judged_by_words(town: ArticleIndex) -> None:
    elsewhere = question("What burned down?", "An old mill burned down one night.", "mill")
    reader = PointingReader({BRIDGE.text: ["1931"], elsewhere.text: ["The mill"]})
    result = evaluate(town, [BRIDGE, elsewhere], reader=reader)
    assert [judged.by_place for judged in result.judged] == [True, False]
    assert value(result, "first_quote_right") == 1.0
    assert result.measure("recall@10").questions == 1


def test_a_repeated_paragraph_is_right_at_either_place(index: ArticleIndex, write: Write) -> None:
    index.add(write("a.txt", f"The town\n\n{PARAGRAPHS[0]}\n\n{PARAGRAPHS[1]}\n\n{PARAGRAPHS[0]}\n"))
    [article] = index.articles()
    result = evaluate(index, [BRIDGE], reader=PointingReader({BRIDGE.text: ["1931"]}))
    [judged] = result.judged
    assert [place.paragraph[0] for place in judged.places] == [
        article.text.index(PARAGRAPHS[0]),
        article.text.rindex(PARAGRAPHS[0]),
    ]
    assert judged.first


def test_a_sentence_of_another_article_that_the_gold_one_holds_too_is_right(index: ArticleIndex, write: Write) -> None:
    write("a.txt", "A short report\n\nThe bridge opened in 1931. The band played.\n")
    index.add(write("b.txt", f"The town\n\n{PARAGRAPHS[0]}\n").parent)
    first, second = index.articles()

    class Both(PointingReader):
        def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
            return [
                [self._candidate([article], hits[0], "1931", 0) for article in (first, second)] for _, hits in asked
            ]

    [judged] = evaluate(index, [BRIDGE], reader=Both({})).judged
    assert judged.quote is not None
    assert judged.quote.article.id == first.id
    assert [place.article_id for place in judged.places] == [second.id]
    assert judged.first


def test_recall_counts_the_passage_that_holds_the_paragraph(index: ArticleIndex, write: Write) -> None:
    for number in range(12):
        filler = f"Report {number} is about the weather of the valley. " * 12
        write(f"{number}.txt", f"Weather {number}\n\n{filler}\n")
    index.add(write("town.txt", "The town\n\n" + "\n\n".join(PARAGRAPHS) + "\n").parent)
    unlike = question("weather valley report", PARAGRAPHS[0], "1931")
    found = evaluate(index, [BRIDGE])
    assert [value(found, f"recall@{depth}") for depth in (1, 5, 10)] == [1.0, 1.0, 1.0]
    lost = evaluate(index, [unlike])
    assert [value(lost, f"recall@{depth}") for depth in (1, 5, 10)] == [0.0, 0.0, 0.0]
    half = evaluate(index, [BRIDGE, unlike]).measure("recall@1")
    assert (half.value, half.low, half.high, half.questions) == (0.5, 0.0, 1.0, 2)


def test_confidence_is_measured_over_all_questions(town: ArticleIndex) -> None:
    asked = [BRIDGE, MILL, HARBOUR, TRAP, question("How tall is the Eiffel Tower?", "", answerable=False)]
    result = evaluate(town, asked)
    confidences = [judged.confidence for judged in result.judged]
    right = [judged.first for judged in result.judged]
    assert value(result, "auroc") == measures.auroc(confidences[:3], confidences[3:])
    threshold = calibration().threshold
    assert result.threshold == threshold
    shown = [confidence >= threshold for confidence in confidences]
    assert any(shown)
    assert value(result, "precision") == pytest.approx(
        sum(a and b for a, b in zip(shown, right, strict=True)) / sum(shown)
    )
    assert value(result, "coverage") == pytest.approx(sum(shown[:3]) / 3)
    assert result.measure("auroc").questions == 5
    assert not any(judged.first or judged.exact for judged in result.judged[3:])
    for measure in result.measures:
        if measure.value is not None and measure.name != "expected_calibration_error":
            assert measure.low is not None
            assert measure.high is not None
            assert measure.low <= measure.value <= measure.high


def test_an_unanswerable_question_fails_when_it_would_be_answered(town: ArticleIndex) -> None:
    result = evaluate(town, [TRAP])
    assert bool(result.failures) == (result.judged[0].confidence >= result.threshold)
    assert value(result, "first_quote_right") is None
    assert value(result, "coverage") is None
    assert value(result, "auroc") is None


def test_the_same_seed_gives_the_same_figures(town: ArticleIndex) -> None:
    asked = [BRIDGE, MILL, HARBOUR, TRAP]
    assert evaluate(town, asked).measures == evaluate(town, asked).measures


def test_a_limit_is_a_seeded_choice_in_the_order_of_the_set(town: ArticleIndex) -> None:
    asked = [
        question(f"When did the bridge open, {number}?", PARAGRAPHS[0], "1931", number=number) for number in range(40)
    ]
    chosen = [int(judged.question.id) for judged in evaluate(town, asked, limit=10).judged]
    assert len(set(chosen)) == 10
    assert chosen == sorted(chosen)
    assert chosen != list(range(10))
    assert chosen == [int(judged.question.id) for judged in evaluate(town, asked, limit=10).judged]
    assert evaluate(town, asked, limit=100).questions == 40


def test_a_stop_keeps_what_was_measured(town: ArticleIndex) -> None:
    asked = [question(f"When did the bridge open, {number}?", PARAGRAPHS[0], "1931") for number in range(100)]
    told: list[tuple[int, int]] = []
    result = evaluate(town, asked, progress=lambda done, total: told.append((done, total)), stop=lambda: len(told) == 2)
    assert result.stopped
    assert result.questions == 100
    assert 0 < len(result.judged) < 100
    assert told[-1] == (len(result.judged), 100)
    assert result.measure("first_quote_right").questions == len(result.judged)
    nothing = evaluate(town, asked, stop=lambda: True)
    assert nothing.stopped
    assert all(measure.value is None for measure in nothing.measures)


def test_questions_that_cannot_be_asked_are_counted_and_left_out(town: ArticleIndex) -> None:
    long = question("Why? " * 5_000, PARAGRAPHS[0], "1931")
    result = evaluate(town, [long, BRIDGE])
    assert (result.unaskable, len(result.judged)) == (1, 1)
    with pytest.raises(QuestionSetError, match="far too long"):
        evaluate(town, [long])


def test_an_empty_set_and_a_set_about_other_articles_are_refused(town: ArticleIndex) -> None:
    with pytest.raises(QuestionSetError, match="no questions"):
        evaluate(town, [])
    other = question("What is a flood?", "A flood is water on land.", "water on land")
    with pytest.raises(QuestionSetError, match="no paragraph of the question set is in the index"):
        evaluate(town, [other, TRAP])


def test_an_empty_index_answers_nothing(index: ArticleIndex) -> None:
    result = evaluate(index, [question("When?", "", "1931"), TRAP])
    assert value(result, "first_quote_right") == 0.0
    assert value(result, "coverage") == 0.0
    assert value(result, "precision") is None
    assert all(judged.quote is None for judged in result.judged)
