"""The page on which a person signs in: a form and nothing else, no script, nothing from elsewhere."""

from __future__ import annotations

import functools
import html
from pathlib import Path

from starlette.responses import HTMLResponse

from ..words import DEFAULT, say, speaking, told

SIGN_IN = "/account/sign-in"
SIGN_OUT = "/account/sign-out"
STYLE = "/account/style.css"

_FOLDER = Path(__file__).parent
_TYPEFACES = _FOLDER.parent / "page" / "fonts.css"
_LONGEST_SHOWN = 200

_PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{sign_in} – Pullquote</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{style}">
</head>
<body>
<main>
<h1>Pullquote</h1>
<p class="promise">{promise}</p>
{problem}<form method="post" action="{action}">
<input type="hidden" name="to" value="{to}">
<label for="name">{user_name}</label>
<input id="name" name="name" value="{name}" maxlength="64" autocomplete="username" autocapitalize="none" \
spellcheck="false" required{name_focus}>
<label for="password">{password}</label>
<input id="password" name="password" type="password" maxlength="1000" autocomplete="current-password" \
required{password_focus}>
<button>{sign_in}</button>
</form>
<p class="hint">{help}</p>
</main>
</body>
</html>
"""
_PROBLEM = '<p class="problem" role="alert">{line}</p>\n'


def sign_in_page(
    problem: str = "", *, name: str = "", to: str = "", status: int = 200, language: str = DEFAULT
) -> HTMLResponse:
    """The page.

    Args:
        problem: a sentence on why it comes again, or an empty text.
        name: what was typed as the name.
        to: where to go afterwards.
        status: of the reply.
        language: of the page.
    """
    with speaking(language):
        problem = told(problem)
        words = {"sign_in": say("sign_in"), "promise": say("sign_in_promise"), "help": say("sign_in_help")}
        words |= {key: say(key) for key in ("user_name", "password")}
    page = _PAGE.format(
        language=language,
        **{key: html.escape(text) for key, text in words.items()},
        style=STYLE,
        action=SIGN_IN,
        problem=_PROBLEM.format(line=html.escape(problem)) if problem else "",
        name=html.escape(name[:_LONGEST_SHOWN]),
        to=html.escape(to),
        name_focus="" if name else " autofocus",
        password_focus=" autofocus" if name else "",
    )
    # With "no-referrer" browsers would send the form as if it came from nowhere (``Origin: null``).
    return HTMLResponse(page, status, headers={"Referrer-Policy": "same-origin", "Vary": "Accept-Language"})


@functools.cache
def style_sheet() -> str:
    """The style sheet, with the typefaces of the page."""
    return _TYPEFACES.read_text("utf-8") + (_FOLDER / "sign_in.css").read_text("utf-8")
