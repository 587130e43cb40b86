"""The sentences of `rag` and `index` that an answer carries, which come in English and whole, in the page's language.

What names a file or an option of the command line is left as it is: it is for whoever started the page.
"""

from app.words import say_again

NOTES = (
    "generation: the model was not asked, because no passage answers the question",
    "generation: {problem} Shown instead: the documents' own words.",
    "reranking: {problem}",
    "inference: {problem} Shown instead: the documents' own words.",
    "inference: {problem}",
    "language: {problem}",
    "names: {problem}",
    "{problem}. Generation {name} is used instead. Repair: footnoted build",
)

PROBLEMS = (
    "The question is in another language than the documents found: ask it in theirs.",
    "No sentence in the documents mentions {names}. Whoever holds the office there was asked about.",
    "The question is empty. Ask something the documents may answer.",
    "The question has {number} characters; up to {most} are read. Ask it more briefly.",
    "{name} did not answer within {seconds} seconds.",
    "{name} cannot be reached. Is the server running?",
    "{name} stopped in the middle of the answer.",
    "{name} answered with nothing that can be read as an answer.",
    "{name} wants a key. Put it into the environment: {key}",
    "{name} refuses the question (status {status}){reason}.",
    "{name} reports an error: {reason}",
    "The model's window of {window} tokens does not hold one passage ({needed} tokens) and an answer ({most}). Choose a"
    " model with a larger window.",
)  # fmt: skip


def say_note(note: str) -> str:
    """Something that was not done, or not as usual, with the reason."""
    return say_again(note, NOTES, problem=say_problem)


def say_problem(problem: str) -> str:
    """Why something could not be done."""
    return say_again(problem, PROBLEMS)
