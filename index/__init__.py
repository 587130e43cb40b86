"""The write path: a folder of articles becomes an index that can be asked."""

from index.opened import open_index
from index.sync import build

__all__ = ["build", "open_index"]
