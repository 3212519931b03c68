"""The words of a text, made comparable: what two sentences share, whatever case, apostrophe or ending they use."""

from __future__ import annotations

import re
import unicodedata

WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'"})
_ENDINGS = ("ingly", "edly", "ing", "ies", "ied", "ed", "es", "ly", "s", "e")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
EMPTY_WORDS = frozenset(
    "a about above across after again against ago all almost along already also although am among an and another any "
    "are aren't around as at away be because been before behind being below between both but by came can can't cannot "
    "come could couldn't currently despite did didn't do does doesn't doing don't done down during each either else "
    "even ever every few finally first following for former from further furthermore get gets given go goes going got "
    "had hadn't has hasn't have haven't having he hence her here hers herself him himself his how however if in indeed "
    "inside instead into is isn't it its itself just last later latter least less let like made make many may "
    "meanwhile might mine more moreover most much must my near neither never nevertheless next no nobody none nor not "
    "nothing now of off often on once one only onto or other others otherwise our out outside over overall own per "
    "perhaps put rather really said same say saying says several shall she should shouldn't since so some someone "
    "something soon still such take taken than that that's the their theirs them themselves then there therefore these "
    "they thing things this those though through throughout thus to together too took toward towards under until up "
    "upon us very was wasn't we well went were weren't what when where whereas whether which while who whom whose why "
    "will with within without won't would wouldn't yes yet you your".split()
)
"""English words that say nothing of their own about a subject."""


def folded(text: str) -> str:
    """Compatibility forms, apostrophes, invisible characters and white space made one; case is kept."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).translate(_APOSTROPHES)
    return " ".join(seen.split())


def name_of(word: str) -> str:
    """A word without its case and possessive ending, and an abbreviation without its stops."""
    plain = word.casefold().translate(_APOSTROPHES).removesuffix("'s").rstrip("'")
    return plain.replace(".", "") if re.fullmatch(r"(?:\w\.)+\w?", plain) else plain


def names_in(text: str) -> list[str]:
    """All words of a text as ``name_of`` gives them, in order; parts around a hyphen on their own as well as whole."""
    found: list[str] = []
    for match in WORD.finditer(folded(text)):
        whole = name_of(match[0])
        parts = [name_of(part) for part in match[0].split("-")]
        found += parts if len(parts) > 1 else []
        found.append(whole)
    return found


def stem(word: str) -> str:
    """A word without its usual English ending; crude, and the same on both sides of a comparison."""
    found = name_of(word)
    for ending in _ENDINGS:
        if found.endswith(ending) and len(found) - len(ending) >= 3:
            found = found.removesuffix(ending) + ("y" if ending in ("ies", "ied") else "")
            break
    return found[:-1] if len(found) > 3 and found[-1] == found[-2] else found


def telling(text: str) -> list[str]:
    """The stems of a text's words that say something about its subject, in order."""
    words = (part for match in WORD.finditer(folded(text)) for part in match[0].split("-"))
    return [stem(word) for word in words if word.casefold() not in EMPTY_WORDS and (len(word) > 1 or word.isdigit())]
