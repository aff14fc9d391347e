"""Layers that PyTorch, Keras and ONNX have and the language has not, and what comes nearest here.

An entry has no place once a kind answers to its name: kinds are looked up first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cnncalc.diagnostics import did_you_mean
from cnncalc.layers import registry

NOTHING = "there is nothing for it here: `custom` declares its output, weights and MACs"
_FUNCTION = "no activation here computes it; `identity` has its volume"
_PREPARES = "it prepares data: give as `input:` what comes out of it"
_AUGMENTS = "it changes images in training alone: leave it out"
_LOSS = "a loss is no part of the network here: leave it out"
_TYPES = "it changes the type of numbers alone: leave it out"
_IDLE = "it does nothing at inference: leave it out, or say `identity`"

_KERAS_AND_PYTORCH = "PyTorch's and Keras'"
_ALL = "PyTorch's, Keras' and ONNX'"

_RESIZED = "it is `upsample` by a `scale`, and `resize` to a `size`, with `mode: %s`"
_REDUCED = (
    "it is `reduce: {function: %s, axes: spatial, keepdims: true}`, axes by name or from behind"
)

TABLE: tuple[tuple[str, str, str], ...] = (
    # --- sequences -----------------------------------------------------------------------------
    (_KERAS_AND_PYTORCH, "LSTMCell GRUCell RNNCell", NOTHING),
    ("PyTorch's", "RNNBase RNNCellBase", NOTHING),
    ("Keras'", "SimpleRNNCell StackedRNNCells ConvLSTM", NOTHING),
    ("PyTorch's", "EmbeddingBag", NOTHING),
    ("Keras'", "ReversibleEmbedding", NOTHING),
    ("Keras'", "AdditiveAttention GroupQueryAttention", NOTHING),
    ("PyTorch's", "Transformer TransformerEncoder TransformerDecoder", NOTHING),
    ("PyTorch's", "TransformerEncoderLayer TransformerDecoderLayer", NOTHING),
    ("Keras'", "TimeDistributed",
     "layers over the channels of each position are `conv` with a kernel of 1 and "
     "`dense` with `axes: channels`"),
    ("Keras'", "Bidirectional", "both directions are `direction: both` of `lstm`, `gru` and `rnn`"),
    ("PyTorch's", "ScaledDotProductAttention", "it is `attention: {heads: 8, project: false}`"),
    # --- products ------------------------------------------------------------------------------
    ("Keras'", "Dot",
     "it is `matmul: [a, b]`, with `transpose_a` or `transpose_b` beside `branches`"),
    ("PyTorch's and ONNX'", "Einsum", NOTHING),
    ("ONNX'", "MatMulInteger QLinearMatMul", NOTHING),
    ("Keras'", "EinsumDense", "the nearest is `dense` with `axes: channels`"),
    ("PyTorch's", "Bilinear CosineSimilarity PairwiseDistance", NOTHING),
    ("PyTorch's", "LazyLinear", "it is `dense`: what comes in is known here"),
    ("ONNX'", "Gemm", "it is `dense`"),
    # --- convolutions --------------------------------------------------------------------------
    ("PyTorch's", "LazyConv", "it is `conv`: what comes in is known here"),
    ("PyTorch's", "LazyConvTranspose", "it is `conv_transpose`: what comes in is known here"),
    ("ONNX'", "ConvInteger QLinearConv", "the nearest is `conv`: types of numbers are not told"),
    ("torchvision's and ONNX'", "DeformConv",
     "the nearest is `conv`, without what the offsets take"),
    ("torchvision's", "Conv2dNormActivation",
     "they are three items: `conv`, `batch_norm` and `relu`"),
    ("torchvision's", "SqueezeExcitation", "`multiply` with a branch of `global_avg_pool` says it"),
    ("PyTorch's", "Fold", NOTHING),
    ("PyTorch's", "Unfold",
     "of patches that do not overlap `pixel_unshuffle` is the same; else there is nothing"),
    ("ONNX'", "Col2Im", NOTHING),
    # --- normalisations ------------------------------------------------------------------------
    ("PyTorch's", "Normalize", NOTHING),
    ("ONNX'", "LpNormalization", NOTHING),
    ("ONNX'", "MeanVarianceNormalization",
     "the nearest is `instance_norm`, which measures each image by itself"),
    ("Keras'", "Normalization",
     "the nearest is `batch_norm` with `affine: false`: a mean and a variance for each channel"),
    ("Keras'", "SpectralNormalization", NOTHING),
    ("PyTorch's", "SyncBatchNorm LazyBatchNorm", "it is `batch_norm`"),
    ("torchvision's", "FrozenBatchNorm", "it is `{batch_norm: {}, trainable: false}`"),
    ("PyTorch's", "LazyInstanceNorm", "it is `instance_norm`"),
    ("PyTorch's", "CrossMapLRN", "it is `lrn`"),
    # --- functions -----------------------------------------------------------------------------
    ("PyTorch's", "Hardshrink Softshrink Tanhshrink LogSigmoid", _FUNCTION),
    ("PyTorch's and ONNX'", "Softsign CELU", _FUNCTION),
    ("Keras'", "Sparsemax SparsePlus Squareplus", _FUNCTION),
    ("PyTorch's", "RReLU", "at inference it is `leaky_relu: 0.2291667`"),
    ("PyTorch's", "Softmin", "it is a `softmax` of the negative values: the same volume and cost"),
    ("PyTorch's", "Threshold", "with 0 and 0 it is `relu`; else no activation here computes it"),
    ("ONNX'", "ThresholdedRelu Shrink Hardmax", _FUNCTION),
    ("ONNX'", "Clip", "from 0 to 6 it is `relu6`, and from 0 alone `relu`; else there is nothing"),
    ("ONNX'", "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Erf Floor Log Neg Reciprocal",
     _FUNCTION),
    ("ONNX'", "Round Sign Sin Sinh Sqrt Tan IsInf IsNaN Not", _FUNCTION),
    # --- merges --------------------------------------------------------------------------------
    ("ONNX'", "Min", NOTHING),
    ("ONNX'", "Max", "of several layers it is `maximum`"),
    ("ONNX'", "Mean", "of several layers it is `average`"),
    ("ONNX'", "Sum", "of several layers it is `add`"),
    ("ONNX'", "Mul", "it is `multiply`"),
    ("ONNX'", "Sub", "it is `subtract`"),
    ("ONNX'", "Div Pow Mod And Or Xor Equal Greater Less Where", NOTHING),
    ("ONNX'", "GreaterOrEqual LessOrEqual BitShift BitwiseAnd BitwiseOr BitwiseXor BitwiseNot",
     NOTHING),
    ("PyTorch's", "cat", "it is `concat`"),
    ("PyTorch's", "stack", "`reshape` and `concat` say it"),
    # --- pools ---------------------------------------------------------------------------------
    ("PyTorch's", "FractionalMaxPool",
     "the nearest is `adaptive_max_pool`: the same volume, by windows that are not random"),
    ("PyTorch's and ONNX'", "LPPool",
     "the nearest is `avg_pool`: the same windows and volume"),
    ("ONNX'", "GlobalAveragePool", "it is `global_avg_pool` with `keepdims: true`"),
    ("ONNX'", "GlobalLpPool", "the nearest is `global_avg_pool`: the same volume"),
    ("PyTorch's and ONNX'", "MaxUnpool", "the nearest is `upsample`: the same volume"),
    ("torchvision's and ONNX'", "RoiAlign", NOTHING),
    ("ONNX'", "MaxRoiPool", NOTHING),
    ("ONNX'", "ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp",
     NOTHING),
    ("ONNX'", "ReduceSumSquare ArgMax ArgMin TopK CumSum", NOTHING),
    ("ONNX'", "ReduceMean", _REDUCED % "mean"),
    ("ONNX'", "ReduceMax", _REDUCED % "max"),
    ("ONNX'", "ReduceSum", _REDUCED % "sum"),
    ("ONNX'", "ReduceMin", _REDUCED % "min"),
    # --- form ----------------------------------------------------------------------------------
    ("PyTorch's", "View Unflatten",
     "it is `reshape`, which has the axes of one image, channels last; `flatten` makes a vector"),
    ("PyTorch's and ONNX'", "Squeeze Unsqueeze",
     "it is `reshape`, which has the axes of one image, channels last"),
    ("ONNX'", "Transpose", "it is `permute`"),
    ("PyTorch's and ONNX'", "Chunk", "it is `split: [a, b]`, equal parts of the channels"),
    ("PyTorch's and ONNX'", "Gather GatherElements GatherND Scatter ScatterElements ScatterND",
     NOTHING),
    ("Keras'", "RepeatVector", "it is a `reshape` to [1, C], and an `upsample` after it"),
    ("ONNX'", "Tile Expand", "along spatial axes `upsample` has its volume; else there is nothing"),
    ("Keras'", "CenterCrop", "it is `crop`"),
    ("ONNX'", "CenterCropPad", "it is `crop` or `pad`"),
    ("PyTorch's", "UpsamplingNearest", _RESIZED % "nearest"),
    ("PyTorch's", "UpsamplingBilinear",
     "it aligns the corners, and here positions are read at the centres of pixels: with other "
     "values " + _RESIZED % "bilinear"),
    ("PyTorch's", "Interpolate", "it is `upsample` by a `scale`, and `resize` to a `size`"),
    ("ONNX'", "GridSample AffineGrid", NOTHING),
    # --- training ------------------------------------------------------------------------------
    ("PyTorch's", "FeatureAlphaDropout", "it is `dropout`"),
    ("torchvision's", "DropBlock", _IDLE),
    ("Keras'", "GaussianDropout GaussianNoise ActivityRegularization Masking", _IDLE),
    ("PyTorch's",
     "AdaptiveLogSoftmaxWithLoss BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss "
     "CrossEntropyLoss GaussianNLLLoss HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss "
     "LinearCrossEntropyLoss MSELoss MarginRankingLoss MultiLabelMarginLoss "
     "MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss PoissonNLLLoss SmoothL1Loss SoftMarginLoss "
     "TripletMarginLoss TripletMarginWithDistanceLoss", _LOSS),
    ("ONNX'", "NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss", _LOSS),
    ("Keras'",
     "AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization MixUp "
     "RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast "
     "RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur "
     "RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation "
     "RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom Solarization",
     _AUGMENTS),
    ("Keras'",
     "CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup StringLookup "
     "TextVectorization MelSpectrogram STFTSpectrogram MaxNumBoundingBoxes Pipeline", _PREPARES),
    # --- what holds layers ---------------------------------------------------------------------
    ("PyTorch's", "Container Module ModuleList ModuleDict",
     "`sequential` makes several layers one item, and `blocks:` defines kinds"),
    ("PyTorch's", "ParameterList ParameterDict DataParallel", NOTHING),
    ("Keras'", "Layer Wrapper Lambda InputSpec", NOTHING),
    ("Keras'", "FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper", NOTHING),
    ("ONNX'", "Cast CastLike QuantizeLinear DequantizeLinear DynamicQuantizeLinear", _TYPES),
    ("ONNX'", "Constant ConstantOfShape EyeLike Range Shape Size OneHot", NOTHING),
    ("ONNX'", "If Loop Scan", "`when` and `repeat` say it where it does not depend on the values"),
    ("ONNX'", "Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform", NOTHING),
    ("ONNX'", "RandomUniformLike Compress Det DFT STFT NonMaxSuppression NonZero", NOTHING),
    ("ONNX'", "ReverseSequence Trilu Unique MelWeightMatrix HannWindow", NOTHING),
    ("ONNX'", "HammingWindow BlackmanWindow ImageDecoder", NOTHING),
)  # fmt: skip
"""Whose it is, its names, and what to say instead."""

NAMES: dict[str, tuple[str, str]] = {
    registry.without_dimensions(name): (owner, instead)
    for owner, names, instead in TABLE
    for name in names.split()
}

_CLASS = re.compile(r"(?:\w+\.)*(\w+)(?:\(.*\))?", re.DOTALL)
"""A class as in Python, with the names of its modules or called."""

LEAST_LIKENESS = 0.7
"""Of kinds: a word that is less like a name than a slip would be means something else."""


def of_another_framework(name: str) -> tuple[str, ...]:
    """Help for a name that a framework has and the language has not, or a call of it."""
    called = _CLASS.fullmatch(name)
    word = name if called is None else called[1]
    found = NAMES.get(registry.without_dimensions(word))
    return () if found is None else (f"`{word}` is {found[0]}; {found[1]}",)


def nearest_kind(name: str, kinds: Iterable[str]) -> tuple[str, ...]:
    """Help for a name that no kind has: what a framework means by it, or else the nearest one. Of
    the file's own blocks one may be meant all the same."""
    foreign = of_another_framework(name)
    if foreign:
        kinds = [kind for kind in kinds if registry.find(kind) is None]
    return (*foreign, *did_you_mean(name, kinds, LEAST_LIKENESS))
