"""Text becomes vectors: documents and questions through one model, on ONNX Runtime, or on PyTorch where it must.

    embedder = Embedder.load("all-MiniLM-L6-v2")     for a build; ``embedder.identity`` goes into the manifest
    embedder = Embedder.open(manifest_identity)      for questions: the same model or a ModelError
    embedder.encode_question("Who won?")             float32[dimension], length 1

Decided here: prompts, batches, what is clipped (questions) and what never is (documents). Which model it is and where
its prepared form lies is decided in ``index.models``.
"""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from index.errors import ModelError
from index.models import Model, ModelIdentity, PreparedModel, find_model, prepare, read_prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Encoding, Tokenizer

    Vectors = NDArray[np.float32]
    Spans = Sequence[tuple[int, int]]

# 8 is as fast as 32 and holds 290 MB instead of 670.
BATCH = 8
# On a graphics card, which a small batch leaves idle.
GPU_BATCH = 64
# Names of what an exported model computes: of a text, and of each of its word pieces.
VECTOR_OUTPUT, PIECES_OUTPUT = "sentence_embedding", "token_embeddings"
# Execution providers of ONNX Runtime, and severities of its log.
GPU, PROCESSOR = "CUDAExecutionProvider", "CPUExecutionProvider"
WARNING, FATAL = 2, 4
# Texts are sorted by length inside blocks, so that a batch has little padding: unsorted costs 12 %.
BLOCK = 512

log = logging.getLogger("footnoted")


class Runtime(Protocol):
    """What computes the vectors of one batch."""

    on_gpu: bool

    def vectors(self, texts: Sequence[str], ids: Sequence[list[int]], *, question: bool) -> Vectors:
        """float32[len(texts), dimension], rows of length 1. ``ids`` are the word pieces with prompt and specials."""
        ...

    def rest(self) -> None:
        """Give back the memory that long batches took."""
        ...


