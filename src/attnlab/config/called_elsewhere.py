"""What keys and names that other libraries and papers use, or Chinese has, are here."""

from collections.abc import Sequence

from attnlab.config.chinese_names import in_english
from attnlab.errors import closest, guess

# How other libraries call what has another name here: the last parts of keys, the likeliest first.
KEYS_ELSEWHERE = {
    "accumulation": ("accumulate_grad_batches", "accumulate"),
    "batch": ("batch_size", "batch_tokens"),
    "batch_size": ("batch_tokens",),
    "beams": ("beam_size",),
    "check_val_every_n_epoch": ("val_check_interval",),
    "clip": ("clip_norm",),
    "d_model": ("dim",),
    "default_root_dir": ("output_root",),
    "depth": ("num_layers",),
    "dir": ("root",),
    "embed_dim": ("dim",),
    "enable_checkpointing": ("checkpoint_interval",),
    "device": ("accelerator",),
    "epochs": ("max_epochs",),
    "folder": ("root",),
    "gpus": ("devices",),
    "grad_clip": ("clip_norm",),
    "gradient_clip_val": ("clip_norm",),
    "heads": ("num_heads",),
    "hidden": ("dim",),
    "hidden_dim": ("dim",),
    "hidden_size": ("dim",),
    "iterations": ("max_steps",),
    "layers": ("num_layers",),
    "learning_rate": ("lr",),
    "limit_train_batches": ("max_steps",),  # a part of a pass, which the number of updates is not bound to
    "max_iters": ("max_steps",),
    "max_len": ("max_length", "max_source_length"),
    "momentum": ("betas",),
    "n_heads": ("num_heads",),
    "n_layers": ("num_layers",),
    "nhead": ("num_heads",),
    "num_epochs": ("max_epochs",),
    "num_gpus": ("devices",),
    "path": ("root",),
    "random_state": ("seed",),
    "src": ("source",),
    "steps": ("max_steps",),
    "tgt": ("target",),
    "units": ("dim",),
    "vocab": ("vocab_size", "max_size"),
    "wd": ("weight_decay",),
    "workers": ("num_workers",),
}
# What mechanisms, trainers, tasks, tokenizers and loggers are called elsewhere.
NAMES_ELSEWHERE = {
    "bahdanau": "additive",
    "bigbird": "block_sparse",
    "cuda": "gpu",
    "dot_product": "scaled_dot",
    "longformer": "local",
    "luong": "general",
    "mha": "scaled_dot",
    "mla": "latent_rotary",
    "multi_head": "scaled_dot",
    "multihead": "scaled_dot",
    "quiet": "off_by_one",
    "qk_layernorm": "qk_norm",
    "rope": "rotary",
    "rope_2d": "axial_rotary",
    "rope2d": "axial_rotary",
    "shifted_window": "swin",
    "sliding_window": "local",
    "softmax": "scaled_dot",
    "softmax1": "off_by_one",
    "sentencepiece": "bpe",
    "spm": "bpe",
    "squeeze_excite": "se",
    "mt": "translation",
    "natten": "neighbourhood",
    "neighborhood": "neighbourhood",
    "nmt": "translation",
    "pos": "ner",
    "tagging": "ner",
    "vanilla": "scaled_dot",
    "wandb": "default",
}

# What is taken for a mechanism, and is where one stands or what it may see there.
ROLES_ELSEWHERE = {
    "bidirectional": "self",
    "causal": "causal",
    "causal_self_attention": "causal",
    "cross": "cross",
    "cross_attention": "cross",
    "encoder_decoder": "cross",
    "masked": "causal",
    "self": "self",
    "self_attention": "self",
    "unidirectional": "causal",
    "交叉": "cross",
    "单向": "causal",
    "双向": "self",
    "因果": "causal",
    "掩码": "causal",
    "自": "self",
}


def called_here(name: str) -> str | None:
    """The name here of what elsewhere, or in Chinese, is called `name`, if it is known; of any group."""
    return NAMES_ELSEWHERE.get(_flat(name)) or in_english(name)


def no_mechanism(name: str, *, chosen: str = "") -> str:
    """What to say of a role that is taken for a mechanism; "" of others. `chosen`: what is written before a name."""
    role = ROLES_ELSEWHERE.get(_flat(name).removesuffix("机制").removesuffix("注意力"))
    if role is None:
        return ""
    return (
        f"it is a role that a model gives a mechanism, {role}, and no mechanism itself; scaled_dot serves it (write "
        f"{chosen}scaled_dot; attnlab explain scaled_dot --role {role} shows it, attnlab list grid which others do)"
    )


def name_guess(name: str, known: Sequence[str]) -> str:
    """` (did you mean ...?)` by what else a name is called, or by what is like it; nothing where nothing is."""
    here = called_here(name)
    if here is not None and here in known:
        return guess([here])
    last = f"_{here}_".split("_")[-2] if here else ""
    return guess([each for each in known if last and last in each.split("_")]) or closest(name, known)


def _flat(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")
