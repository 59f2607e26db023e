"""Query-key-value attention: one shell, one mechanism per file."""

from attnlab.attention.additive import AdditiveAttention
from attnlab.attention.capture import capture_attention
from attnlab.attention.concat import ConcatAttention
from attnlab.attention.core import Core, Properties, Role, RoleError
from attnlab.attention.cosine import CosineAttention
from attnlab.attention.dot import DotAttention
from attnlab.attention.gaussian_kernel import GaussianKernelAttention
from attnlab.attention.general import GeneralAttention
from attnlab.attention.masks import all_of, allowed_mask, causal_mask, masked_softmax
from attnlab.attention.multihead import KeyValue, MultiHeadAttention
from attnlab.attention.scaled_dot import ScaledDotAttention
from attnlab.attention.uniform import UniformAttention

__all__ = [
    "AdditiveAttention",
    "ConcatAttention",
    "Core",
    "CosineAttention",
    "DotAttention",
    "GaussianKernelAttention",
    "GeneralAttention",
    "KeyValue",
    "MultiHeadAttention",
    "Properties",
    "Role",
    "RoleError",
    "ScaledDotAttention",
    "UniformAttention",
    "all_of",
    "allowed_mask",
    "capture_attention",
    "causal_mask",
    "masked_softmax",
]
