"""The steps of a mechanism that nobody has told in words: what its own code names, and how."""

from collections.abc import Iterator

from attnlab.commands.explain.steps.arithmetic import output, softmax
from attnlab.commands.explain.steps.step import Asked, Step, each_key, matrix_of, numbered, vector, vectors
from attnlab.commands.explain.watching import Note
from attnlab.commands.explain.words import alike
from attnlab.language import Words

OWN = ("weights", "combine")


def named_steps(asked: Asked) -> Iterator[Step]:
    """Each tensor that `weights`, or what it calls of the same file, gives a name; then softmax, weights and output."""
    for note in asked.notes:
        if note.statement and note.function != "combine" and note.value.is_floating_point():
            yield _as_it_lies(asked, note)
    if asked.scores is not None:
        yield from softmax(asked)
    else:
        weights = Words("The weights, as the mechanism defines them", "权重，按该机制的定义")
        yield each_key(weights, asked.labels, asked.weights, bars=True)
    yield from output(asked)


def _as_it_lies(asked: Asked, note: Note) -> Step:
    """For each key where it is as long as there are keys, for the query where it has one row for it."""
    title, value = alike(note.statement), note.value
    num_keys = len(asked.labels)
    if value.dim() > 4:  # of each pair
        value = value.reshape(-1, *value.shape[-3:])[0]  # (Tq, Tk, F)
        value = value[asked.place if value.size(0) > 1 else 0]
        return vectors(title, asked.labels, value) if value.size(0) == num_keys else numbered(title, value)
    matrix = matrix_of(value)
    if matrix.size(-1) == num_keys and matrix.size(0) in (1, asked.num_queries):
        return each_key(title, asked.labels, asked.pairs(value))
    if matrix.size(0) == num_keys and num_keys != 1:
        return vectors(title, asked.labels, matrix)
    if matrix.size(0) in (1, asked.num_queries):
        return vector(title, asked.query(value))
    return numbered(title, matrix)
