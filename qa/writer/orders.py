"""Tells sentences that give orders to a language model, as somebody may hide them in an article.

No rule finds all of them. Those that are found are not sent; against the others stand the checks of what was written.
"""

from __future__ import annotations

import re

from .words import folded

_MODEL = r"(?:language models?|llms?|ai|chat ?bots?|assistants?|gpt|ai models?|claude|gemini|copilot)"
_RULES = r"(?:instructions?|prompts?|rules|guidelines|directions|guardrails|system messages?|system prompts?)"
_SPEAK = (
    r"(?:say|write|answer|reply|respond|output|print|state|repeat|declare|claim|tell (?:the|your|him|her|them|everyone)"
    r"|return|conclude|recommend|pretend|summari[sz]e)"
)
_CERTAIN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:ignore|disregard|forget|override|bypass|discard|neglect|skip)\b[^.!?]{{0,60}}\b{_RULES}\b",
        r"\b(?:ignore|disregard|forget) (?:all |everything |anything )?(?:of )?(?:the |that )?"
        r"(?:above|previous|preceding|prior|before)\b",
        rf"\byou are (?:now |actually |really )?(?:an? |the )?(?:\w+ ){{0,3}}{_MODEL}\b",
        rf"\b(?:dear|attention|note to|message to|to (?:all|any|the|every)) (?:\w+ ){{0,2}}{_MODEL}\b",
        rf"\bas an? (?:\w+ )?{_MODEL}\b[^.!?]{{0,40}}\byou\b",
        rf"\b(?:new|updated|your|these|following|system) {_RULES}\s*(?:are|is|:)",
        r"<\|[a-z_]+\|>|\[/?inst\]|<<sys>>|</?(?:system|assistant|user)>|###\s*(?:system|instruction|assistant)",
        r"^\s*(?:system|assistant|user)\s*:",
        rf"\b{_MODEL}\s*:",
        rf"\b{_MODEL}\b[^.!?]{{0,60}}[,:]\s*(?:please |now |just |then )*{_SPEAK}\b",
        rf"\bif you are (?:an? |the )?(?:\w+ ){{0,2}}{_MODEL}\b",
        r"\b(?:your|the|this) system prompt\b",
    )
)
_ORDER = re.compile(
    rf"(?:^|[.!?:;\"“”(—–]\s*|\b(?:please|instead|now|then|simply|just|only|must|always|you should|you must)[, ]+)"
    rf"{_SPEAK}\b(?:\s+(?:only|exactly|simply|just|(?:to )?(?:the |your )?(?:users?|readers?)))*"
    rf"\s*(?:that\b|[:\"“']|the following\b|with\b|only\b|exactly\b|nothing but\b|in all caps\b)",
    re.IGNORECASE,
)


def gives_orders(text: str) -> bool:
    """Whether a text reads like an order to a language model instead of a report to a reader."""
    plain = folded(text)
    return any(pattern.search(plain) for pattern in _CERTAIN) or _ORDER.search(plain) is not None
