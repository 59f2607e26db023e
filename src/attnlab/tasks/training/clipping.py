"""Gradient clipping that fused optimizers and mixed precision don't refuse."""

from typing import Any

import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.plugins import MixedPrecision


def check_clip_norm(max_norm: float | None) -> None:
    """ValueError for a `task.clip_norm` that is no norm."""
    if max_norm is not None and not max_norm > 0:  # which NaN isn't either
        raise ValueError(f"clip_norm must be above 0, or null, got {max_norm} (set task.clip_norm)")


def clip_gradients(task: LightningModule, optimizer: Any, max_norm: float | None) -> None:
    """Scale the gradients of an optimizer's parameters down to a joint norm of `max_norm`, if above; None: leave them.

    Lightning's own clipping raises for fused optimizers under mixed precision: those divide by the loss scale in their
    step, so that here gradients may still be multiples of it. bfloat16 has no loss scale.
    """
    if max_norm is None:
        return
    torch.nn.utils.clip_grad_norm_(_parameters(optimizer), max_norm * _scale(task, optimizer))


def clip_values(task: LightningModule, optimizer: Any, most: float) -> None:
    """Cut off each gradient of an optimizer's parameters that is farther from 0 than `most`."""
    torch.nn.utils.clip_grad_value_(_parameters(optimizer), most * _scale(task, optimizer))


def _scale(task: LightningModule, optimizer: Any) -> float:
    """By how much the gradients are still too large."""
    plugin = task.trainer.precision_plugin
    scaler = plugin.scaler if isinstance(plugin, MixedPrecision) else None
    # Fused ones alone say so, by an attribute that others don't have.
    divides = getattr(optimizer, "_step_supports_amp_scaling", False)
    return float(scaler.get_scale()) if scaler is not None and divides else 1.0


def _parameters(optimizer: Any) -> list[torch.nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]
