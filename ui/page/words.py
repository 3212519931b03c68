"""The words on the page, in one place; ``I18N`` hands those of Gradio's own parts to Gradio.

What the person reads in HTML that is made here comes from the same table, through ``say``.
"""

from __future__ import annotations

import gradio as gr

ENGLISH: dict[str, str] = {
    "ask": "Ask",
    "library": "Library",
    "check": "Check a draft",
    "clippings": "Clippings",
    "signed_in": "Signed in as",
    "sign_out": "Sign out",
    "new": "New conversation",
    "stop": "Stop",
    "question": "Your question",
    "question_hint": "Ask your articles …",
    "strictness": "How sure an answer must be",
    "find_chat": "Find a conversation",
    "find_chat_hint": "Find a conversation …",
    "conversation": "Conversation",
    "big": "What would you like to know?",
    "promise": "Every answer is a sentence from your articles, word for word. If they do not say it, you are told so.",
    "suggested": "Your articles answer these",
    "follow_on": "Ask next",
    "written": "Written by a language model from the quotes below, and checked against them",
    "unsupported": "Not supported by the quotes:",
    "empty": "There are no articles here yet.",
    "empty_next": "Add your own, or look around with a few examples first.",
    "add_examples": "Add the example articles",
    "add_own": "Add your articles",
    "no_article": "Choose a quote to read it in its article.",
    "searched": "Searched: “{question}”",
    "edit_search": "Change it",
    "related": "Nearest passages, not an answer",
    "more": "More quotes",
    "retry": "Ask again",
    "edit": "Edit the question",
    "copy": "Copy",
    "export": "Export",
    "link": "Copy link",
    "keep": "Keep",
    "like": "Right",
    "dislike": "Not right",
    "confidence_means": "Of 100 quotes shown with this confidence, about {percent} answer the question.",
    "show": "Show it in the article",
    "close": "Close",
    "previous": "Previous",
    "next": "Next",
    "place_of": "Quote {number} of {count}",
    "place_of_related": "Nearest passage {number} of {count}, not an answer",
    "original": "Open the original",
    "page_number": "page {number}",
    "search": "Search",
    "search_hint": "Title, author or source",
    "sort": "Sort by",
    "language": "Language",
    "since": "From (day)",
    "until": "Until (day)",
    "day_hint": "2026-01-31",
    "origin": "Source",
    "dropped_here": "Added on this page",
    "bring_back": "Bring it back",
    "removed_lately": "Removed lately ({count})",
    "removed_kept": "Removed articles can be brought back for {hours} hours; then they are gone for good.",
    "new_library": "New library",
    "library_name": "Name of the new library",
    "libraries": "Libraries",
    "make": "Make it",
    "files": "Drop files, a folder or a zip here",
    "choose_folder": "Choose a folder",
    "links": "Or paste links to pages or feeds, one a line",
    "add": "Add",
    "scoped": "Only: {what}",
    "unscope": "Ask all articles again",
    "only_these": "Ask only these",
    "draft": "Your draft",
    "draft_hint": "Paste the text whose quotations you want to check against your articles",
    "check_it": "Check the quotations",
    "export_feedback": "Export what you liked as a question set",
}

I18N = gr.I18n(en=ENGLISH)


def say(key: str, **fields: object) -> str:
    """A text of the page, with its fields filled in; not escaped."""
    return ENGLISH[key].format(**fields) if fields else ENGLISH[key]
