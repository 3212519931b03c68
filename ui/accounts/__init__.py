"""Accounts for a page that others can reach: passwords, signing in and out, and a gate before everything else.

``passwords`` makes and compares hashes, ``Throttle`` slows down who guesses, ``Doorkeeper`` puts both to use, and
``Gate`` asks it for every request. Accounts and sessions are stored in ``ui.store``.
"""

from .doorkeeper import Doorkeeper, Refused
from .gate import Gate, signed_in_owner
from .passwords import checked_password, hash_of

__all__ = ["Doorkeeper", "Gate", "Refused", "checked_password", "hash_of", "signed_in_owner"]
