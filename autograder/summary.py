"""What a class's results say together: distribution, shares, the most frequent mistakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from autograder.results import ExerciseResult, Result

BINS = 10


class Misconception(NamedTuple):
    """A mistake that students made in an exercise.

    Attributes:
        exercise: where.
        mistake: its name.
        sentence: what a student reads first about it.
        students: who made it, in order.
    """

    exercise: str
    mistake: str
    sentence: str
    students: tuple[str, ...]


class Share(NamedTuple):
    """How an exercise went.

    Attributes:
        exercise: its name.
        points: what it is worth.
        mean: mean score.
        verdicts: how many students had each verdict.
    """

    exercise: str
    points: float
    mean: float
    verdicts: dict[str, int]


def percent(result: Result) -> float:
    """Return a result's score as a percentage; 0 when there is nothing to gain."""
    return 100.0 * result.score / result.max_score if result.max_score else 0.0


def distribution(results: Sequence[Result]) -> list[int]:
    """Count the results in ten classes of score: 0 to under 10 %, ..., 90 to 100 %."""
    counts = [0] * BINS
    for result in results:
        counts[min(max(int(percent(result) * BINS / 100.0), 0), BINS - 1)] += 1
    return counts


def shares(results: Sequence[Result]) -> list[Share]:
    """Describe each exercise over the class, in the order of the notebook."""
    found: dict[str, list[ExerciseResult]] = {}
    for result in results:
        for name, item in result.exercises.items():
            found.setdefault(name, []).append(item)
    return [
        Share(
            name,
            max(item.max_score for item in items),
            sum(item.score for item in items) / len(items),
            dict(Counter(item.verdict for item in items).most_common()),
        )
        for name, items in found.items()
    ]


def misconceptions(results: Sequence[Result]) -> list[Misconception]:
    """List the mistakes that were made, the most frequent first."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for result in results:
        for name, item in result.exercises.items():
            if item.mistake and item.verdict != "pass":
                sentence = item.message.strip().partition("\n")[0]
                found.setdefault((name, item.mistake), []).append((result.student, sentence))
    ranked = [
        Misconception(
            exercise,
            mistake,
            Counter(sentence for _, sentence in cases).most_common(1)[0][0],
            tuple(sorted(student for student, _ in cases)),
        )
        for (exercise, mistake), cases in found.items()
    ]
    return sorted(ranked, key=lambda m: (-len(m.students), m.exercise, m.mistake))
