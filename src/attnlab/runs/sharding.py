"""Fully sharded training (FSDP2): each process keeps a share of the weights, gradients and optimizer states."""

from types import MethodType
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.strategies import ModelParallelStrategy
from torch.distributed.checkpoint.state_dict import StateDictOptions, set_model_state_dict
from torch.distributed.fsdp import FSDPModule, fully_shard, register_fsdp_forward_method


def strategy(world_size: int) -> ModelParallelStrategy:
    """Data parallel over all processes; checkpoints are one file, the same as of any other run."""
    return ModelParallelStrategy(
        data_parallel_size=world_size, tensor_parallel_size=1, save_distributed_checkpoint=False
    )


def make_shardable(task: LightningModule) -> None:
    """Have Lightning shard the task when its processes have found each other.

    As one group: the weights are gathered for a training step and shared out again after it. Gathering layer by layer
    would need less memory still, and that nothing of a layer is used but by calling the layer; a decoder's keys and
    values are projected ahead of it, once for all steps.
    """

    def configure_model(self: LightningModule) -> None:
        if not isinstance(self, FSDPModule):
            fully_shard(self, mesh=self.device_mesh["data_parallel"])  # type: ignore[index]  # the strategy made it
            register_fsdp_forward_method(self, "training_step")

    task.configure_model = MethodType(configure_model, task)  # type: ignore[method-assign]  # of this one alone


def load_weights(task: LightningModule, weights: dict[str, Any]) -> None:
    """Whole weights, which every process has read, into a task that may be sharded."""
    set_model_state_dict(task, weights, options=StateDictOptions(full_state_dict=True))


class WholeInEvaluation(Callback):
    """Keeps the weights gathered while a model is evaluated.

    Decoding calls more of a model than its `forward`, each process as often as its own share of the data takes, and
    gathering is work of all processes at once.
    """

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        _gather(pl_module)

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        _gather(pl_module)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, FSDPModule)
        pl_module.reshard()


def _gather(task: LightningModule) -> None:
    assert isinstance(task, FSDPModule)
    task.unshard()
