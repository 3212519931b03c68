"""Follow-up questions: what is searched when a question leans on the ones before."""

from .resolving import Resolved, resolve
from .sources import about_last_answer

__all__ = ["Resolved", "about_last_answer", "resolve"]
