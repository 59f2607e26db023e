"""Attention on feature maps (B, C, H, W): one mechanism per file, all called alike."""

from attnlab.feature_attention.axial import AxialFeatureAttention
from attnlab.feature_attention.bam import BamFeatureAttention
from attnlab.feature_attention.capture import capture_feature_attention
from attnlab.feature_attention.cbam import CbamFeatureAttention
from attnlab.feature_attention.contract import FeatureAttention, Properties, WeighingFeatureAttention
from attnlab.feature_attention.coordinate import CoordinateFeatureAttention
from attnlab.feature_attention.eca import EcaFeatureAttention
from attnlab.feature_attention.global_context import GlobalContextFeatureAttention
from attnlab.feature_attention.non_local import NonLocalFeatureAttention
from attnlab.feature_attention.none import NoneFeatureAttention
from attnlab.feature_attention.se import SeFeatureAttention
from attnlab.feature_attention.simam import SimamFeatureAttention
from attnlab.feature_attention.spatial_softmax import SpatialSoftmaxFeatureAttention
from attnlab.feature_attention.triplet import TripletFeatureAttention

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
    "capture_feature_attention",
]
