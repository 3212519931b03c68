"""The library: a list of articles, page by page, and what can be done with them."""

from __future__ import annotations

from index import ArticleIndex, PullquoteError
from index.listing import ArticleRow, Listing

from .article_view import literal
from .html import button, counted, isolated, source_name
from .session import Session
from .words import say

ROWS = 25
"""Rows on a page of the list."""


def shown(index: ArticleIndex, session: Session) -> str:
    """The list as HTML."""
    wanted = session.wanted
    try:
        listing = index.listing(wanted.filters(), wanted.search, wanted.order, wanted.page * ROWS, ROWS)
        total = index.counts()[0]
    except PullquoteError as error:
        return f'<div class="pq-note">{literal(str(error))}</div>'
    if not total:
        return invitation()
    return (
        f'<div class="pq-list">{_summary(listing, session)}{_table(listing, session)}{_pages(listing, session)}</div>'
    )


def invitation() -> str:
    """What an empty library says."""
    return (
        f'<div class="pq-invitation"><div class="pq-big">{say("empty")}</div><div>{say("empty_next")}</div>'
        f'<div class="pq-choices">{button("examples", "", say("add_examples"), "pq-main-action")}'
        f"{button('view', 'library', say('add_own'), 'pq-tool')}</div></div>"
    )


def _summary(listing: Listing, session: Session) -> str:
    parts = [f'<span class="pq-count">{counted(listing.articles, "article")}</span>']
    chosen = len(session.selected)
    if chosen:
        parts.append(button("scope", "selected", f"{say('only_these')} ({chosen:,})", "pq-main-action"))
        parts.append(button("remove", "selected", f"Remove ({chosen:,})", "pq-tool"))
        parts.append(button("unselect", "", "Untick all", "pq-quiet"))
    elif session.wanted.limits and listing.articles:
        parts.append(button("scope", "listed", f"{say('only_these')} ({listing.articles:,})", "pq-main-action"))
    return f'<div class="pq-summary">{"".join(parts)}</div>'


def _table(listing: Listing, session: Session) -> str:
    if not listing.rows:
        return '<div class="pq-none">No article matches. Try fewer words, or other days.</div>'
    rows = "".join(_row(row, session) for row in listing.rows)
    names = ("Title", "Author", "Date", "Source", "Length")
    heads = "".join(f'<th scope="col">{name}</th>' for name in names)
    tick, act = (f'<th scope="col"><span class="pq-hidden">{name}</span></th>' for name in ("Choose", "Remove"))
    return f'<table class="pq-table"><thead><tr>{tick}{heads}{act}</tr></thead><tbody>{rows}</tbody></table>'


def _row(row: ArticleRow, session: Session) -> str:
    ticked = " checked" if row.id in session.selected else ""
    box = (
        f'<label class="pq-tick"><input type="checkbox" class="pq-do" name="tick" value="{row.id}"{ticked}>'
        f'<span class="pq-hidden">Choose {literal(row.title)}</span></label>'
    )
    title = (
        f'<button type="button" class="pq-do pq-open" name="article" value="{row.id}" title="{say("show")}">'
        f"{isolated(row.title)}</button>"
    )
    near = ""
    if row.near:
        items = "".join(
            f"<li>{button('article', number, f'Version {place}', 'pq-quiet')}</li>"
            for place, number in enumerate(row.near, 2)
        )
        near = (
            f'<details class="pq-fold"><summary>and {counted(len(row.near), "near-duplicate")}</summary>'
            f"<div><ul>{items}</ul></div></details>"
        )
    cells = (row.author or "", row.published or "", row.site or source_name(row.source))
    remove = button("remove", row.id, f"Remove {row.title}", "pq-tool pq-sign", mark="✕")
    length = f"{max(1, round(row.characters / 6)):,} words"
    data = "".join(f"<td>{isolated(cell)}</td>" for cell in cells)
    return f"<tr><td>{box}</td><td>{title}{near}</td>{data}<td>{length}</td><td>{remove}</td></tr>"


def _pages(listing: Listing, session: Session) -> str:
    last = max(0, (listing.groups - 1) // ROWS)
    page = min(session.wanted.page, last)
    if not last:
        return ""
    before = button("page", page - 1, say("previous"), "pq-tool") if page else ""
    after = button("page", page + 1, say("next"), "pq-tool") if page < last else ""
    return f'<div class="pq-pages">{before}<span>Page {page + 1:,} of {last + 1:,}</span>{after}</div>'
