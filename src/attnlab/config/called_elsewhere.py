"""What keys and names that other libraries and papers use are here."""

import re

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
    "self": "scaled_dot",
    "self_attention": "scaled_dot",
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

CLASS = re.compile(r"([A-Z]\w*)Attention")
WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # between those of a class's name


def called_here(name: str) -> str | None:
    """The name here of what elsewhere is called `name`, if it is known; of any group. Of a class of ours its file's."""
    if of_class := CLASS.fullmatch(name):
        made = WORDS.sub("_", of_class[1]).lower()
        return NAMES_ELSEWHERE.get(made, made)
    return NAMES_ELSEWHERE.get(name.lower().replace("-", "_"))
