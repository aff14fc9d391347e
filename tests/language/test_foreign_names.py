"""Names that PyTorch, Keras or ONNX have: each is a kind, or known as what it is there."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.language.foreign_names import NAMES, NOTHING, TABLE
from cnncalc.language.framework_hints import said_otherwise
from cnncalc.layers import registry
from tests.together import together

PYTORCH = """
    AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveLogSoftmaxWithLoss
    AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d AlphaDropout AvgPool1d AvgPool2d
    AvgPool3d BCELoss BCEWithLogitsLoss BatchNorm1d BatchNorm2d BatchNorm3d Bilinear CELU
    CTCLoss ChannelShuffle CircularPad1d CircularPad2d CircularPad3d ConstantPad1d
    ConstantPad2d ConstantPad3d Container Conv1d Conv2d Conv3d ConvTranspose1d
    ConvTranspose2d ConvTranspose3d CosineEmbeddingLoss CosineSimilarity CrossEntropyLoss
    CrossMapLRN2d DataParallel Dropout Dropout1d Dropout2d Dropout3d ELU Embedding
    EmbeddingBag FeatureAlphaDropout Flatten Fold FractionalMaxPool2d FractionalMaxPool3d
    GELU GLU GRU GRUCell GaussianNLLLoss GroupNorm Hardshrink Hardsigmoid Hardswish
    Hardtanh HingeEmbeddingLoss HuberLoss Identity InstanceNorm1d InstanceNorm2d
    InstanceNorm3d KLDivLoss L1Loss LPPool1d LPPool2d LPPool3d LSTM LSTMCell LayerNorm
    LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d LazyConv3d
    LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d
    LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear LeakyReLU Linear
    LinearCrossEntropyLoss LocalResponseNorm LogSigmoid LogSoftmax MSELoss
    MarginRankingLoss MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d
    Mish Module ModuleDict ModuleList MultiLabelMarginLoss MultiLabelSoftMarginLoss
    MultiMarginLoss MultiheadAttention NLLLoss NLLLoss2d PReLU PairwiseDistance
    ParameterDict ParameterList PixelShuffle PixelUnshuffle PoissonNLLLoss RMSNorm RNN
    RNNBase RNNCell RNNCellBase RReLU ReLU ReLU6 ReflectionPad1d ReflectionPad2d
    ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d SELU Sequential
    SiLU Sigmoid SmoothL1Loss SoftMarginLoss Softmax Softmax2d Softmin Softplus Softshrink
    Softsign SyncBatchNorm Tanh Tanhshrink Threshold Transformer TransformerDecoder
    TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer TripletMarginLoss
    TripletMarginWithDistanceLoss Unflatten Unfold Upsample UpsamplingBilinear2d
    UpsamplingNearest2d ZeroPad1d ZeroPad2d ZeroPad3d
"""
"""The modules of `torch.nn` 2.13."""

KERAS = """
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D
    AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D
    AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout Attention AugMix AutoContrast
    Average AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D
    AvgPool3D BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate
    ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D
    Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Convolution1D
    Convolution1DTranspose Convolution2D Convolution2DTranspose Convolution3D
    Convolution3DTranspose Cropping1D Cropping2D Cropping3D CutMix Dense DepthwiseConv1D
    DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding Equalization
    Flatten FlaxLayer GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D
    GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D
    GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D GlobalMaxPooling1D
    GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention
    HashedCrossing Hashing Identity InputLayer InputSpec IntegerLookup JaxLayer LSTM
    LSTMCell Lambda Layer LayerNormalization LeakyReLU Masking MaxNumBoundingBoxes
    MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Maximum
    MelSpectrogram Minimum MixUp MultiHeadAttention Multiply Normalization PReLU Permute
    Pipeline RMSNormalization RNN RandAugment RandomBrightness RandomColorDegeneration
    RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing
    RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective
    RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear
    RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape Resizing
    ReversibleEmbedding STFTSpectrogram SeparableConv1D SeparableConv2D
    SeparableConvolution1D SeparableConvolution2D SimpleRNN SimpleRNNCell Softmax
    Solarization SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization
    StackedRNNCells StringLookup Subtract TFSMLayer TextVectorization TimeDistributed
    TorchModuleWrapper UnitNormalization UpSampling1D UpSampling2D UpSampling3D Wrapper
    ZeroPadding1D ZeroPadding2D ZeroPadding3D
