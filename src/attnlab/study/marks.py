"""What must stand on every page of a study's results, however short: confounded arms, gaps of matching, failures."""

from collections.abc import Iterator

from attnlab.study.running import Results
from attnlab.study.statistics.looks import alpha_at
from attnlab.study.workshop import PlannedArm


def marks(results: Results) -> Iterator[str]:
    """A sentence each."""
    for arm in results.plan.arms:
        yield from _of_arm(arm, results)
    for name, why in results.plan.unmatched.items():
        yield f"{name} isn't matched: {why}."
    for job in results.jobs:
        if (state := results.failures.get(job.folder)) is not None:
            yield f"{job.arm} with seed {job.seed} {state.status}: {state.error}."
    yield from _looks(results)


def ledger(results: Results) -> str:
    """What the arms cost, in a sentence."""
    costs = {each.name: each.costs for each in results.plan.arms}
    said = ", ".join(
        f"{name} {each.parameters.total:,}" + ("" if each.forward is None else f" and {each.forward.flops:,}")
        for name, each in costs.items()
    )
    return f"Parameters and FLOPs of a forward pass: {said}."


def _of_arm(arm: PlannedArm, results: Results) -> Iterator[str]:
    if arm.arm.confounded and arm.confounders:
        keys = [each.key for each in arm.confounders]
        shown = ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
        yield (
            f"{arm.name} is confounded: it differs from {results.plan.study.control} in more than its attention "
            f"({shown})."
        )
    if (found := arm.matched) is not None:
        far = ", more than 2 %" if found.far else ""
        what = "FLOPs" if results.plan.study.match == "flops" else "parameters"
        yield (
            f"{arm.name} has {found.cost:,} {what} for {found.target:,}, {found.gap:+.2%}{far} "
            f"({found.key}={found.value})."
        )


def _looks(results: Results) -> Iterator[str]:
    """What earlier looks found that the last doesn't, and seeds that weren't needed."""
    study, taken = results.plan.study, list(results.judgements)
    if not study.looks:
        return
    planned = ", ".join(f"{each} at alpha {alpha_at(study.looks, seeds=each):g}" for each in study.looks)
    yield f"Looks were planned at seeds {planned}; the last taken was at {taken[-1]}."
    for num_seeds, judgement in list(results.judgements.items())[:-1]:
        for name, verdict in judgement.of.items():
            if verdict.finding != results.judgement.of[name].finding:
                yield f"At {num_seeds} seeds {name} was {verdict.finding}."
