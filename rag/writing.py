"""A language model writes an answer from the passages, and each sentence is checked before it counts.

`written` gives back the answer as it grows: what is waited for, the words of the sentence that is being written, and
every sentence with its footnote or the mark that nothing supports it. The work is done in a thread of its own, so that
whoever reads along can leave at any moment: closing the iterator, or `Stop.press`, ends that thread.
"""

import queue
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.opened import Index
from rag.citations import Citation, cite
from rag.entailment import Nli
from rag.generation import Generator, Stage, Stop, Stopped, Usage
from rag.passages import Passage
from rag.prompt import ANSWER_TOKENS, REFUSAL, fitted
from rag.stream import SentenceStream
from rag.support import Checker, Support

DONE = Stage("")

LONGEST_ANSWER = 40 * ANSWER_TOKENS
"""Characters after which a model that was told to stop, and does not, is stopped."""

UNSUPPORTED = "not supported by the documents"
"""What is said of a sentence that the check struck."""


@dataclass(frozen=True)
class WrittenSentence:
    """A sentence that a model wrote: with the number of its footnote, or struck, for these reasons."""

    text: str
    citation: int | None = None
    problems: tuple[str, ...] = ()

    @property
    def supported(self) -> bool:
        """True where it has a footnote."""
        return self.citation is not None


@dataclass(frozen=True)
class Written:
    """What a language model wrote of the passages; refused where no sentence of it is supported by them."""

    generator: str
    sentences: tuple[WrittenSentence, ...] = ()
    text: str = ""  # the sentences with [n], struck ones marked; or the refusal
    refused: bool = False
    supported_share: float = 0.0  # of the sentences that were written
    passages_used: int = 0  # of those found, as many as its window holds
    passages_found: int = 0
    prompt_tokens: int = 0
    tokens: int = 0
    tokens_per_second: float = 0.0
    check_share: float = 0.0  # time of the checks, as a share of that of the writing
    megabytes: float | None = None  # that the model takes in this process, where that is known
    stage: Stage = field(default=DONE, repr=False, compare=False)
    unfinished: str = field(default="", repr=False, compare=False)  # not checked yet, and part of nothing


def written(
    question: str,
    passages: Sequence[Passage],
    index: Index,
    generator: Generator,
    cited: Sequence[Citation] = (),
    strict: bool = False,
    stop: Stop | None = None,
    nli: Nli | None = None,
) -> Iterator[tuple[Written, tuple[Citation, ...]]]:
    """The answer as it grows, each time with all citations: those there were already, then its own.

    cited: what is numbered already; a sentence supported by the same words takes the same number.
    strict: leaves out what nothing supports, instead of marking it.
    stop: ends it from outside; nothing more comes then.
    nli: a model whose verdict on each sentence is asked as well, see `rag.entailment`.

    Raises NliError where that one fails, and GeneratorError where the one that writes cannot be had or does not do its
    work.
    """
    stop = stop or Stop()
    if stop.pressed:
        return
    draft = _Draft(question, passages, index, generator, list(cited), strict, stop, nli)
    worker = threading.Thread(target=draft.run, name="footnoted-writing", daemon=True)
    worker.start()
    try:
        yield from draft.told()
    except GeneratorExit:  # nobody reads on
        stop.press()
        raise


def given_up(draft: Written) -> Written | None:
    """What counts of an answer that was stopped while it was written; None where nothing does."""
    if not any(one.supported for one in draft.sentences):
        return None
    return replace(draft, text=_text(draft.sentences), stage=DONE, unfinished="")


