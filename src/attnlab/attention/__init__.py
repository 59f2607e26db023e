"""Query-key-value attention: one shell, one mechanism per file."""

from attnlab.attention.additive import AdditiveAttention
from attnlab.attention.alibi import AlibiAttention
from attnlab.attention.block_sparse import BlockSparseAttention
from attnlab.attention.capture import capture_attention
from attnlab.attention.concat import ConcatAttention
from attnlab.attention.core import Core, Properties, Role, RoleError
from attnlab.attention.cosine import CosineAttention
from attnlab.attention.differential import DifferentialAttention
from attnlab.attention.dilated import DilatedAttention
from attnlab.attention.dot import DotAttention
from attnlab.attention.entmax15 import Entmax15Attention
from attnlab.attention.gaussian_kernel import GaussianKernelAttention
from attnlab.attention.general import GeneralAttention
from attnlab.attention.hard import HardAttention
from attnlab.attention.identity import IdentityAttention
from attnlab.attention.kernel_boxcar import KernelBoxcarAttention
from attnlab.attention.kernel_epanechnikov import KernelEpanechnikovAttention
from attnlab.attention.latent import LatentAttention
from attnlab.attention.linear import LinearAttention
from attnlab.attention.linformer import LinformerAttention
from attnlab.attention.local import LocalAttention
from attnlab.attention.location import LocationAttention
from attnlab.attention.masks import all_of, allowed_mask, causal_mask, masked_softmax
from attnlab.attention.multihead import KeyValue, MultiHeadAttention
from attnlab.attention.nystrom import NystromAttention
from attnlab.attention.performer import PerformerAttention
from attnlab.attention.position_only import PositionOnlyAttention
from attnlab.attention.random_frozen import RandomFrozenAttention
from attnlab.attention.relative import RelativeAttention
from attnlab.attention.rotary import RotaryAttention
from attnlab.attention.scaled_dot import ScaledDotAttention
from attnlab.attention.sigmoid import SigmoidAttention
from attnlab.attention.sparsemax import SparsemaxAttention
from attnlab.attention.synthesizer_dense import SynthesizerDenseAttention
from attnlab.attention.synthesizer_random import SynthesizerRandomAttention
from attnlab.attention.t5_bias import T5BiasAttention
from attnlab.attention.talking_heads import TalkingHeadsAttention
from attnlab.attention.uniform import UniformAttention

__all__ = [
    "AdditiveAttention",
    "AlibiAttention",
    "BlockSparseAttention",
    "ConcatAttention",
    "Core",
    "CosineAttention",
    "DifferentialAttention",
    "DilatedAttention",
    "DotAttention",
    "Entmax15Attention",
    "GaussianKernelAttention",
    "GeneralAttention",
    "HardAttention",
    "IdentityAttention",
    "KernelBoxcarAttention",
    "KernelEpanechnikovAttention",
    "KeyValue",
    "LatentAttention",
    "LinearAttention",
    "LinformerAttention",
    "LocalAttention",
    "LocationAttention",
    "MultiHeadAttention",
    "NystromAttention",
    "PerformerAttention",
    "PositionOnlyAttention",
    "Properties",
    "RandomFrozenAttention",
    "RelativeAttention",
    "Role",
    "RoleError",
    "RotaryAttention",
    "ScaledDotAttention",
    "SigmoidAttention",
    "SparsemaxAttention",
    "SynthesizerDenseAttention",
    "SynthesizerRandomAttention",
    "T5BiasAttention",
    "TalkingHeadsAttention",
    "UniformAttention",
    "all_of",
    "allowed_mask",
    "capture_attention",
    "causal_mask",
    "masked_softmax",
]
