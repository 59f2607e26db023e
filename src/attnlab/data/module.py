"""What every data module is."""

from typing import Any, Protocol

from lightning.pytorch import LightningDataModule


class Codec(Protocol):
    """Between what users see and what models take; restorable from plain values."""

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of ids, pixels and classes, as a model's constructor takes them."""
        ...

    def state(self) -> dict[str, Any]:
        """Plain values, from which its class makes it again."""
        ...


class DataModule(LightningDataModule):
    """Examples in train, val and test, and their batches."""

    codec: Codec
    checksum: str  # sha256 of the raw data
    summary: dict[str, Any]  # plain values: what was counted
    signatures: dict[str, str] = {}  # noqa: RUF012  # what tells the baselines that the data brings from others
    start_batch: int  # batches of training already taken, on resume

    @property
    def sizes(self) -> dict[str, int]:
        """What the model's constructor takes of the data."""
        return self.codec.sizes

    def num_examples(self, split: str) -> int:
        """Examples of a split that batches hold."""
        raise NotImplementedError

    def num_train_batches(self, epoch: int, world_size: int) -> int:
        """Batches each of `world_size` processes takes in a pass."""
        raise NotImplementedError
