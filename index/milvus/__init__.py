"""Vectors and words in Milvus, for an index that has outgrown one machine; the catalog stays the truth.

The same code serves Milvus Lite, which is a file in the index folder, a server, and a cluster: only the
address changes.
"""

from .address import LOCAL, META, Address, moved, recorded, to_record
from .caches import MilvusCaches

__all__ = ["LOCAL", "META", "Address", "MilvusCaches", "moved", "recorded", "to_record"]
