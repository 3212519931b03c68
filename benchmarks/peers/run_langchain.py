"""LangChain with FAISS, as its tutorial on semantic search says; with words too as its page on ensembles says."""

from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.document_loaders import DirectoryLoader, TextLoader
from langchain_community.retrievers import BM25Retriever
from langchain_community.vectorstores import FAISS
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter


def add(folder, model, saved):
    documents = DirectoryLoader(folder, glob="*.txt", loader_cls=TextLoader).load()
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
    chunks = splitter.split_documents(documents)
    store = FAISS.from_documents(chunks, HuggingFaceEmbeddings(model_name=model))
    store.save_local(saved)
    return store, chunks


def searcher(index, model, k):
    store, _ = index

    def search(question):
        return [(found.metadata["source"], found.page_content) for found in store.similarity_search(question, k=k)]

    return search


def hybrid_searcher(index, model, k):
    store, chunks = index
    words = BM25Retriever.from_documents(chunks, k=k)
    vectors = store.as_retriever(search_kwargs={"k": k})
    ensemble = EnsembleRetriever(retrievers=[words, vectors], weights=[0.5, 0.5])

    def search(question):
        return [(found.metadata["source"], found.page_content) for found in ensemble.invoke(question)[:k]]

    return search