class _Draft:
    """One answer while it is written. `run` is the thread that writes, `told` what comes out of it."""

    def __init__(
        self, question: str, passages: Sequence[Passage], index: Index, generator: Generator,
        citations: list[Citation], strict: bool, stop: Stop, nli: Nli | None,
    ) -> None:  # fmt: skip
        self.question, self.passages, self.index = question, passages, index
        self.generator, self.strict, self.stop, self.nli = generator, strict, stop, nli
        self.citations = citations
        self.written = Written(generator.name, passages_found=len(passages))
        self.stream = SentenceStream()
        self.checker: Checker | None = None
        self.used: Sequence[Passage] = ()
        self.sentences: list[WrittenSentence] = []
        self.seen: set[str] = set()
        self.characters = self.pieces = 0
        self.first_at = 0.0
        self.check_s = 0.0
        self.out: queue.SimpleQueue[tuple[Written, tuple[Citation, ...]] | BaseException | None] = queue.SimpleQueue()

    def told(self) -> Iterator[tuple[Written, tuple[Citation, ...]]]:
        """What the thread tells, until it ends; what it raised is raised here."""
        with self.stop.waking(lambda: self.out.put(None)):
            while (one := self.out.get()) is not None and not self.stop.pressed:
                if isinstance(one, BaseException):
                    raise one
                yield one

    def run(self) -> None:
        """Writes the answer; every way it can end is told."""
        try:
            with self.generator.line.turn(self.tell, self.stop):
                self._write()
        except Stopped:
            pass
        except Exception as problem:
            self.out.put(problem)
        self.out.put(None)

    def tell(self, stage: Stage) -> None:
        """Says what is being done."""
        self._show(stage)

    def take(self, text: str) -> None:
        """The next words of the model. Raises _Enough where it only repeats itself or does not come to an end."""
        started = time.perf_counter()
        self.first_at = self.first_at or started
        self.pieces += 1
        self.characters += len(text)
        for sentence, numbers in self.stream.feed(text):
            self._sentence(sentence, numbers)
        self.check_s += time.perf_counter() - started
        self._show(Stage("writing"))
        if self.characters > LONGEST_ANSWER:
            raise _Enough

    def _write(self) -> None:
        self.generator.prepare(self.tell, self.stop)
        prompt = fitted(self.question, self.passages, self.generator.window, self.generator.count)
        self.used = prompt.passages
        self.checker = Checker(self.used, self.index, self.nli, self.question)
        self.written = replace(self.written, passages_used=len(self.used), prompt_tokens=prompt.tokens)
        self.tell(Stage("reading"))
        started = time.perf_counter()
        try:
            usage = self.generator.write(prompt.messages, ANSWER_TOKENS, self.take, self.tell, self.stop)
            if usage.complete:
                for sentence, numbers in self.stream.flush():
                    self._sentence(sentence, numbers)
        except _Enough:
            usage = Usage(prompt.tokens, self.pieces, time.perf_counter() - self.first_at)
        self._finish(usage, time.perf_counter() - started)

    def _sentence(self, text: str, numbers: Sequence[int]) -> None:
        """Checks a sentence and keeps it. A model that says the same twice says it for ever, so that is the end."""
        if _said(text) == _said(REFUSAL):
            return
        if _said(text) in self.seen:
            raise _Enough
        self.seen.add(_said(text))
        assert self.checker is not None
        support = self.checker.check(text, numbers)
        number = self._footnote(support) if support.supported else None
        self.sentences.append(WrittenSentence(text, number, support.problems))

    def _footnote(self, support: Support) -> int:
        """The number of the words that support a sentence; that of a citation of the same words, if there is one."""
        assert support.passage is not None
        assert support.start is not None
        assert support.end is not None
        passage = self.used[support.passage - 1]
        for known in self.citations:
            if (known.document_id, known.start, known.end) == (passage.document_id, support.start, support.end):
                return known.number
        number = len(self.citations) + 1
        self.citations.append(cite(number, passage.document_id, support.start, support.end, self.index, passage.copies))
        return number

    def _finish(self, usage: Usage, seconds: float) -> None:
        supported = [one for one in self.sentences if one.supported]
        self.written = replace(
            self.written,
            text=_text(self._kept()) if supported else REFUSAL,
            refused=not supported,
            prompt_tokens=usage.prompt_tokens or self.written.prompt_tokens,
            tokens=usage.tokens,
            tokens_per_second=round(usage.tokens_per_second, 1),
            check_share=round(self.check_s / seconds, 4) if seconds else 0.0,
            megabytes=getattr(self.generator, "megabytes", None),
        )
        self._show(DONE)

    def _show(self, stage: Stage) -> None:
        share = sum(one.supported for one in self.sentences) / len(self.sentences) if self.sentences else 0.0
        now = replace(
            self.written,
            sentences=tuple(self._kept()),
            supported_share=round(share, 4),
            stage=stage,
            unfinished=self.stream.rest if stage != DONE else "",
        )
        self.out.put((now, tuple(self.citations)))

    def _kept(self) -> list[WrittenSentence]:
        return [one for one in self.sentences if one.supported or not self.strict]


class _Enough(Exception):
    """The model does not come to an end by itself."""


def _said(sentence: str) -> str:
    """The words alone, for comparing."""
    return " ".join(re.findall(r"\w+", sentence.casefold()))


def _text(sentences: Sequence[WrittenSentence]) -> str:
    """The sentences as one text.

    The DEA has 334 offices. [1] ~~It has 90 in France.~~ (not supported by the documents)
    """
    return " ".join(
        f"{one.text} [{one.citation}]" if one.supported else f"~~{one.text}~~ ({UNSUPPORTED})" for one in sentences
    )