"""
"""The classes of `keras.layers` 3.15."""

ONNX = """
    Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool
    BatchNormalization Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor
    BlackmanWindow Cast CastLike Ceil Celu CenterCropPad Clip Col2Im Compress Concat
    Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumSum DFT DeformConv
    DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear Einsum Elu Equal
    Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm
    GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample
    GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity If
    ImageDecoder InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu
    Less LessOrEqual Log LogSoftmax Loop LpNormalization LpPool MatMul MatMulInteger Max
    MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish
    Mod Mul Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot
    Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RNN RandomNormal
    RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2
    ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
    ReduceSumSquare Relu Reshape Resize ReverseSequence RoiAlign Round STFT Scan Scatter
    ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax
    SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tan
    Tanh ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor
"""
"""Operators of ONNX, but for those on sequences, texts and optional values."""

OTHERS = ("leave it out", "input:", "when")
"""What is said instead where that is no kind."""

ALL = sorted({*f"{PYTORCH} {KERAS} {ONNX}".split()})


def help_for(name: str) -> tuple[str, ...]:
    """The help of the finding for a layer of this name."""
    (finding,) = cnncalc.loads(f"input: 8x8x4\nlayers: [{{{name}: {{}}}}]").diagnostics
    assert finding.code == "unknown-kind"
    return finding.help


@together("name", ALL)
def test_every_name_is_known(name: str) -> None:
    known = registry.find(name) is not None or bool(said_otherwise(name))
    assert known != (registry.without_dimensions(name) in NAMES)


def test_no_entry_has_the_name_of_a_kind() -> None:
    """Where a kind has come to answer to a name, its entry has to go."""
    assert [name for name in NAMES if registry.find(name) is not None] == []


def test_no_name_stands_twice() -> None:
    assert len(NAMES) == sum(len(names.split()) for _, names, _ in TABLE)


def test_what_is_named_instead_is_there() -> None:
    for _, names, instead in TABLE:
        words = instead.split("`")[1::2]
        kinds = [word.strip("{").partition(":")[0] for word in words]
        assert any(map(registry.find, kinds)) or any(w in instead for w in OTHERS), names


@pytest.mark.parametrize("name", sorted(NAMES))
def test_near_names_never_cross_meanings(name: str) -> None:
    (line,) = help_for(name)
    assert line.startswith(f"`{name}` is ")
    assert "did you mean" not in line


@pytest.mark.parametrize("word", ["cnov", "reul", "dropuot", "max_pol", "batchnrom", "sofmax"])
def test_a_slip_is_still_one(word: str) -> None:
    (line,) = help_for(word)
    assert line.startswith("did you mean `")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("LazyConv2d", "`LazyConv2d` is PyTorch's; it is `conv`: what comes in is known here"),
        ("view", "`view` is PyTorch's; it is `reshape`, which has the axes of one image, "
                     "channels last; `flatten` makes a vector"),
        ("Softsign", "`Softsign` is PyTorch's and ONNX'; no activation here computes it; "
                     "`identity` has its volume"),
        ("StackedRNNCells", f"`StackedRNNCells` is Keras'; {NOTHING}"),
    ],
)  # fmt: skip
def test_what_comes_nearest(name: str, line: str) -> None:
    assert help_for(name) == (line,)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "nn.LSTM(10, 20)",
            "no calls are read here: options are a mapping, `LSTM: ",
        ),
        ("keras.layers.GaussianNoise", "`GaussianNoise` is Keras'; it does nothing at inference"),
        ("torch.nn.Conv2d", "no modules are named here: say `Conv2d`"),
        ("nn.Conv2d(3, 8, 3)", "write `conv: {filters: 8, kernel: 3}`"),
    ],
)
def test_as_in_python(name: str, line: str) -> None:
    text = f"input: 8x8x4\nlayers: [{{'{name}': {{}}}}]"
    (finding,) = cnncalc.loads(text).diagnostics
    assert finding.help[0].startswith(line)


def test_a_block_may_be_meant_all_the_same() -> None:
    text = "input: 8\nblocks: {transformers: {layers: [relu]}}\nlayers: [transformer]"
    first, second = cnncalc.loads(text).diagnostics[-1].help
    assert first.startswith("`transformer` is PyTorch's")
    assert second == "did you mean `transformers`?"


@pytest.mark.parametrize("name", ["hardshrink", "Softsign"])
def test_as_an_activation(name: str) -> None:
    text = f"input: 8x8x4\nlayers: [{{dense: {{units: 3, activation: {name}}}}}]"
    (finding,) = cnncalc.loads(text).diagnostics
    assert finding.help[0].startswith(f"`{name}` is PyTorch's")


def test_in_defaults_and_in_an_expression() -> None:
    text = "input: 8x8x4\nvars: {kind: LPPool2d}\ndefaults: {LPPool2d: 2}\nlayers: [$kind]"
    findings = cnncalc.loads(text).diagnostics
    assert [f.help[0].partition(";")[0] for f in findings if f.code == "unknown-kind"] == [
        "`LPPool2d` is PyTorch's and ONNX'"
    ] * 2
