"""Every error a person can cause or meet, as one sentence that names the thing and the remedy.

    FootnotedError          shown without a traceback, exit code 1
    ├── UsageError          the call itself is wrong: an option, a question, a folder (exit code 2)
    ├── NoIndex             nothing has been built here yet
    ├── DamagedIndex        no generation of the index can be trusted
    ├── BuildRunning        another build holds the lock
    ├── BuildFailed         a build stopped; the index is as it was before
    ├── ModelError          an embedding model is missing, unreadable or not the one of the index
    │   ├── RerankerError   a cross-encoder is missing, unreadable, of another kind, or cannot score the question
    │   └── NliError        a cross-encoder for inference is missing, unreadable or has other labels
    └── GeneratorError      a language model is missing, unreadable, cannot be reached or did not do its work

Anything else that is raised is a bug and keeps its traceback.
"""


class FootnotedError(Exception):
    """A sentence for the person at the keyboard; ``str(error)`` is that sentence."""

    exit_code = 1


class UsageError(FootnotedError):
    """The call is wrong: an unknown option or filter, an empty question, a folder that is not there."""

    exit_code = 2


class NoIndex(FootnotedError):
    """There is no index in the folder that was named."""


class DamagedIndex(FootnotedError):
    """No generation of the index is whole."""


class BuildRunning(FootnotedError):
    """Another process is building this index."""


class BuildFailed(FootnotedError):
    """A build could not be finished; the generation in use is the one from before."""


class ModelError(FootnotedError):
    """An embedding model is missing, damaged, or not the one the index was built with."""


class RerankerError(ModelError):
    """A cross-encoder is missing, damaged or of another kind, or cannot score this question."""


class NliError(ModelError):
    """A cross-encoder for natural language inference is missing, damaged or of another kind."""


class GeneratorError(FootnotedError):
    """A language model is missing or damaged, or its server cannot be reached or answers with rubbish."""
