"""The read path: passages for a question, and an answer in which every statement has its footnote."""

from rag.answer import ask
from rag.passages import retrieve

__all__ = ["ask", "retrieve"]
