"""The library: a list of articles, page by page, and what can be done with them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePath

from index import ArticleIndex, PullquoteError
from index.listing import ArticleRow, Listing, Version

from .adding import UPLOADS
from .article_view import literal, source_name
from .choices import everything
from .html import button, hidden, isolated
from .removing import KEPT, Removal
from .session import Session
from .words import counted, say, told

ROWS = 25
"""Rows on a page of the list."""
_HEADS = ("title", "author", "date", "origin", "language", "length")


def shown(index: ArticleIndex, session: Session, removals: tuple[Removal, ...] = ()) -> str:
    """The list as HTML, with what was removed lately."""
    wanted = session.wanted
    try:
        total = index.counts()[0]
        listing = listed(index, session)
    except PullquoteError as error:
        return f'<div class="pq-note">{literal(told(str(error)))}</div>'
    if not total:
        return f'<div class="pq-list">{invitation()}{_removed(removals)}</div>'
    parts = (_summary(listing, session), _table(index, listing, session), _pages(listing, wanted.page))
    return f'<div class="pq-list">{"".join(parts)}{_removed(removals)}</div>'


def listed(index: ArticleIndex, session: Session) -> Listing:
    """The page of the list that is shown.

    Raises:
        PullquoteError: a day cannot be understood, or the index cannot be read.
    """
    wanted = session.wanted
    return index.listing(wanted.filters(), wanted.search, wanted.order, wanted.page * ROWS, ROWS, wanted.origin)


def origins(index: ArticleIndex) -> list[tuple[str, str]]:
    """The choices of where articles come from: what is shown, and what it means."""
    found = [(place_name(index, origin.name), origin.key) for origin in index.origins()]
    return [*everything(), *sorted(found, key=lambda choice: choice[0].casefold())]


def place_name(index: ArticleIndex, place: str) -> str:
    """A folder or file in short: the address of a site as it is, of the dropped ones what is below their folder."""
    if "://" in place:
        return place.removeprefix("https://").removeprefix("http://").removesuffix("/")
    path, kept = PurePath(place.replace("\\", "/")), PurePath(str(index.folder).replace("\\", "/")) / UPLOADS
    if path == kept:
        return say("dropped_here")
    if path.is_relative_to(kept):
        return path.relative_to(kept).as_posix()
    return "/".join(path.parts[-2:]).lstrip("/") or place


def invitation() -> str:
    """What an empty library says."""
    return (
        f'<div class="pq-invitation"><div class="pq-big">{say("empty")}</div><div>{say("empty_next")}</div>'
        f'<div class="pq-choices">{button("examples", "", say("add_examples"), "pq-main-action")}'
        f"{button('view', 'library', say('add_own'), 'pq-tool')}</div></div>"
    )


def _summary(listing: Listing, session: Session) -> str:
    parts = [f'<span class="pq-count">{counted("articles", listing.articles)}</span>']
    chosen = len(session.selected)
    if chosen:
        parts.append(button("scope", "selected", say("only_these", count=chosen), "pq-main-action"))
        parts.append(button("remove", "selected", say("remove_ticked", count=chosen), "pq-tool"))
        parts.append(button("unselect", "", say("untick"), "pq-quiet"))
    elif session.wanted.limits and listing.articles:
        parts.append(button("scope", "listed", say("only_these", count=listing.articles), "pq-main-action"))
    if any(row.id not in session.selected for row in listing.rows):
        parts.append(button("tick_page", "", say("tick_page"), "pq-quiet"))
    return f'<div class="pq-summary">{"".join(parts)}</div>'


def _table(index: ArticleIndex, listing: Listing, session: Session) -> str:
    if not listing.rows:
        return f'<div class="pq-none">{say("no_match")}</div>'
    rows = "".join(_row(index, row, session) for row in listing.rows)
    heads = "".join(f'<th scope="col">{say(name)}</th>' for name in _HEADS)
    tick, act = (f'<th scope="col">{hidden(say(name))}</th>' for name in ("choose", "remove"))
    return f'<table class="pq-table"><thead><tr>{tick}{heads}{act}</tr></thead><tbody>{rows}</tbody></table>'


def _row(index: ArticleIndex, row: ArticleRow, session: Session) -> str:
    ticked = " checked" if row.id in session.selected else ""
    box = (
        f'<label class="pq-tick"><input type="checkbox" class="pq-do" name="tick" value="{row.id}"{ticked}>'
        f"{hidden(say('choose_article', title=row.title))}</label>"
    )
    title = (
        f'<button type="button" class="pq-do pq-open" name="article" value="{row.id}" title="{say("show")}">'
        f"{isolated(row.title)}</button>"
    )
    near = ""
    if row.near:
        items = "".join(_version(index, version) for version in row.near)
        near = (
            f'<details class="pq-fold"><summary>{counted("near", len(row.near))}</summary>'
            f"<div><ul>{items}</ul></div></details>"
        )
    place = row.site or place_name(index, row.source)
    source = f'<td title="{literal(row.source)}">{isolated(place)}</td>'
    remove = button("remove", row.id, say("remove_article", title=row.title), "pq-tool pq-sign", mark="✕")
    length = counted("words", max(1, round(row.characters / 6)))
    author, day = (f"<td>{isolated(cell)}</td>" for cell in (row.author or "", row.published or ""))
    last = f"<td>{literal(row.language or '')}</td><td>{length}</td><td>{remove}</td>"
    return f"<tr><td>{box}</td><td>{title}{near}</td>{author}{day}{source}{last}</tr>"


def _version(index: ArticleIndex, version: Version) -> str:
    told = " · ".join(part for part in (version.published, version.site or source_name(version.source)) if part)
    title = button("article", version.id, version.title, "pq-quiet")
    remove = button("remove", version.id, say("remove_article", title=version.title), "pq-sign", mark="✕")
    return f"<li>{title} {isolated(told)} {remove}</li>"


def _pages(listing: Listing, page: int) -> str:
    last = max(0, (listing.groups - 1) // ROWS)
    page = min(page, last)
    if not last:
        return ""
    before = button("page", page - 1, say("previous"), "pq-tool") if page else ""
    after = button("page", page + 1, say("next"), "pq-tool") if page < last else ""
    return f'<div class="pq-pages">{before}<span>{say("page_of", page=page + 1, last=last + 1)}</span>{after}</div>'


def _removed(removals: tuple[Removal, ...]) -> str:
    """What was removed lately, each with a button that brings it back."""
    if not removals:
        return ""
    items = ""
    for removal in removals:
        back = button("unremove", removal.token, say("bring_back"), "pq-tool")
        items += f"<li>{isolated(removal.what)}, {_ago(removal)} {back}</li>"
    hours = round(KEPT.total_seconds() / 3600)
    return (
        f'<details class="pq-fold pq-removed"><summary>{say("removed_lately", count=len(removals))}</summary>'
        f"<div><div>{say('removed_kept', hours=hours)}</div><ul>{items}</ul></div></details>"
    )


def _ago(removal: Removal) -> str:
    minutes = round((datetime.now(UTC) - removal.removed).total_seconds() / 60)
    if minutes < 1:
        return say("just_now")
    return counted("minutes_ago", minutes) if minutes < 90 else counted("hours_ago", round(minutes / 60))
