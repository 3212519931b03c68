"""LlamaIndex, as its starter tutorial says; with words too as its page on reciprocal rank fusion says."""

from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.settings import Settings
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever


def add(folder, model, saved):
    Settings.embed_model = HuggingFaceEmbedding(model_name=model)
    documents = SimpleDirectoryReader(folder).load_data()
    index = VectorStoreIndex.from_documents(documents)
    index.storage_context.persist(saved)
    return index


def searcher(index, model, k):
    retriever = index.as_retriever(similarity_top_k=k)

    def search(question):
        return [(found.metadata["file_path"], found.text) for found in retriever.retrieve(question)]

    return search


def hybrid_searcher(index, model, k):
    Settings.llm = None
    words = BM25Retriever.from_defaults(docstore=index.docstore, similarity_top_k=k)
    vectors = index.as_retriever(similarity_top_k=k)
    retriever = QueryFusionRetriever(
        [vectors, words], similarity_top_k=k, num_queries=1, mode="reciprocal_rerank", use_async=False
    )

    def search(question):
        return [(found.metadata["file_path"], found.text) for found in retriever.retrieve(question)]

    return search
