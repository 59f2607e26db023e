"""Query-key-value attention: one shell, one mechanism per file."""

from attnlab.attention.ablation import ablate_attention
from attnlab.attention.capture import capture_attention
from attnlab.attention.core import Core, Properties, Role, RoleError, Side, reads
from attnlab.attention.deletion import delete_keys
from attnlab.attention.masks import all_of, allowed_mask, causal_mask, masked_softmax
from attnlab.attention.mechanisms.additive import AdditiveAttention
from attnlab.attention.mechanisms.alibi import AlibiAttention
from attnlab.attention.mechanisms.axial_rotary import AxialRotaryAttention
from attnlab.attention.mechanisms.block_sparse import BlockSparseAttention
from attnlab.attention.mechanisms.concat import ConcatAttention
from attnlab.attention.mechanisms.cosine import CosineAttention
from attnlab.attention.mechanisms.deltanet import DeltanetAttention
from attnlab.attention.mechanisms.differential import DifferentialAttention
from attnlab.attention.mechanisms.dilated import DilatedAttention
from attnlab.attention.mechanisms.dot import DotAttention
from attnlab.attention.mechanisms.entmax15 import Entmax15Attention
from attnlab.attention.mechanisms.forgetting import ForgettingAttention
from attnlab.attention.mechanisms.gated_deltanet import GatedDeltanetAttention
from attnlab.attention.mechanisms.gated_elementwise import GatedElementwiseAttention
from attnlab.attention.mechanisms.gated_headwise import GatedHeadwiseAttention
from attnlab.attention.mechanisms.gaussian_kernel import GaussianKernelAttention
from attnlab.attention.mechanisms.general import GeneralAttention
from attnlab.attention.mechanisms.gla import GlaAttention
from attnlab.attention.mechanisms.hard import HardAttention
from attnlab.attention.mechanisms.identity import IdentityAttention
from attnlab.attention.mechanisms.kda import KdaAttention
from attnlab.attention.mechanisms.kernel_boxcar import KernelBoxcarAttention
from attnlab.attention.mechanisms.kernel_epanechnikov import KernelEpanechnikovAttention
from attnlab.attention.mechanisms.latent import LatentAttention
from attnlab.attention.mechanisms.latent_rotary import LatentRotaryAttention
from attnlab.attention.mechanisms.linear import LinearAttention
from attnlab.attention.mechanisms.linformer import LinformerAttention
from attnlab.attention.mechanisms.local import LocalAttention
from attnlab.attention.mechanisms.location import LocationAttention
from attnlab.attention.mechanisms.mamba2 import Mamba2Attention
from attnlab.attention.mechanisms.mixed_rotary import MixedRotaryAttention
from attnlab.attention.mechanisms.neighbourhood import NeighbourhoodAttention
from attnlab.attention.mechanisms.nystrom import NystromAttention
from attnlab.attention.mechanisms.off_by_one import OffByOneAttention
from attnlab.attention.mechanisms.partial_rotary import PartialRotaryAttention
from attnlab.attention.mechanisms.performer import PerformerAttention
from attnlab.attention.mechanisms.position_only import PositionOnlyAttention
from attnlab.attention.mechanisms.qk_norm import QkNormAttention
from attnlab.attention.mechanisms.random_frozen import RandomFrozenAttention
from attnlab.attention.mechanisms.relative import RelativeAttention
from attnlab.attention.mechanisms.retnet import RetnetAttention
from attnlab.attention.mechanisms.rotary import RotaryAttention
from attnlab.attention.mechanisms.rwkv7 import Rwkv7Attention
from attnlab.attention.mechanisms.scaled_dot import ScaledDotAttention
from attnlab.attention.mechanisms.sigmoid import SigmoidAttention
from attnlab.attention.mechanisms.sink import SinkAttention
from attnlab.attention.mechanisms.sparsemax import SparsemaxAttention
from attnlab.attention.mechanisms.swin import SwinAttention
from attnlab.attention.mechanisms.synthesizer_dense import SynthesizerDenseAttention
from attnlab.attention.mechanisms.synthesizer_random import SynthesizerRandomAttention
from attnlab.attention.mechanisms.t5_bias import T5BiasAttention
from attnlab.attention.mechanisms.talking_heads import TalkingHeadsAttention
from attnlab.attention.mechanisms.uniform import UniformAttention
from attnlab.attention.multihead import MultiHeadAttention
from attnlab.attention.past import KeyValue, Past, State, advance
from attnlab.attention.places import Places
from attnlab.attention.segments import Segments, attend_apart
from attnlab.attention.watching import Look, watch_attention

__all__ = [
    "AdditiveAttention",
    "AlibiAttention",
    "AxialRotaryAttention",
    "BlockSparseAttention",
    "ConcatAttention",
    "Core",
    "CosineAttention",
    "DeltanetAttention",
    "DifferentialAttention",
    "DilatedAttention",
    "DotAttention",
    "Entmax15Attention",
    "ForgettingAttention",
    "GatedDeltanetAttention",
    "GatedElementwiseAttention",
    "GatedHeadwiseAttention",
    "GaussianKernelAttention",
    "GeneralAttention",
    "GlaAttention",
    "HardAttention",
    "IdentityAttention",
    "KdaAttention",
    "KernelBoxcarAttention",
    "KernelEpanechnikovAttention",
    "KeyValue",
    "LatentAttention",
    "LatentRotaryAttention",
    "LinearAttention",
    "LinformerAttention",
    "LocalAttention",
    "LocationAttention",
    "Look",
    "Mamba2Attention",
    "MixedRotaryAttention",
    "MultiHeadAttention",
    "NeighbourhoodAttention",
    "NystromAttention",
    "OffByOneAttention",
    "PartialRotaryAttention",
    "Past",
    "PerformerAttention",
    "Places",
    "PositionOnlyAttention",
    "Properties",
    "QkNormAttention",
    "RandomFrozenAttention",
    "RelativeAttention",
    "RetnetAttention",
    "Role",
    "RoleError",
    "RotaryAttention",
    "Rwkv7Attention",
    "ScaledDotAttention",
    "Segments",
    "Side",
    "SigmoidAttention",
    "SinkAttention",
    "SparsemaxAttention",
    "State",
    "SwinAttention",
    "SynthesizerDenseAttention",
    "SynthesizerRandomAttention",
    "T5BiasAttention",
    "TalkingHeadsAttention",
    "UniformAttention",
    "ablate_attention",
    "advance",
    "all_of",
    "allowed_mask",
    "attend_apart",
    "capture_attention",
    "causal_mask",
    "delete_keys",
    "masked_softmax",
    "reads",
    "watch_attention",
]