class Embedder:
    """A sentence-transformers model, ready to encode. Several threads may call one embedder at once."""

    def __init__(self, identity: ModelIdentity, tokenizer: Tokenizer, runtime: Runtime) -> None:
        self.identity = identity
        self._tokenizer = tokenizer
        self._runtime = runtime
        self._batch = GPU_BATCH if runtime.on_gpu else BATCH

    @classmethod
    def load(cls, model: str | Path | None = None) -> Embedder:
        """The embedder of a model: None for the default, a folder, or a name in the local Hugging Face cache.

        Exports the model first if this machine has not done so (about 15 seconds). Runs on a graphics card where
        onnxruntime-gpu is installed and finds one. Raises ModelError.
        """
        found = find_model(model)
        return _embedder(prepare(found), found.name, for_documents=True)

    @classmethod
    def open(cls, identity: ModelIdentity) -> Embedder:
        """The embedder an index was built with, from the cache folder alone where that is whole.

        Otherwise the model is looked for under its name and exported again; ModelError if it is not the same model.
        """
        prepared = read_prepared(identity.fingerprint)
        if prepared is None or not _is_whole(prepared):
            prepared = prepare(_same_model(identity))
        return _embedder(prepared, identity.name)

    @property
    def max_tokens(self) -> int:
        """How many word pieces the model reads, prompt and special tokens included."""
        return self.identity.max_tokens

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.identity.dimension

    @property
    def on_gpu(self) -> bool:
        """True where vectors are computed on a graphics card."""
        return self._runtime.on_gpu

    @property
    def has_piece_vectors(self) -> bool:
        """True where a part of a text has a vector at no cost: the text's own is the mean of its word pieces'."""
        return self._by_pieces is not None

    @property
    def _by_pieces(self) -> OnnxRuntime | None:
        """The runtime that gives out vectors of word pieces, where it does."""
        return self._runtime if isinstance(self._runtime, OnnxRuntime) and self.identity.has_piece_vectors else None

    def count(self, text: str) -> int:
        """How many word pieces a document text is to the model, document prompt and special tokens included."""
        return len(self._tokenizer.encode(self.identity.document_prompt + text))

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """The (start, end) of each word piece in code points of the text, without prompt and special tokens.

        >>> embedder.token_offsets("The overlookers")    # the overlook ##ers
        [(0, 3), (4, 12), (12, 15)]
        """
        return list(self._tokenizer.encode(text, add_special_tokens=False).offsets)

    def encode_question(self, question: str) -> Vectors:
        """float32[dimension] of length 1. A question longer than the model reads is clipped at its end."""
        ids = clipped(self._tokenizer, self.identity.question_prompt + question, self.max_tokens)
        vector: Vectors = self._runtime.vectors([question], [ids], question=True)[0]
        return vector

    def encode_question_words(self, question: str, spans: Spans) -> tuple[Vectors, Vectors]:
        """`encode_question`, and float32[len(spans), dimension] of these parts of it, each of length 1.

        spans: (start, end) in code points. A part that was clipped has the vector of the whole, and so has every part
        where there are no vectors of word pieces.
        """
        import numpy as np

        runtime = self._by_pieces
        if runtime is None:
            vector = self.encode_question(question)
            return vector, np.tile(vector, (len(spans), 1))
        prompt = self.identity.question_prompt
        ids = clipped(self._tokenizer, prompt + question, self.max_tokens)
        [vector], [pieces] = runtime.piece_vectors([ids])
        whole = self._tokenizer.encode(prompt + question)
        return vector, self._pooled(whole, len(prompt), spans, pieces[: len(ids)])

    def encode_texts(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """float32[len(texts), dimension], row i for text i, each of length 1.

        ``progress`` is called after each batch with the number of texts done. Raises ValueError for a text that the
        model would clip: its end would never be found, so chunks are made to fit.
        """
        import numpy as np  # 0.1 s

        vectors = np.empty((len(texts), self.dimension), np.float32)
        done = 0
        for rows, encodings in self._batches(texts):
            ids = [one.ids for one in encodings]
            vectors[rows] = self._runtime.vectors([texts[row] for row in rows], ids, question=False)
            done += len(rows)
            if progress is not None:
                progress(done)
        if len(texts) > self._batch:
            self._runtime.rest()
        return vectors

    def encode_chunks(
        self,
        texts: Sequence[str],
        spans: Sequence[Spans],
        progress: Callable[[int], None] | None = None,
        keep: Callable[[int, Vectors], Any] = lambda _, of_text: of_text,
    ) -> tuple[Vectors, list[Any]]:
        """As `encode_texts`, and for each text float32[len(spans[i]), dimension] of its spans, each of length 1.

        spans: for each text, the (start, end) of its sentences or words in code points.
        keep: what is to be returned of the i-th text's, where the vectors themselves take too much memory.
        A span's vector is the mean of its word pieces' vectors where the text's own is the mean of all (most
        sentence-transformers models); for other models the spans are encoded as texts of their own, at twice the cost.
        """
        runtime = self._by_pieces
        if runtime is None:
            return self.encode_texts(texts, progress), list(map(keep, count(), self._encoded_apart(texts, spans)))
        import numpy as np

        vectors = np.empty((len(texts), self.dimension), np.float32)
        of_spans: list[Any] = [None] * len(texts)
        shift = len(self.identity.document_prompt)
        done = 0
        for rows, encodings in self._batches(texts):
            vectors[rows], pieces = runtime.piece_vectors([one.ids for one in encodings])
            for row, encoding, of_pieces in zip(rows, encodings, pieces, strict=True):
                of_spans[row] = keep(row, self._pooled(encoding, shift, spans[row], of_pieces[: len(encoding)]))
            done += len(rows)
            if progress is not None:
                progress(done)
        if len(texts) > self._batch:
            runtime.rest()
        return vectors, of_spans

    def _encoded_apart(self, texts: Sequence[str], spans: Sequence[Spans]) -> list[Vectors]:
        import numpy as np

        cut = [text[start:end] for text, of_text in zip(texts, spans, strict=True) for start, end in of_text]
        borders = np.cumsum([0, *map(len, spans)])
        return np.split(self.encode_texts(cut), borders)[1:-1]

    def _pooled(self, encoding: Encoding, shift: int, spans: Spans, of_pieces: Vectors) -> Vectors:
        """The mean of the pieces of each span, of length 1; a span without a piece of its own gets the text's mean.

        shift: how many characters of prompt stand before the text. of_pieces: no more than the encoding has.
        """
        import numpy as np

        from index.sentence_vectors import unit_rows  # numpy, too

        if not spans:
            return np.empty((0, self.dimension), np.float32)
        offsets = encoding.offsets[: len(of_pieces)]
        words = [place for place, offset in enumerate(offsets) if offset != (0, 0)]  # no special tokens
        # By their ends alone: to many tokenizers the blank before a word is a part of it.
        ends = np.array([offsets[place][1] for place in words], int) - shift
        begins, stops = (np.searchsorted(ends, border, "right") for border in np.array(spans).T)
        of_words = of_pieces[words]
        pooled = np.empty((len(spans), self.dimension), np.float32)
        one = stops - begins == 1
        pooled[one] = of_words[begins[one]]  # most words
        pooled[begins == stops] = of_pieces.mean(axis=0)
        for span in np.flatnonzero(stops - begins > 1):
            of_words[begins[span] : stops[span]].sum(axis=0, out=pooled[span])
        return unit_rows(pooled)

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[Encoding]]]:
        """The rows of each batch with their word pieces. Longest first: memory grows once, and fails early."""
        for start in range(0, len(texts), BLOCK):
            block = [self.identity.document_prompt + text for text in texts[start : start + BLOCK]]
            encodings = self._tokenizer.encode_batch(block)  # several at once, and past the interpreter's lock
            for row, encoding in enumerate(encodings, start):
                self._refuse_clipped(texts[row], row, len(encoding))
            rows = sorted(range(len(block)), key=lambda row: -len(encodings[row]))
            for first in range(0, len(rows), self._batch):
                batch = rows[first : first + self._batch]
                yield [start + row for row in batch], [encodings[row] for row in batch]

    def _refuse_clipped(self, text: str, row: int, length: int) -> None:
        if length > self.max_tokens:
            raise ValueError(
                f"text {row} is {length} word pieces long and the model reads {self.max_tokens}: "
                f"it would be clipped ({text[:60]!r})"
            )


