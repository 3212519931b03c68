"""The measures of retrieval, quotes and confidence; pure functions, shared by ``pullquote eval`` and the benchmarks."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from .answer import Hit, Quote

Span = tuple[int, int]
Array = np.ndarray[Any, Any]

RESAMPLES = 1_000
"""Of the bootstrap; more changes the third digit of an interval."""
_ASCII_PUNCTUATION = frozenset(string.punctuation)
"""With signs such as ``+`` and ``$``, which Unicode does not count as punctuation."""
_ARTICLES = re.compile(r"\b(a|an|the)\b")


class Gold(Protocol):
    """Where the answer stands: an article, the paragraph in it, and the answers, in the article's characters."""

    @property
    def article_id(self) -> int:
        """The article."""
        ...

    @property
    def paragraph(self) -> Span:
        """The paragraph that holds the answers."""
        ...

    @property
    def answers(self) -> tuple[Span, ...]:
        """The answers; empty when the paragraph does not answer."""
        ...


def in_paragraph(hit: Hit | Quote, gold: Gold) -> bool:
    """Whether at least half of a passage or quote lies in the gold paragraph."""
    return hit.article.id == gold.article_id and 2 * _shared(hit, gold) >= hit.end - hit.start


def holds_paragraph(hit: Hit | Quote, gold: Gold) -> bool:
    """Whether at least half of the gold paragraph lies in a passage; short paragraphs are joined to one passage."""
    start, end = gold.paragraph
    return hit.article.id == gold.article_id and 2 * _shared(hit, gold) >= end - start


def _shared(hit: Hit | Quote, gold: Gold) -> int:
    start, end = gold.paragraph
    return min(hit.end, end) - max(hit.start, start)


def is_right(quote: Quote, gold: Gold) -> bool:
    """Whether a quote overlaps a gold answer."""
    return quote.article.id == gold.article_id and any(
        quote.start < end and start < quote.end for start, end in gold.answers
    )


def normalised(text: str) -> str:
    """A text as SQuAD compares answers: small letters, no punctuation, no articles, single spaces.

    Source: ``normalize_answer`` of SQuAD's evaluation script (Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250),
    with Unicode's punctuation besides ASCII's, as in MLQA's (Lewis et al. 2020, https://arxiv.org/abs/1910.07475):
    without it, a word at a typographic quotation mark would be another word.
    """
    kept = "".join(character for character in text.lower() if not _is_punctuation(character))
    return " ".join(_ARTICLES.sub(" ", kept).split())


def _is_punctuation(character: str) -> bool:
    return character in _ASCII_PUNCTUATION or unicodedata.category(character).startswith("P")


def holds_words(text: str, answer: str) -> bool:
    """Whether a text contains the words of an answer, one after the other, after SQuAD's normalisation.

    An answer that has no words then, such as "the" or "%", must stand in the text as it is.
    """
    words = normalised(answer)
    return f" {words} " in f" {normalised(text)} " if words else bool(answer.strip()) and answer.strip() in text


def exact_match(given: str, answers: Sequence[str]) -> float:
    """1 when a text is one of the gold answers after SQuAD's normalisation, else 0."""
    return float(any(normalised(given) == normalised(answer) for answer in answers))


def token_f1(given: str, answers: Sequence[str]) -> float:
    """The harmonic mean of precision and recall of a text's words, for the gold answer that it fits best; SQuAD's F1.

    Source: ``compute_f1`` of SQuAD's evaluation script (Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250).
    """
    return max((_f1(normalised(given).split(), normalised(answer).split()) for answer in answers), default=0.0)


def _f1(given: Sequence[str], gold: Sequence[str]) -> float:
    if not given or not gold:
        return float(given == gold)
    shared = (Counter(given) & Counter(gold)).total()
    return 2 * shared / (len(given) + len(gold))


def auroc(answerable: Sequence[float] | Array, unanswerable: Sequence[float] | Array) -> float | None:
    """The probability that an answerable question scores higher than an unanswerable one; ties count half.

    The area under the ROC curve as the Mann-Whitney statistic (Hanley and McNeil 1982,
    https://doi.org/10.1148/radiology.143.1.7063747). None when there is none of one kind.
    """
    n, m = len(answerable), len(unanswerable)
    if not n or not m:
        return None
    scores = np.concatenate([answerable, unanswerable])
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = ((ends - counts + 1 + ends) / 2)[inverse]
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def expected_calibration_error(
    probabilities: Array, right: Array, bins: int = 10, *, weights: Array | None = None
) -> float:
    """The mean distance of confidence and accuracy over bins of equal width, weighted by their size.

    Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599, equation 3.

    Args:
        probabilities, right: ``(n,)``.
        bins: how many.
        weights: ``(n,)``, what each question counts; all the same when None.
    """
    each = np.ones(len(probabilities)) if weights is None else weights
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    surplus = np.bincount(which, weights=(probabilities - right) * each, minlength=bins)
    return float(np.abs(surplus).sum() / max(float(each.sum()), 1e-12))


def precision_at(confidences: Array, right: Array, threshold: float) -> float | None:
    """The share of the questions answered at a threshold whose answer is right; None when none is answered."""
    shown = confidences >= threshold
    return float(right[shown].mean()) if shown.any() else None


def coverage_at(confidences: Array, answerable: Array, threshold: float) -> float | None:
    """The share of the answerable questions that are answered at a threshold; None when there is none."""
    return float((confidences >= threshold)[answerable].mean()) if answerable.any() else None


def coverage_at_precision(confidences: Array, right: Array, answerable: Array, precision: float) -> float | None:
    """The largest coverage of any threshold at which at least ``precision`` of the answers are right.

    A point of the risk-coverage curve (El-Yaniv and Wiener 2010, https://jmlr.org/papers/v11/el-yaniv10a.html), with
    coverage over the answerable questions.

    Args:
        confidences: ``(n,)``, of all questions, unanswerable ones too.
        right: ``(n,)`` booleans; False for unanswerable questions.
        answerable: ``(n,)`` booleans.
        precision: the share of right answers among those given.

    Returns:
        0 when no threshold reaches that precision; None when no question is answerable.
    """
    if not answerable.any():
        return None
    order = np.argsort(-confidences, kind="stable")
    # Questions of equal confidence are answered all or none, so only the last of each is a possible threshold.
    last = np.append(np.diff(confidences[order]) != 0, True)
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(last & (reached >= precision - 1e-12))
    return float(answerable[order][: enough[-1] + 1].sum() / answerable.sum()) if len(enough) else 0.0


def confidence_interval(
    measure: Callable[[Array], float | None], count: int, *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float] | None:
    """The 95% confidence interval of a measure: the percentile bootstrap over questions.

    What does not occur in a sample occurs in no resample: a measure of 0 or 1 over few questions gets an interval that
    is too narrow. Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.

    Args:
        measure: takes the positions of the questions of a resample, ``(n,)``; None where it is not defined for these.
        count: the number of questions.
        resamples: how many are drawn.
        seed: the same seed gives the same interval.

    Returns:
        The lower and the upper bound; None when the measure was defined for no resample.
    """
    generator = np.random.default_rng(seed)
    drawn = (measure(generator.integers(count, size=count)) for _ in range(resamples if count else 0))
    values = [value for value in drawn if value is not None]
    if not values:
        return None
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)
