"""txtai, as its pages on segmentation and on embeddings say, with vectors and words (``hybrid``)."""

from pathlib import Path

from txtai import Embeddings
from txtai.pipeline import Segmentation


def add(folder, model, saved):
    segment = Segmentation(paragraphs=True)
    chunks = []
    for file in Path(folder).iterdir():
        chunks += [(str(file), chunk) for chunk in segment(file.read_text("utf-8"))]
    embeddings = Embeddings(content=True, hybrid=True, path=model)
    embeddings.index(chunks)
    embeddings.save(saved)
    return embeddings


def hybrid_searcher(embeddings, model, k):
    def search(question):
        return [(found["id"], found["text"]) for found in embeddings.search(question, k)]

    return search
