"""Token embeddings, and the projection that gives logits over them."""

from torch import Tensor, nn

from attnlab.errors import between
from attnlab.models.special_tokens import PAD


class TokenEmbedding(nn.Module):
    """e(x) = sqrt(D) E[x], E ~ N(0, 1/D)        (Vaswani et al., 2017, section 3.4)

    Its output has unit variance, while the table itself is of the scale that an output projection tied to it needs.
    PAD's row starts at zero. Ids (B, T) -> (B, T, D). ValueError for a width below 1.
    """

    def __init__(self, vocab_size: int, dim: int) -> None:
        super().__init__()
        between(1, 2**20, "model", dim=dim)
        self.table = nn.Embedding(vocab_size, dim, padding_idx=PAD)
        nn.init.normal_(self.table.weight, std=dim**-0.5)
        nn.init.zeros_(self.table.weight[PAD])
        self.scale = dim**0.5

    def forward(self, ids: Tensor) -> Tensor:
        embedded: Tensor = self.table(ids) * self.scale  # (B, T, D)
        return embedded


def build_vocabulary_layers(
    source_vocab_size: int, target_vocab_size: int, dim: int, *, tie_embeddings: bool, share_embeddings: bool
) -> tuple[TokenEmbedding, TokenEmbedding, nn.Linear]:
    """The source embedding, the target embedding and the output projection D -> V.

    `tie_embeddings`: the output projection's weight is the target embedding's table (Press & Wolf, 2017).
    `share_embeddings`: one embedding serves source and target, whose vocabularies must then be one and the same;
    ValueError where their sizes already differ.
    """
    if share_embeddings and source_vocab_size != target_vocab_size:
        raise ValueError(
            "shared embeddings need one vocabulary for source and target, "
            f"got {source_vocab_size} and {target_vocab_size} tokens (set model.share_embeddings)"
        )
    source = TokenEmbedding(source_vocab_size, dim)
    target = source if share_embeddings else TokenEmbedding(target_vocab_size, dim)
    output = nn.Linear(dim, target_vocab_size)
    nn.init.zeros_(output.bias)
    if tie_embeddings:
        output.weight = target.table.weight
    else:
        nn.init.normal_(output.weight, std=dim**-0.5)
    return source, target, output
