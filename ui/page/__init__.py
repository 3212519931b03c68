"""The web page: a chat whose answers are quotes, beside it the article that a quote stands in, and the library.

``build_page`` makes it of Gradio's own parts, ``mount_options`` belong to it. Each view is a module: ``asking``,
``proof``, ``library``, ``adding``, ``chats``, ``keeping`` and ``checking`` make the HTML and the values of one view,
``conduct`` says what each action of the person does, and ``layout`` puts the parts in their places.
"""

from .layout import FONTS, SCRIPT, build_page, head, mount_options, style_sheet
from .starting import first_sight

__all__ = ["FONTS", "SCRIPT", "build_page", "first_sight", "head", "mount_options", "style_sheet"]
