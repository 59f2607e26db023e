"""The conformance checks can fail: each catches a mechanism with the fault that it is there to find."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from attnlab.feature_attention import Properties, SeFeatureAttention, SpatialSoftmaxFeatureAttention
from attnlab.feature_attention.conformance.checks import CHECKS


class LosesARow(SeFeatureAttention):
    def forward(self, x):
        return super().forward(x)[:, :, 1:]


class ReturnsFloat32(SeFeatureAttention):
    def forward(self, x):
        return super().forward(x).float()


class FailsOnASinglePosition(SeFeatureAttention):
    def weights(self, x):
        deviation = x - x.mean((2, 3), keepdim=True)
        return super().weights(x / deviation.square().sum((2, 3), keepdim=True).div(x[0, 0].numel() - 1))


class ChangesItsInput(SeFeatureAttention):
    def forward(self, x):
        output = super().forward(x)
        x.data.relu_()
        return output


class MapsLie(SeFeatureAttention):
    def combine(self, weights, x):
        return super().combine(weights.sqrt(), x)

    def forward(self, x):
        return super().combine(self.weights(x), x)


class MapsHaveAnotherShape(SeFeatureAttention):
    properties = Properties(weights_over="positions")


class IsNegative(SeFeatureAttention):
    def weights(self, x):
        return super().weights(x) - 0.5


class ExceedsOne(SeFeatureAttention):
    def weights(self, x):
        return 2 * super().weights(x)


class SumsOverTheBatch(SpatialSoftmaxFeatureAttention):
    """The softmax of a well-known tutorial: images compete with each other."""

    def weights(self, x):
        return self.score(x).softmax(0) * len(x)


class CutsTheWeightsGraph(SeFeatureAttention):
    def weights(self, x):
        return super().weights(x).detach()


class SeesOtherImages(SeFeatureAttention):
    def weights(self, x):
        return super().weights(x + x.mean(0, keepdim=True))


class TrainsOnOtherImages(SeFeatureAttention):
    def forward(self, x):
        return super().forward(x) + (x - x.detach()).sum(0)


class SeesOtherImagesInTraining(SeFeatureAttention):
    def forward(self, x):
        return super().forward(x - x.mean(0, keepdim=True) if self.training else x)


class MindsTheOrder(SeFeatureAttention):
    def combine(self, weights, x):
        return super().combine(weights, x.cumsum(3))


class MindsTheOrderOfItsRows(SeFeatureAttention):
    properties = Properties(weights_over="channels", equivariant_to="lines")

    def combine(self, weights, x):
        return super().combine(weights, x.cumsum(2))


class CutsTheGraph(SeFeatureAttention):
    def forward(self, x):
        return super().forward(x.detach() / 2 + x / 2)


class LosesPrecision(SeFeatureAttention):
    def combine(self, weights, x):
        return super().combine(weights * (1 if x.dtype.itemsize > 2 else 1.2), x)


class GrowsUnderAutocast(SeFeatureAttention):
    def combine(self, weights, x):
        return x * weights.float()[:, :, None, None] if x.dtype == torch.bfloat16 else super().combine(weights, x)


class ReadsMemoryInOrder(SeFeatureAttention):
    def forward(self, x):
        return super().forward(x.as_strided(x.shape, torch.empty(x.shape).stride()))


class HasAnIdleParameter(SeFeatureAttention):
    def __init__(self, channels, **arguments):
        super().__init__(channels, **arguments)
        self.idle = nn.Parameter(torch.zeros(3))


class DropsInEvaluation(SeFeatureAttention):
    def forward(self, x):
        return F.dropout(super().forward(x))


class LearnsInEvaluation(SeFeatureAttention):
    def __init__(self, channels, **arguments):
        super().__init__(channels, **arguments)
        self.register_buffer("count", torch.zeros(()))

    def forward(self, x):
        self.count += 1
        return super().forward(x)


class ForgetsItsState(SeFeatureAttention):
    def __init__(self, channels, **arguments):
        super().__init__(channels, **arguments)
        self.register_buffer("noise", torch.randn(()), persistent=False)

    def forward(self, x):
        return super().forward(x * self.noise)


class ShowsNothing(SeFeatureAttention):
    def forward(self, x):
        return super().combine(super().weights(x), x)


class ShowsWhatIsNotThere(SeFeatureAttention):
    def forward(self, x):
        output = super().forward(x)
        self.weights(2 * x)
        return output


class KeepsAPlainTensor(SeFeatureAttention):
    def __init__(self, channels, **arguments):
        super().__init__(channels, **arguments)
        self.gain = {"first": torch.ones(channels)}


FAULTS = [
    (LosesARow, "shape_and_dtype_are_kept"),
    (ReturnsFloat32, "shape_and_dtype_are_kept"),
    (FailsOnASinglePosition, "shape_and_dtype_are_kept"),
    (ChangesItsInput, "shape_and_dtype_are_kept"),
    (MapsLie, "forward_is_weights_combined"),
    (MapsHaveAnotherShape, "forward_is_weights_combined"),
    (IsNegative, "weights_keep_their_range_and_sum"),
    (ExceedsOne, "weights_keep_their_range_and_sum"),
    (SumsOverTheBatch, "weights_keep_their_range_and_sum"),
    (CutsTheWeightsGraph, "weights_carry_a_gradient"),
    (SumsOverTheBatch, "images_do_not_see_each_other"),
    (SeesOtherImages, "images_do_not_see_each_other"),
    (TrainsOnOtherImages, "images_do_not_see_each_other"),
    (SeesOtherImagesInTraining, "images_do_not_see_each_other"),
    (MindsTheOrder, "what_may_be_reordered_may"),
    (MindsTheOrderOfItsRows, "what_may_be_reordered_may"),
    (CutsTheGraph, "gradients_agree_with_differences"),
    (LosesPrecision, "bfloat16_stays_close"),
    (LosesPrecision, "autocast_stays_close"),
    (GrowsUnderAutocast, "autocast_stays_close"),
    (ReadsMemoryInOrder, "memory_layout_does_not_matter"),
    (HasAnIdleParameter, "every_parameter_is_trained"),
    (KeepsAPlainTensor, "every_tensor_is_registered"),
    (DropsInEvaluation, "evaluation_repeats_itself"),
    (LearnsInEvaluation, "evaluation_repeats_itself"),
    (ForgetsItsState, "a_saved_state_restores_everything"),
    (ShowsNothing, "a_capture_sees_the_weights"),
    (ShowsWhatIsNotThere, "a_capture_sees_the_weights"),
]


@pytest.mark.parametrize("fault, name", FAULTS, ids=lambda value: getattr(value, "__name__", value))
def test_check_catches(fault, name):
    check = next(check for check in CHECKS if check.__name__ == name)
    for sound in (SeFeatureAttention, SpatialSoftmaxFeatureAttention):
        check(sound)
    with pytest.raises(AssertionError):
        check(fault)


def test_every_check_catches_something():
    assert {name for _, name in FAULTS} == {check.__name__ for check in CHECKS}


def test_a_mechanism_that_is_no_module_or_hides_its_weights_is_named():
    class NotAModule:
        def __init__(self, channels, *, max_size): ...

    class Hides(nn.Identity):
        properties = Properties(weights_over="channels")

    with pytest.raises(AssertionError, match=r"a mechanism must be an nn\.Module, got NotAModule"):
        CHECKS[0](NotAModule)
    with pytest.raises(AssertionError, match="then there must be a method weights"):
        CHECKS[1](Hides)
