"""What must stand on every page of a study's results, however short: arms that weren't done learning, are confounded or
of another size, gaps of matching, failures, how many runs there were, and whether any arm was tuned."""

from collections.abc import Iterator

from attnlab.runs import run_folder
from attnlab.study.ceiling import arms_at_best
from attnlab.study.earlier_looks import asked_before, judged_before
from attnlab.study.job_states import JobStates
from attnlab.study.run_warnings import run_warnings
from attnlab.study.running import Results
from attnlab.study.sizes import Size, apart
from attnlab.study.statistics.looks import alpha_at
from attnlab.study.still_improving import Trained, still_improving
from attnlab.study.tuning.outcomes import spent
from attnlab.study.verdict_table import caveats
from attnlab.study.wording import english
from attnlab.study.wording.contract import Wording
from attnlab.study.workshop import PlannedArm

KEYS = 3  # that are named


def marks(results: Results, words: Wording = english) -> Iterator[str]:
    """A sentence each."""
    yield from _training(results, words)
    for arm in results.plan.arms:
        yield from _of_arm(arm, results, words)
    if found := apart(_sizes(results), control=results.plan.study.control):
        yield words.sizes(found, control=results.plan.study.control)
    for name, why in results.plan.unmatched.items():
        yield words.unmatched(name, why)
    for job in results.jobs:
        if (state := results.failures.get(job.folder)) is not None:
            yield words.failed(job.arm, seed=job.seed, status=state.status, error=state.error)
    states = JobStates(results.plan.folder)
    for job in results.jobs:
        if (before := states.tried_again(job)) is not None:
            yield words.tried_again(job.arm, seed=job.seed, before=before)
    yield from (words.seeds_added(each) for each in judged_before(results.plan))
    yield from (words.asked_otherwise(*each) for each in asked_before(results.plan).items())
    yield from _looks(results, words)
    yield from caveats(results.judgement, words)


def ledger(results: Results, words: Wording = english) -> str:
    """What the arms cost, in a sentence."""
    costs = {each.name: each.costs for each in results.plan.arms}
    said = words.ledger(
        [
            (name, each.parameters.total, None if each.forward is None else each.forward.flops)
            for name, each in costs.items()
        ]
    )
    if results.plan.tuning is None:
        return said
    return f"{said}{' ' if words is english else ''}{words.tuning_cost(*spent(results.plan))}"


def _training(results: Results, words: Wording) -> Iterator[str]:
    """That training ended too soon for most arms, and what their runs were warned of."""
    arms: dict[str, list[Trained]] = {each.name: [] for each in results.plan.arms}
    for job in results.jobs:
        if job.folder not in results.failures and (record := run_folder.finished(job.folder)) is not None:
            arms[job.arm].append((job.folder, record))
    judgement = results.judgement
    best = arms_at_best(judgement)
    at_best = () if best is None else best.arms
    found = still_improving(arms, metric=judgement.metric, margin=judgement.margin, at_best=at_best)
    if found is not None:
        yield words.still_improving(found)
    yield from map(words.warned, run_warnings(arms))


def _sizes(results: Results) -> dict[str, Size]:
    return {
        each.name: Size(each.costs.parameters.total, None if each.costs.forward is None else each.costs.forward.flops)
        for each in results.plan.arms
    }


def _of_arm(arm: PlannedArm, results: Results, words: Wording) -> Iterator[str]:
    study = results.plan.study
    if arm.arm.confounded and arm.confounders:
        keys = [each.key for each in arm.confounders]
        more = max(0, len(keys) - KEYS)
        yield words.confounded(arm.name, control=study.control, keys=keys[:KEYS], more=more)
    if arm.matched is not None:
        yield words.matched(arm.name, arm.matched, flops=study.match == "flops")


def _looks(results: Results, words: Wording) -> Iterator[str]:
    """What earlier looks found that the last doesn't, and seeds that weren't needed."""
    study, taken = results.plan.study, list(results.judgements)
    if not study.looks:
        return
    yield words.looks([(each, alpha_at(study.looks, seeds=each)) for each in study.looks], last=taken[-1])
    for num_seeds, judgement in list(results.judgements.items())[:-1]:
        for name, verdict in judgement.of.items():
            if verdict.finding != results.judgement.of[name].finding:
                yield words.earlier_look(name, seeds=num_seeds, finding=verdict.finding)
