"""Pullquote answers questions about your articles and proves every answer by quoting it.

The public names of the packages ``index`` and ``qa``, in one place whose name no file of your own will hide::

    from pullquote import ArticleIndex, ask

    with ArticleIndex.open("my-articles") as index:
        index.add("stories/")
        print(ask(index, "Who ruled out an invasion?").quotes[0].text)
"""

from index import *  # noqa: F403
from index import __all__ as _index_names
from qa import *  # noqa: F403
from qa import __all__ as _qa_names

__version__ = "0.1.0"
__all__ = sorted([*_index_names, *_qa_names])  # noqa: PLE0605
