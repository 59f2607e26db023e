"""Build a mechanism as models do and put every check of its contract to it."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

from torch import nn

from attnlab import feature_attention
from attnlab.attention import Core, Role, RoleError
from attnlab.attention.conformance import checks as attention_conformance
from attnlab.attention.conformance.first_use import use
from attnlab.attention.conformance.inputs import build_core, build_shell
from attnlab.attention.conformance.shell import SIBLING_CHECKS
from attnlab.attention.conformance.sibling import Sibling
from attnlab.attention.conformance.sides import without_wrapper
from attnlab.attention.core_checks import lacks, member_of, miscalled, miscalled_method, missing, without_super
from attnlab.commands.check.target import DEFINED_IN, Contract, Target, described
from attnlab.errors import UserError
from attnlab.feature_attention.conformance import checks as feature_conformance
from attnlab.feature_attention.conformance.first_use import use_on_maps
from attnlab.feature_attention.conformance.inputs import build as build_feature
from attnlab.runs.own_crash import device_hint

# Of each contract, besides forward.
METHODS: dict[Contract, dict[str, str]] = {
    "shell": {
        "project": "a method that gives a source's KeyValue, which is what a cache keeps",
        "attend": "a method that gives the output (B, Tq, D) and the weights (B, H, Tq, Tk)",
    },
}


@dataclass(frozen=True)
class Outcome:
    """What one check came to, in one role (None for a mechanism on feature maps): an empty message is a pass."""

    check: str
    role: Role | None
    message: str


@dataclass(frozen=True)
class Report:
    """All outcomes, in the suite's order; for attention the roles that it serves, and why it refuses others.

    Of a role in which it breaks at its first use there is the first check's outcome alone; if in all, it isn't usable.
    """

    target: Target
    outcomes: list[Outcome]
    roles: list[Role] = field(default_factory=list)
    refused: dict[Role, str] = field(default_factory=dict)
    is_usable: bool = True

    @property
    def passed(self) -> bool:
        return not any(outcome.message for outcome in self.outcomes)


def examine(target: Target) -> Report:
    """Run the suite of the contract that the mechanism implements, in every role that it serves.

    Raises:
        UserError: it can't be built, or lacks what the contract asks for.
    """
    if target.contract == "feature_attention":
        _check_members(target, _built(target, lambda: build_feature(target.factory)))
        feature_checks = feature_conformance.CHECKS
        if first := _first_use(target, feature_checks[0].__name__, None, use_on_maps, target.factory):
            return Report(target, [first], is_usable=False)
        return Report(target, [_outcome(target, each.__name__, None, each, target.factory) for each in feature_checks])
    refused = {role: reason for role in get_args(Role) if (reason := _refusal(target, role)) is not None}
    roles = [role for role in get_args(Role) if role not in refused]
    if not roles:
        reasons = "; ".join(f"{role}: {reason}" for role, reason in refused.items())
        raise UserError(f"{target.mechanism.__name__} serves no role: {reasons}")
    subject: Callable[..., Any] = target.factory
    checks: tuple[Callable[..., None], ...] = attention_conformance.CHECKS
    if target.contract == "shell":
        subject, checks = Sibling(target.factory), (*checks, *SIBLING_CHECKS)
    broken = {
        role: first for role in roles if (first := _first_use(target, checks[0].__name__, role, use, subject, role))
    }
    outcomes = [
        broken.get(role) or _outcome(target, check.__name__, role, check, subject, role)
        for check in checks
        for role in roles
        if role not in broken or check is checks[0]
    ]
    return Report(target, outcomes, roles, refused, is_usable=len(broken) < len(roles))


def _first_use(
    target: Target, name: str, role: Role | None, use_it: Callable[..., None], *arguments: Any
) -> Outcome | None:
    """The outcome, under the first check's name, of a mechanism that can't be used at all: every check would say it."""
    found = _outcome(target, name, role, use_it, *arguments)
    return found if found.message else None


def _refusal(target: Target, role: Role) -> str | None:
    """Why the mechanism refuses the role, or None where it serves it."""
    try:
        built = _built(target, lambda: _in_role(target, role), role)
    except RoleError as refusal:
        return str(refusal)
    _check_members(target, without_wrapper(built))
    return None


def _in_role(target: Target, role: Role) -> Any:
    return build_shell(target.factory, role)[0] if target.contract == "shell" else build_core(target.factory, role)


def _serves_another(target: Target, role: Role) -> bool:
    """Whether it can be built in another role, so that what it raises in this one is about the role."""
    for other in get_args(Role):
        try:
            if other != role:
                _in_role(target, other)
                return True
        except (Exception, SystemExit):  # whatever the user's constructor does
            continue
    return False


def _built(target: Target, build: Callable[[], Any], role: Role | None = None) -> Any:
    name, what = target.mechanism.__name__, "" if role is None else f" for the role {role}"
    try:
        return build()
    except RoleError:
        raise
    except ValueError as error:
        of_role = role is not None and "(set " not in str(error) and _serves_another(target, role)
        hint = " (raise attnlab.attention.RoleError for a role that can't be served)" if of_role else ""
        raise UserError(f"{name} can't be built{what}: {' '.join(str(error).split())}{hint}") from error
    except (Exception, SystemExit) as error:  # whatever the user's constructor does
        raise UserError(
            f"{name} can't be built{what}: {described(error, _file(target))}{without_super(error)}"
        ) from error


def _check_members(target: Target, built: Any) -> None:
    for member, wanted in _missing(target, built):
        raise UserError(f"{lacks(built, member, wanted)} ({DEFINED_IN[target.contract]})")
    for said in miscalled(built) if target.contract == "attention" else _miscalled_on_maps(target, built):
        raise UserError(said)


def _miscalled_on_maps(target: Target, built: Any) -> Iterator[str]:
    calls = {"forward": ("x",), "weights": ("x",), "combine": ("weights", "x")}
    for method, given in calls.items() if target.contract == "feature_attention" else ():
        if callable(member_of(built, method)) and (said := miscalled_method(built, method, given)) is not None:
            yield said


def _missing(target: Target, built: Any) -> Iterator[tuple[str, str]]:
    """What the contract asks for and the mechanism lacks, and what it is."""
    if target.contract == "attention":
        yield from missing(built)
        return
    if type(built).forward is nn.Module.forward:
        yield "forward", "a method that gives the output"
    for method, what in METHODS.get(target.contract, {}).items():
        if not callable(member_of(built, method)):
            yield method, what
    if target.contract == "shell":
        if not isinstance(member_of(built, "core"), Core):
            yield "core", f"the mechanism behind its projections ({DEFINED_IN['attention']})"
        return
    if not isinstance(member_of(built, "properties"), feature_attention.Properties):
        yield "properties", "an attnlab.feature_attention.Properties that says what holds of it"


def _outcome(target: Target, name: str, role: Role | None, check: Callable[..., None], *arguments: Any) -> Outcome:
    try:
        check(*arguments)
    except AssertionError as error:
        if not device_hint(error):  # which torch raises, too
            return Outcome(name, role, " ".join(str(error).split()))
        return Outcome(name, role, f"it breaks: {described(error, _file(target))}")
    except (Exception, SystemExit) as error:  # a mechanism that breaks fails the check; the others still run
        return Outcome(name, role, f"it breaks: {described(error, _file(target))}{_remedy(target, error)}")
    return Outcome(name, role, "")


def _remedy(target: Target, error: BaseException) -> str:
    """What to write where a KeyValue is taken for the pair that it was."""
    unpacks = isinstance(error, ValueError) and "too many values to unpack (expected 2" in str(error)
    if not unpacks or target.contract != "shell":
        return ""
    return " (of a KeyValue, which has sides and a mask, too, write kv.k and kv.v)"


def _file(target: Target) -> str | None:
    return inspect.getsourcefile(target.mechanism)
