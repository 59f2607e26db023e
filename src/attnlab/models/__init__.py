"""Models, as plain nn.Modules: sizes and parts in, logits out."""

from attnlab.models.adversarial.attention_gan import AttentionGAN
from attnlab.models.adversarial.dcgan import DCGAN
from attnlab.models.adversarial.pair import AdversarialMaps, AdversarialPair
from attnlab.models.adversarial.sagan import SAGAN
from attnlab.models.classifiers.attention_image_classification import AttentionImageClassification
from attnlab.models.classifiers.axial_resnet import AxialResNet
from attnlab.models.classifiers.image_classifier import ImageClassifier, ImageMaps
from attnlab.models.classifiers.resnet import ResNet
from attnlab.models.classifiers.torchvision_resnet import TorchvisionResNet
from attnlab.models.classifiers.vit import ViT
from attnlab.models.detectors.attention_object_detection import AttentionObjectDetection
from attnlab.models.detectors.detector import Detections, Detector, Objects
from attnlab.models.detectors.detr import DETR
from attnlab.models.detectors.torchvision_detector import TorchvisionDetector
from attnlab.models.detectors.torchvision_resnet_detector import TorchvisionResNetDetector
from attnlab.models.encoder_decoders.attention_seq2seq import AttentionSeq2Seq
from attnlab.models.encoder_decoders.encoder_decoder import DecoderState, EncoderDecoder, Reading, ReadingModel
from attnlab.models.encoder_decoders.seq2seq import Seq2Seq
from attnlab.models.encoder_decoders.text_summarization import TextSummarization
from attnlab.models.encoder_decoders.transformer import Transformer
from attnlab.models.language_models.gpt import GPT
from attnlab.models.language_models.language_model import LanguageModel
from attnlab.models.language_models.lstm_lm import LSTMLM
from attnlab.models.taggers.bilstm_crf import BiLSTMCRF
from attnlab.models.taggers.ner_model import NERModel
from attnlab.models.taggers.tagger import Tagger
from attnlab.models.taggers.transformer_tagger import TransformerTagger

__all__ = [
    "DCGAN",
    "DETR",
    "GPT",
    "LSTMLM",
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
    "LanguageModel",
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
    "TorchvisionResNetDetector",
    "Transformer",
    "TransformerTagger",
    "ViT",
]
