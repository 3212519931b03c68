"""``pullquote eval``: how well an index answers a set of questions whose answers are known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .command_support import INTERRUPTED, opened, print_result
from .options import IndexOption, JsonOption

if TYPE_CHECKING:
    from rich.console import Console

    from qa.evaluation import Evaluation, Judged

Json = dict[str, Any]

_LABELS = {
    "recall@1": "Right passage first (recall@1)",
    "recall@5": "Right passage in the first 5",
    "recall@10": "Right passage in the first 10",
    "first_quote_right": "First quote right",
    "one_of_three_right": "One of the first three right",
    "exact_match": "Marked words exactly the answer (EM)",
    "f1": "Marked words shared with it (F1)",
    "auroc": "Answerable told from not (AUROC)",
    "coverage_at_90_precision": "Coverage at 90% precision",
    "precision": "Precision at the default threshold",
    "coverage": "Coverage at the default threshold",
    "expected_calibration_error": "Expected calibration error",
}


def eval_questions(
    questions: Annotated[
        str, typer.Argument(metavar="QUESTIONS", help="A file of questions: SQuAD's JSON, or JSON lines.")
    ],
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Ask a random choice of N questions.")] = None,
    failures: Annotated[int, typer.Option(min=0, metavar="N", help="Show the first N questions that failed.")] = 0,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> int:
    """Measures how well the articles answer questions whose answers you know.

    In JSON lines, each line is a question: {"question": "...", "answers": ["..."], "paragraph": "..."}; without answers
    it is one that the articles do not answer. With the paragraph, quotes are judged by their place in the article;
    without it, or where it is not in the index, by the answer's words.

    Every figure is from 0 to 1, with its 95% confidence interval over the questions. Quotes are taken with the
    threshold off. A passage is right when it lies mostly in the paragraph, or the paragraph in it. EM and F1 compare
    the marked words with the answer, as SQuAD does; where a quote has none marked, the whole sentence. AUROC is the
    probability that an answerable question gets more confidence than one that is not.

    Coverage is the share of the answerable questions that are answered from some threshold on; precision is the share
    of all questions answered whose first quote is right. The calibration error is the mean distance between the
    confidence and the share of first quotes that are right.

    Ctrl-C ends it, and shows what was measured so far.
    """
    from index import QuestionSetError
    from qa.question_sets import read_questions

    from .progress import Interruption, counting_bar
    from .terminal import tell

    asked = read_questions([Path(questions)]).questions
    if not asked:
        raise QuestionSetError(f"{questions}: holds no questions")
    with Interruption() as interruption, opened(index) as articles:
        from qa.evaluation import evaluate

        try:
            with counting_bar("Asking") as progress:
                result = evaluate(articles, asked, limit=limit, progress=progress, stop=lambda: interruption.requested)
        except QuestionSetError as error:
            raise QuestionSetError(f"{questions}: {error}") from error
    if result.unaskable:
        why = "was left out, because it is" if result.unaskable == 1 else "were left out, because they are"
        tell(f"{_count(result.unaskable, 'question')} {why} far too long", prefix="Note: ")
    if result.stopped:
        done = f"{len(result.judged):,} of {result.questions:,} questions"
        tell(f"Stopped after {done}, a random choice; the figures are about these.", prefix="")
    print_result(as_json, _document(result, failures), lambda console: _show(console, result, failures))
    return INTERRUPTED if result.stopped else 0


def _document(result: Evaluation, failures: int) -> Json:
    """The result for ``--json``."""
    return {
        "questions": result.questions,
        "asked": len(result.judged),
        "answerable": result.answerable,
        "left_out": result.unaskable,
        "stopped": result.stopped,
        "judged_by_place": result.by_place,
        "judged_by_words": result.answerable - result.by_place,
        "threshold": result.threshold,
        "measures": {
            measure.name: {
                "value": measure.value,
                "low": measure.low,
                "high": measure.high,
                "questions": measure.questions,
            }
            for measure in result.measures
        },
        "failed": len(result.failures),
        "failures": [_failure(judged) for judged in result.failures[:failures]],
    }


def _failure(judged: Judged) -> Json:
    quote = judged.quote
    return {
        "id": judged.question.id,
        "question": judged.question.text,
        "answerable": judged.question.answerable,
        "expected": [text for text, _ in judged.question.answers],
        "quote": quote.text if quote else None,
        "article": quote.article.title if quote else None,
        "confidence": judged.confidence,
    }


def _show(console: Console, result: Evaluation, failures: int) -> None:
    from .marking import plain, visible

    def line(text: str = "") -> None:
        console.print(text, soft_wrap=True)

    answerable, asked = result.answerable, len(result.judged)
    line(f"{_count(asked, 'question')} asked: {answerable:,} answerable, {asked - answerable:,} not.")
    line(_how_judged(result.by_place, answerable - result.by_place))
    line()
    for measure in result.measures:
        value = f"{measure.value:.3f}" if measure.value is not None else "–"
        interval = f"  ({measure.low:.3f} to {measure.high:.3f})" if measure.low is not None else ""
        line(f"{_LABELS[measure.name]:<36}  {value}{interval}")
    for judged in result.failures[:failures]:
        expected = " / ".join(f"“{plain(text)}”" for text, _ in judged.question.answers) or "no answer"
        line()
        line(f"Question: {plain(judged.question.text)}")
        line(f"Expected: {expected}")
        line(f"Quote:    {f'“{visible(judged.quote.text)}”' if judged.quote else 'none'}")
        if judged.quote:
            line(f"          {plain(judged.quote.article.title)} · confidence {judged.confidence:.0%}")
    if failures and not result.failures:
        line("\nNot one failed.")


def _how_judged(by_place: int, by_words: int) -> str:
    place = "its place in the article"
    words = "the words of the answer, because the paragraph was not given or is not in the index"
    if not by_words:
        return f"A quote is right when it overlaps the answer by {place}." if by_place else "No quote could be judged."
    if not by_place:
        return f"A quote is right when it contains {words}."
    return f"Quotes are judged by {place} for {_count(by_place, 'question')}, for {by_words:,} by {words}."


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
