"""Models, as plain nn.Modules: sizes and parts in, logits out."""

from attnlab.models.adversarial_pair import AdversarialMaps, AdversarialPair
from attnlab.models.attention_gan import AttentionGAN
from attnlab.models.attention_image_classification import AttentionImageClassification
from attnlab.models.attention_object_detection import AttentionObjectDetection
from attnlab.models.attention_seq2seq import AttentionSeq2Seq
from attnlab.models.axial_resnet import AxialResNet
from attnlab.models.bilstm_crf import BiLSTMCRF
from attnlab.models.dcgan import DCGAN
from attnlab.models.detector import Detections, Detector, Objects
from attnlab.models.detr import DETR
from attnlab.models.encoder_decoder import DecoderState, EncoderDecoder, Reading, ReadingModel
from attnlab.models.image_classifier import ImageClassifier, ImageMaps
from attnlab.models.ner_model import NERModel
from attnlab.models.resnet import ResNet
from attnlab.models.sagan import SAGAN
from attnlab.models.seq2seq import Seq2Seq
from attnlab.models.tagger import Tagger
from attnlab.models.text_summarization import TextSummarization
from attnlab.models.torchvision_detector import TorchvisionDetector
from attnlab.models.torchvision_resnet import TorchvisionResNet
from attnlab.models.transformer import Transformer
from attnlab.models.transformer_tagger import TransformerTagger
from attnlab.models.vit import ViT

__all__ = [
    "DCGAN",
    "DETR",
    "SAGAN",
    "AdversarialMaps",
    "AdversarialPair",
    "AttentionGAN",
    "AttentionImageClassification",
    "AttentionObjectDetection",
    "AttentionSeq2Seq",
    "AxialResNet",
    "BiLSTMCRF",
    "DecoderState",
    "Detections",
    "Detector",
    "EncoderDecoder",
    "ImageClassifier",
    "ImageMaps",
    "NERModel",
    "Objects",
    "Reading",
    "ReadingModel",
    "ResNet",
    "Seq2Seq",
    "Tagger",
    "TextSummarization",
    "TorchvisionDetector",
    "TorchvisionResNet",
    "Transformer",
    "TransformerTagger",
    "ViT",
]
