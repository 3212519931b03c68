"""The trained reader: a small network that reads question and passage together and says which sentence answers."""

from .span_reader import SpanReader, default_span_reader

__all__ = ["SpanReader", "default_span_reader"]
