"""Pullquote, as its README says."""

from pullquote import ArticleIndex, ask, retrieve


def add(folder, model, saved):
    index = ArticleIndex.open(saved)
    index.add([folder])
    return index


def searcher(index, model, k):
    def search(question):
        return [(hit.article.source, hit.text) for hit in retrieve(index, question, k=k)]

    return search


def answerer(index, model, k):
    def answer(question):
        return [(quote.article.source, quote.text) for quote in ask(index, question).quotes]

    return answer
