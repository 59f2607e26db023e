"""Models, as plain nn.Modules: sizes and parts in, logits out."""

from attnlab.models.attention_seq2seq import AttentionSeq2Seq
from attnlab.models.encoder_decoder import DecoderState, EncoderDecoder
from attnlab.models.seq2seq import Seq2Seq
from attnlab.models.transformer import Transformer

__all__ = ["AttentionSeq2Seq", "DecoderState", "EncoderDecoder", "Seq2Seq", "Transformer"]
