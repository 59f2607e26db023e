"""What others call an argument, torch's nn.MultiheadAttention above all, and what stands for it here."""

from collections.abc import Mapping, Sequence

PAIRS = (
    "a mask of pairs goes in as bias=, -inf where a key may not be attended: torch.zeros(mask.shape)"
    ".masked_fill(mask, -math.inf) for nn.MultiheadAttention's, which is True there, ~mask for one that is True where "
    "a key may be attended"
)
WEIGHTS = "write output, weights = attention.attend(query, ...)"
CACHE = "write kv = attention.project(key) and attention(query, kv=kv)"
ALREADY = "it is so already; drop it"
CALLED: Mapping[str, str] = {
    "attn_mask": PAIRS,
    "src_mask": PAIRS,
    "tgt_mask": PAIRS,
    "key_padding_mask": "write key_mask=~key_padding_mask, which is True where a key may be attended",
    "src_key_padding_mask": "write key_mask=~src_key_padding_mask, which is True where a key may be attended",
    "attention_mask": "write key_mask=attention_mask.bool(), True where a key may be attended",
    "mask": "a mask of keys (B, Tk) goes in as key_mask=, True where a key may be attended; " + PAIRS,
    "is_causal": 'build it with role="causal", and drop it',
    "causal": 'build it with role="causal", and drop it',
    "need_weights": WEIGHTS,
    "return_weights": WEIGHTS,
    "return_attention": WEIGHTS,
    "return_attention_scores": WEIGHTS,
    "output_attentions": WEIGHTS,
    "average_attn_weights": f"{WEIGHTS} and weights.mean(1) over the heads",
    "past_key_value": CACHE,
    "past_key_values": CACHE,
    "use_cache": CACHE,
    "cache": CACHE,
    "dropout_p": "build it with dropout=",
    "position_bias": "write bias=",
    "q": "write query=",
    "k": "write key=",
    "v": "write value=",
    "x": "write query=",
    "memory": "write key=",
    "context": "write key=",
    "hidden_states": "write query=",
}
"""By an argument of a call, what to do instead."""
BUILT: Mapping[str, str] = {
    "embed_dim": "dim",
    "d_model": "dim",
    "hidden_size": "dim",
    "kdim": "key_dim",
    "vdim": "value_dim",
    "num_attention_heads": "num_heads",
    "nhead": "num_heads",
    "n_heads": "num_heads",
    "heads": "num_heads",
    "num_key_value_heads": "num_kv_heads",
    "dropout_p": "dropout",
    "attention_dropout": "dropout",
    "max_len": "max_length",
    "max_seq_len": "max_length",
    "max_position_embeddings": "max_length",
}
"""By an argument that attention is built with, its name here."""
BUILT_OTHERWISE: Mapping[str, str] = {
    "batch_first": f"inputs are (B, T, D) always: {ALREADY}",
    "bias": f"the projections have biases: {ALREADY}",
    "add_bias_kv": "no mechanism adds a key of its own; sink has a learned place for what no key gets: drop it",
    "add_zero_attn": "what adds a key of zeros is like the mechanism off_by_one: build that, and drop it",
    "is_causal": 'write role="causal"',
    "causal": 'write role="causal"',
    "bidirectional": 'write role="self" or role="causal"',
    "cross_attention": 'write role="cross"',
    "device": "write build_attention(...).to(device)",
    "dtype": "write build_attention(...).to(dtype)",
    "head_dim": "a head is dim / num_heads wide: drop it",
}
"""Likewise, where another name wouldn't do."""


def in_a_call(name: str) -> str:
    """What to do instead of giving a call an argument of this name; "" where nothing tells."""
    return CALLED.get(name, "")


def in_building(name: str, value: object, taken: Sequence[str]) -> str:
    """Likewise, of what attention is built with; `taken` are the names that it takes."""
    here = BUILT.get(name, "")
    if here in taken:
        return f"what is called so elsewhere is {here} here (write {here}={value!r})"
    return BUILT_OTHERWISE.get(name, "")
