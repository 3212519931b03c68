"""Check a draft: every quotation of a text, and what the articles say about it."""

from __future__ import annotations

from collections.abc import Sequence

from index import ArticleIndex, PullquoteError
from qa.checking.drafts import check_draft
from qa.checking.result import CheckedQuotation, QuoteDifference, Verdict

from .article_view import literal
from .html import isolated
from .words import counted, say, told

_SIGNS = {
    Verdict.VERBATIM: ("pq-right", "verbatim"),
    Verdict.ALTERED: ("pq-altered", "altered"),
    Verdict.NOT_FOUND: ("pq-missing", "not_found"),
}
"""The class and the words of each verdict."""


def checked(index: ArticleIndex, draft: str) -> str:
    """The report on a draft, as HTML."""
    if not draft.strip():
        return f'<div class="pq-note">{say("no_draft")}</div>'
    try:
        found = check_draft(index, draft)
    except PullquoteError as error:
        return f'<div class="pq-note">{literal(told(str(error)))}</div>'
    if not found:
        return f'<div class="pq-none">{say("no_quotation")}</div>'
    return f"{_summary(found)}{''.join(_quotation(one) for one in found)}"


def _summary(found: Sequence[CheckedQuotation]) -> str:
    counts = [
        say(f"count_{words}", count=sum(one.check.verdict is verdict for one in found))
        for verdict, (_, words) in _SIGNS.items()
    ]
    return f'<div class="pq-summary"><span><b>{counted("quotations", len(found))}</b>: {", ".join(counts)}</span></div>'


def _quotation(one: CheckedQuotation) -> str:
    check = one.check
    style, words = _SIGNS[check.verdict]
    verdict = say("verdict_marked" if check.marked_only else f"verdict_{words}")
    lines = [f'<div class="pq-verdict {style}">{verdict}</div>']
    lines.append(f'<div class="pq-words-of" dir="auto">“{_marked(check.quotation, check.differences)}”</div>')
    kinds = list(dict.fromkeys(say(f"differs_{one.kind.name.lower()}") for one in check.differences))
    if kinds:
        lines.append(f'<div class="pq-details">{literal("; ".join(kinds))}</div>')
    lines += [f'<div class="pq-details">{literal(told(note))}</div>' for note in check.notes]
    if not one.closed:
        lines.append(f'<div class="pq-details">{say("unclosed")}</div>')
    if check.verdict is Verdict.ALTERED and check.places:
        source = say("in_article", text=literal(check.places[0].text))
        lines.append(f'<div class="pq-source" dir="auto">{source}</div>')
    for place in check.places[:5]:
        page = f" · {say('page_number', number=place.page)}" if place.page else ""
        lines.append(
            f'<div class="pq-place"><button type="button" class="pq-do pq-open" name="article" '
            f'value="{place.article.id}-{place.start}-{place.end}">{isolated(place.article.title)}</button>{page}</div>'
        )
    return f'<div class="pq-card pq-more">{"".join(lines)}</div>'


def _marked(quotation: str, differences: Sequence[QuoteDifference]) -> str:
    pieces, done = [], 0
    for difference in sorted(differences, key=lambda one: (one.start, one.end)):
        if difference.start < done or difference.start == difference.end:
            continue
        pieces.append(literal(quotation[done : difference.start]))
        pieces.append(f'<mark class="pq-differs">{literal(quotation[difference.start : difference.end])}</mark>')
        done = difference.end
    return "".join(pieces) + literal(quotation[done:])
