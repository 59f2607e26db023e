"""What a trained model is without some of its keys."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from attnlab.attention.ablation import by_definition, replaced, shells
from attnlab.attention.core import Role, Sides, with_side
from attnlab.attention.masks import allowed_mask
from attnlab.attention.past import keys_kept
from attnlab.attention.places import Places, with_places

NOTHING = 1e-20  # a share below which nothing is left to be scaled up


@contextmanager
def delete_keys(model: nn.Module, kept: Mapping[Role, Tensor]) -> Iterator[None]:
    """Take keys from every mechanism that stands in one of these roles: those not `kept` (B, Tq, Tk), bool.

    w'_ij = w_ij sum_j' |w_ij'| / sum_{j' kept} |w_ij'| for a kept j, else 0: what is left is renormalised, so that a
    query keeps its total (Serrano and Smith, 2019, section 3). One that is left with no weight at all spreads it evenly
    over what it may attend yet. With Tq = 1 all queries lose the same; a mechanism that is asked step after step, one
    query at a time, takes the next row at each. Nothing is left behind.
    """
    with ExitStack() as stack:
        for shell, core in shells(model):
            if shell.role in kept and isinstance(core, nn.Module):
                deletion = _Deletion(core.weights, kept[shell.role], causal=shell.role == "causal")
                stack.enter_context(keys_kept(core))
                stack.enter_context(replaced(core, "weights", deletion.weights))
                stack.enter_context(replaced(core, "forward", by_definition(core, deletion.weights)))
        yield


class _Deletion:
    """From one mechanism."""

    def __init__(self, definition: Callable[..., Tensor], kept: Tensor, *, causal: bool) -> None:
        self.definition, self.kept, self.causal = definition, kept, causal
        self.step = 0

    def weights(
        self,
        q: Tensor,
        k: Tensor,
        *,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
        side: Sides | None = None,
        places: Places | None = None,
    ) -> Tensor:
        told = with_side(side) | with_places(places)
        found = self.definition(q, k, key_mask=key_mask, bias=bias, **told)  # (B, H, Tq, Tk)
        kept = self._rows(q.size(-2)).unsqueeze(1)
        allowed = allowed_mask(q, k, causal=self.causal, key_mask=key_mask)
        left = found * kept
        before, after = (each.abs().sum(-1, keepdim=True) for each in (found, left))
        open_to = (kept if allowed is None else kept & allowed).expand_as(found)
        even = before * open_to / open_to.sum(-1, keepdim=True).clamp(min=1)
        enough = after > NOTHING * before
        return torch.where(enough, left * (before / torch.where(enough, after, 1.0)), even.to(found.dtype))

    def _rows(self, num_queries: int) -> Tensor:
        if self.kept.size(1) in (1, num_queries):
            return self.kept
        self.step += num_queries
        return self.kept[:, self.step - num_queries : self.step]
