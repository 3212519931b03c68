"""The conversations in the sidebar, and clippings."""

from __future__ import annotations

from index import ArticleIndex

from ..store import Clipping, SavedChat, Store
from .article_view import literal, source_name
from .html import button, confidence, isolated
from .words import say

MOST = 100
"""Conversations in the list; older ones are found by searching."""


def chat_list(store: Store, owner: str, search: str, present: str | None) -> str:
    """The owner's conversations, or those that hold the words of a search."""
    if not owner:
        return ""
    chats: list[SavedChat]
    if search.strip():
        chats = [found.chat for found in store.chats.search(owner, search)]
    else:
        chats = list(store.chats.list(owner, MOST))
    if not chats:
        line = say("no_chat_found" if search.strip() else "no_chats")
        return f'<div class="pq-none-yet">{line}</div>'
    return f'<ul class="pq-chats">{"".join(_chat(chat, present) for chat in chats)}</ul>'


def _chat(chat: SavedChat, present: str | None) -> str:
    style = " pq-present" if chat.id == present else ""
    return (
        f'<li class="pq-one-chat{style}">'
        f'<button type="button" class="pq-do pq-chat-name" name="chat" value="{literal(chat.id)}">'
        f"{isolated(chat.name)}</button>"
        + button("rename", chat.id, say("rename", name=chat.name), "pq-sign", mark="✎")
        + button("delete", chat.id, say("delete", name=chat.name), "pq-sign", mark="✕")
        + "</li>"
    )


def clipping_list(store: Store, owner: str, index: ArticleIndex) -> str:
    """The quotes that the owner keeps."""
    kept = store.clippings.list(owner, index) if owner else ()
    if not kept:
        return (
            f'<div class="pq-invitation"><div class="pq-big">{say("nothing_kept")}</div>'
            f"<div>{say('nothing_kept_next')}</div></div>"
        )
    forms = (("markdown", "Markdown"), ("html", "HTML"), ("json", "JSON"))
    exports = "".join(button("clips", form, say("export_as", form=name), "pq-tool") for form, name in forms)
    return f'<div class="pq-summary">{exports}</div>{"".join(_clipping(one) for one in kept)}'


def _clipping(one: Clipping) -> str:
    quote = one.quote
    changed = "" if quote.state == "same" else f'<div class="pq-note">{say("changed_since_kept")}</div>'
    asked = f'<div class="pq-heading" dir="auto">{literal(one.question)}</div>' if one.question else ""
    title = f'<span class="pq-kept-title">{isolated(quote.article.title)}</span>'
    if quote.state == "same":
        place = f"{quote.article.id}-{quote.start}-{quote.end}"
        title = (
            f'<button type="button" class="pq-do pq-open" name="article" value="{place}" title="{say("show")}">'
            f"{isolated(quote.article.title)}</button>"
        )
    parts = [quote.article.author, source_name(quote.article.source), confidence(quote.confidence)]
    details = " · ".join(isolated(part) for part in parts if part)
    drop = button("unclip", one.id, say("remove"), "pq-tool")
    return (
        f'{asked}<div class="pq-card pq-more">{changed}<div class="pq-words-of" dir="auto">“<span class="pq-exact">'
        f'{literal(quote.text)}</span>”</div><div class="pq-place">{title}<div class="pq-details">{details}</div></div>'
        f'<div class="pq-tools">{drop}</div></div>'
    )
