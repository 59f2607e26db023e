"""Others' image classifiers in the shape of ours, to be trained by the very same command.

From the root of the checkout, three seeds of each at equal passes and recipe:

    attnlab train -m task=image_classification model=vit,timm_vit seed=0,1,2 --config-dir benchmarks/peers \\
        model.patch_size=7 trainer.max_epochs=4 trainer.threads=1 trainer.val_check_interval=79 optimizer.lr=1e-3
    attnlab train -m task=image_classification model=resnet,plain_resnet20 seed=0,1,2 --config-dir benchmarks/peers \\
        data.num_train=1500 trainer.max_epochs=8 trainer.threads=1 trainer.val_check_interval=44 optimizer.lr=3e-3

Their scores lie in outputs/image_classification/{vit-scaled_dot,timm_vit,resnet-none,plain_resnet20}/*/metrics.json.
"""

import timm.models.vision_transformer
import torch.nn.functional as F
from torch import Tensor, nn


class TimmViT(nn.Module):
    """timm's Vision Transformer with its own initial weights."""

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        height: int,
        width: int,
        patch_size: int,
        dim: int,
        num_heads: int,
        num_layers: int,
        feed_forward_dim: int,
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.network = timm.models.vision_transformer.VisionTransformer(
            img_size=(height, width),
            patch_size=patch_size,
            in_chans=in_channels,
            num_classes=num_classes,
            embed_dim=dim,
            depth=num_layers,
            num_heads=num_heads,
            mlp_ratio=feed_forward_dim / dim,
        )

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.network(images)
        return logits


class PlainResNet20(nn.Module):
    """ResNet-20 as many papers' code has it, with shortcuts of option A (He et al., 2016, section 4.2)."""

    def __init__(self, *, num_classes: int, in_channels: int, height: int, width: int) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.conv1 = nn.Conv2d(in_channels, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        widths = [16, 16, 16, 16, 32, 32, 32, 64, 64, 64]
        self.blocks = nn.Sequential(*map(PlainBlock, widths[:-1], widths[1:]))
        self.linear = nn.Linear(64, num_classes)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Conv2d)):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, images: Tensor) -> Tensor:
        x = self.blocks(F.relu(self.bn1(self.conv1(images))))
        logits: Tensor = self.linear(F.adaptive_avg_pool2d(x, 1).flatten(1))
        return logits


class PlainBlock(nn.Module):
    """Two convolutions and a shortcut."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.stride, self.more = channels // in_channels, channels - in_channels
        self.conv1 = nn.Conv2d(in_channels, channels, 3, self.stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        shortcut = x[:, :, :: self.stride, :: self.stride]
        return F.relu(y + F.pad(shortcut, (0, 0, 0, 0, 0, self.more)))
