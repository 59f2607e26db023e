"""Attention on feature maps (B, C, H, W): one mechanism per file, all called alike."""

from attnlab.feature_attention.ablation import ablate_feature_attention
from attnlab.feature_attention.capture import capture_feature_attention
from attnlab.feature_attention.contract import FeatureAttention, Properties, WeighingFeatureAttention
from attnlab.feature_attention.mechanisms.axial import AxialFeatureAttention
from attnlab.feature_attention.mechanisms.bam import BamFeatureAttention
from attnlab.feature_attention.mechanisms.cbam import CbamFeatureAttention
from attnlab.feature_attention.mechanisms.coordinate import CoordinateFeatureAttention
from attnlab.feature_attention.mechanisms.eca import EcaFeatureAttention
from attnlab.feature_attention.mechanisms.global_context import GlobalContextFeatureAttention
from attnlab.feature_attention.mechanisms.non_local import NonLocalFeatureAttention
from attnlab.feature_attention.mechanisms.none import NoneFeatureAttention
from attnlab.feature_attention.mechanisms.se import SeFeatureAttention
from attnlab.feature_attention.mechanisms.simam import SimamFeatureAttention
from attnlab.feature_attention.mechanisms.spatial_softmax import SpatialSoftmaxFeatureAttention
from attnlab.feature_attention.mechanisms.triplet import TripletFeatureAttention
from attnlab.feature_attention.mechanisms.wider import WiderFeatureAttention

__all__ = [
    "AxialFeatureAttention",
    "BamFeatureAttention",
    "CbamFeatureAttention",
    "CoordinateFeatureAttention",
    "EcaFeatureAttention",
    "FeatureAttention",
    "GlobalContextFeatureAttention",
    "NonLocalFeatureAttention",
    "NoneFeatureAttention",
    "Properties",
    "SeFeatureAttention",
    "SimamFeatureAttention",
    "SpatialSoftmaxFeatureAttention",
    "TripletFeatureAttention",
    "WeighingFeatureAttention",
    "WiderFeatureAttention",
    "ablate_feature_attention",
    "capture_feature_attention",
]
