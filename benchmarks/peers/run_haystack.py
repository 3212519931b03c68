"""Haystack, as its pages on indexing and on retrieval by embeddings say; with words too as on hybrid retrieval.

The page on hybrid retrieval ends with a model that ranks again; here the joiner's own rank fusion orders the texts.
"""

from pathlib import Path

from haystack import Pipeline
from haystack.components.converters import TextFileToDocument
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)


def add(folder, model, saved):
    store = InMemoryDocumentStore()
    pipeline = Pipeline()
    pipeline.add_component("converter", TextFileToDocument())
    pipeline.add_component("splitter", DocumentSplitter())
    pipeline.add_component("embedder", SentenceTransformersDocumentEmbedder(model=model))
    pipeline.add_component("writer", DocumentWriter(store))
    pipeline.connect("converter", "splitter")
    pipeline.connect("splitter", "embedder")
    pipeline.connect("embedder", "writer")
    pipeline.run({"converter": {"sources": list(Path(folder).iterdir())}})
    store.save_to_disk(saved)
    return store


def searcher(store, model, k):
    pipeline = Pipeline()
    pipeline.add_component("embedder", SentenceTransformersTextEmbedder(model=model))
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=k))
    pipeline.connect("embedder.embedding", "retriever.query_embedding")

    def search(question):
        result = pipeline.run({"embedder": {"text": question}})
        return [(found.meta["file_path"], found.content) for found in result["retriever"]["documents"]]

    return search


def hybrid_searcher(store, model, k):
    pipeline = Pipeline()
    pipeline.add_component("embedder", SentenceTransformersTextEmbedder(model=model))
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=k))
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=k))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=k))
    pipeline.connect("embedder.embedding", "vectors.query_embedding")
    pipeline.connect("vectors", "joiner")
    pipeline.connect("words", "joiner")

    def search(question):
        result = pipeline.run({"embedder": {"text": question}, "words": {"query": question}})
        return [(found.meta["file_path"], found.content) for found in result["joiner"]["documents"]]

    return search