def clipped(tokenizer: Tokenizer, text: str, max_tokens: int) -> list[int]:
    """The word pieces of a text with its special tokens, at most ``max_tokens``.

    By hand: ``enable_truncation`` would change the tokenizer under the threads that count with it.
    """
    whole = tokenizer.encode(text)
    if len(whole.ids) <= max_tokens:
        return list(whole.ids)
    bare: Encoding = tokenizer.encode(text, add_special_tokens=False)
    bare.truncate(max_tokens - tokenizer.num_special_tokens_to_add(False))
    return list(tokenizer.post_process(bare).ids)


class OnnxRuntime:
    """The exported model: one session for documents and questions, since a second one would hold the weights twice.

    may_use_gpu: run on a graphics card where onnxruntime-gpu is installed and finds one. Not for questions: a session
    there takes a second to open, which a question on the processor does not take.
    """

    def __init__(self, graph: Path, padding_id: int, *, may_use_gpu: bool = False) -> None:
        import onnxruntime  # 0.1 s

        onnxruntime.disable_telemetry_events()
        self._session: Any = _gpu_session(onnxruntime, graph) if may_use_gpu else None
        self.on_gpu = self._session is not None
        if not self.on_gpu:
            self._session = onnxruntime.InferenceSession(graph, _session_options(onnxruntime), providers=[PROCESSOR])
        self._wants_token_types = "token_type_ids" in [given.name for given in self._session.get_inputs()]
        self._padding_id = padding_id
        self._tidy: Any = onnxruntime.RunOptions()
        self._tidy.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def vectors(self, texts: Sequence[str], ids: Sequence[list[int]], *, question: bool) -> Vectors:
        """float32[len(ids), dimension]; the texts themselves are not needed."""
        return self._run(ids)[0]

    def piece_vectors(self, ids: Sequence[list[int]]) -> tuple[Vectors, Vectors]:
        """float32[len(ids), dimension] and float32[len(ids), longest, dimension]."""
        vectors, pieces = self._run(ids, outputs=None)
        return vectors, pieces

    def rest(self) -> None:
        """Shrink the memory arena, from 340 MB after a block of full chunks to 170, at the end of a tiny batch."""
        self._run([[self._padding_id] * 2], self._tidy)

    def _run(
        self, ids: Sequence[list[int]], options: Any = None, outputs: Sequence[str] | None = (VECTOR_OUTPUT,)
    ) -> list[Vectors]:
        import numpy as np

        input_ids = np.full((len(ids), max(map(len, ids))), self._padding_id, np.int64)
        attention_mask = np.zeros_like(input_ids)
        for row, pieces in enumerate(ids):
            input_ids[row, : len(pieces)] = pieces
            attention_mask[row, : len(pieces)] = 1
        given = {"input_ids": input_ids, "attention_mask": attention_mask}
        if self._wants_token_types:
            given["token_type_ids"] = np.zeros_like(input_ids)
        made: list[Vectors] = self._session.run(outputs, given, options)
        return made


