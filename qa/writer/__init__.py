"""A short answer in prose, from the quotes that were chosen already, by a language model of the user's own.

The model never touches a quote. Each of its sentences names the quotes that it tells, and is checked against them
before anybody sees it; what the quotes do not carry is marked as not supported. Whatever happens to the model's
server, the answer made of quotes stands.
"""

from .settings import WriterSettings
from .writing import write, write_stream
from .written import Notice, Written, WrittenSentence

__all__ = ["Notice", "WriterSettings", "Written", "WrittenSentence", "write", "write_stream"]
