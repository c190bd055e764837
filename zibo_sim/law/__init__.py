"""The law book: every statutory value as data, with its clause, its words and how they are read."""

from zibo_sim.law.book import Law, book
from zibo_sim.law.entries import Document, Entry, Reading

__all__ = ["Document", "Entry", "Law", "Reading", "book"]
