"""What a trained convolutional net is without what its attention has learned."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from torch import Tensor, nn

from attnlab.attention.ablation import ablate_attention, replaced
from attnlab.feature_attention.contract import WeighingFeatureAttention, is_feature_attention


@contextmanager
def ablate_feature_attention(model: nn.Module) -> Iterator[list[str]]:
    """Replace the weights of every mechanism on feature maps by each image's mean weight while the block runs.

        with ablate_feature_attention(model) as paths:   # of those that learn; none where the model has none
            model(images)

    So an image is weighed as much as before, and all of its channels and positions alike. The attention inside of
    `non_local` and `axial`, and any other, is spread evenly as `ablate_attention` does. Nothing is left behind.
    """
    with ablate_attention(model) as paths, ExitStack() as stack:
        for path, module in model.named_modules():
            mechanism: object = module
            if not isinstance(mechanism, WeighingFeatureAttention) or not is_feature_attention(mechanism):
                continue
            if mechanism.properties.weights_over is not None:
                stack.enter_context(replaced(module, "weights", _mean(mechanism.weights)))  # which forward calls
                paths.append(path)
        yield paths


def _mean(definition: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def weights(x: Tensor) -> Tensor:
        found = definition(x)  # (B, C), (B, 1, H, W) or (B, C, H, W)
        return found.mean(tuple(range(1, found.dim())), keepdim=True).expand_as(found)

    return weights