def _session_options(onnxruntime: Any) -> Any:
    options = onnxruntime.SessionOptions()
    # A question on two threads takes 3.5 ms, on one 5; documents need all there are.
    options.intra_op_num_threads = _usable_cores()
    options.inter_op_num_threads = 1
    # Spinning threads are no faster (61 chunks a second either way) and take the processor from FAISS and the page.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena stays: without it the peak is 400 MB instead of 270. A plan for every shape costs 25 MB and gains none.
    options.enable_mem_pattern = False
    return options


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _gpu_session(onnxruntime: Any, graph: Path) -> Any:
    """The session on a graphics card; None without onnxruntime-gpu, or, with a warning, where it cannot be used."""
    if GPU not in onnxruntime.get_available_providers():
        return None
    # What is missing is printed, and logged as an error before the session goes on without: one warning says it all.
    told = io.StringIO()
    onnxruntime.set_default_logger_severity(FATAL)
    try:
        with redirect_stdout(told):
            onnxruntime.preload_dlls()  # CUDA's libraries from their wheels, where nothing else looks
        session = onnxruntime.InferenceSession(
            graph,
            _session_options(onnxruntime),
            # TF32 rounds to 10 bits: an index built on a GPU must answer questions encoded on a processor.
            providers=[(GPU, {"use_tf32": "0"}), PROCESSOR],
            enable_fallback=0,
        )
        if GPU in session.get_providers():
            return session
        why = (told.getvalue().strip() or "the libraries of CUDA cannot be loaded").splitlines()[0]
    except Exception as error:  # ONNX Runtime's own have no class in common
        failure = re.search(r"CUDA failure \d+: [^;]+", str(error))
        why = (failure[0] if failure else str(error).strip() or type(error).__name__).splitlines()[0].strip()
    finally:
        onnxruntime.set_default_logger_severity(WARNING)
    log.warning(
        "onnxruntime-gpu is installed, but no graphics card can be used, so the processor computes the vectors (%s). "
        "It needs a card of NVIDIA, its driver, and: pip install 'onnxruntime-gpu[cuda,cudnn]'",
        why,
    )
    return None


class TorchRuntime:
    """The model on sentence-transformers, for one that does not export. PyTorch then shares the process with FAISS."""

    def __init__(self, model: Any, identity: ModelIdentity) -> None:
        self._model = model
        self.on_gpu = model.device.type != "cpu"
        # Some modules take no limit, and need none.
        with suppress(AttributeError):
            model.max_seq_length = identity.max_tokens
        self._prompts = {True: identity.question_prompt, False: identity.document_prompt}
        # Its modules keep state while they run.
        self._lock = Lock()

    def vectors(self, texts: Sequence[str], ids: Sequence[list[int]], *, question: bool) -> Vectors:
        """float32[len(texts), dimension]; sentence-transformers makes its own word pieces."""
        encode = self._model.encode_query if question else self._model.encode_document
        with self._lock:
            vectors: Vectors = encode(
                list(texts),
                prompt=self._prompts[question],
                batch_size=len(texts),
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return vectors

    def rest(self) -> None:
        """Nothing: PyTorch returns the memory of each layer at once."""


def load_sentence_transformer(folder: Path, device: str | None = None) -> Any:
    """The SentenceTransformer in a folder, quietly, in full precision and without a look at the network."""
    # Read when the hub's client is imported: a module of the model may try to fetch what it misses.
    os.environ["HF_HUB_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    chatter: Any = transformers_logging  # not typed
    chatter.set_verbosity_error()
    chatter.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    return SentenceTransformer(str(folder), device=device, local_files_only=True).float().eval()


def _is_whole(prepared: PreparedModel) -> bool:
    """As ``prepared.is_whole()``; the slow import goes on beside the hashing, which needs no interpreter."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        whole = beside.submit(prepared.is_whole)
        if prepared.identity.runtime == "onnx":
            import onnxruntime  # noqa: F401
    return whole.result()


def _same_model(identity: ModelIdentity) -> Model:
    """The model an index was built with, found again under its name; ModelError if the files there are others."""
    model = find_model(identity.name)
    if model.fingerprint != identity.fingerprint:
        raise ModelError(
            f"The index was built with another {identity.name}: its fingerprint is {identity.fingerprint}, that of "
            f"the model in {model.folder} is {model.fingerprint}. Bring that model back or build the index anew."
        )
    return model


def _embedder(prepared: PreparedModel, name: str, *, for_documents: bool = False) -> Embedder:
    from tokenizers import Tokenizer

    identity = replace(prepared.identity, name=name)
    tokenizer = Tokenizer.from_file(str(prepared.tokenizer))
    return Embedder(identity, tokenizer, _runtime(prepared, identity, for_documents))


def _runtime(prepared: PreparedModel, identity: ModelIdentity, for_documents: bool) -> Runtime:
    if identity.runtime == "onnx":
        return OnnxRuntime(prepared.graph, prepared.padding_id, may_use_gpu=for_documents)
    log.warning(
        "The embedding model %s runs on PyTorch, which is slower to start: it could not be exported (%s). "
        "To try again, remove %s",
        identity.name,
        prepared.why_torch,
        prepared.folder,
    )
    # A prepared model on PyTorch has no weights of its own, so its folder must still hold the same ones.
    return TorchRuntime(load_sentence_transformer(_same_model(identity).folder), identity)
