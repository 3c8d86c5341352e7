/** Operators of the default ONNX domain, up to opset 26 (onnx.ai/onnx/operators), those since withdrawn included. */
export const STANDARD_OPS: ReadonlySet<string> = new Set(
  `Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization Bernoulli BitShift BitwiseAnd BitwiseNot
  BitwiseOr BitwiseXor BlackmanWindow Cast CastLike Ceil Celu CenterCropPad Clip Col2Im Compress Concat ConcatFromSequence Constant
  ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout
  DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm
  GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization HammingWindow HannWindow HardSigmoid
  HardSwish Hardmax Identity If ImageDecoder InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log
  LogSoftmax Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization
  MelWeightMatrix Min Mish Mod Mul Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional
  OptionalGetElement OptionalHasElement Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RNN RandomNormal RandomNormalLike
  RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd
  ReduceSum ReduceSumSquare RegexFullMatch Relu Reshape Resize ReverseSequence RoiAlign Round STFT Scan Scatter ScatterElements ScatterND
  Selu SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink Sigmoid Sign Sin
  Sinh Size Slice Softmax SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split SplitToSequence Sqrt Squeeze StringConcat
  StringNormalizer StringSplit Sub Sum Tan Tanh TfIdfVectorizer ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where
  Xor Attention BitCast CumProd RMSNormalization RotaryEmbedding Swish TensorScatter`.split(/\s+/),
);

/** Operators that mix channels: what depth counts. */
export const CONVOLUTIONS: ReadonlySet<string> = new Set(
  "Conv ConvTranspose MatMul Gemm QLinearConv ConvInteger QLinearMatMul MatMulInteger DeformConv FusedConv FusedGemm".split(
    " ",
  ),
);

/** Activations, and what stands for them in exported graphs: SiLU and HardSwish end in a Mul, HardSigmoid in a Clip. */
export const ACTIVATIONS: ReadonlySet<string> = new Set(
  "Relu Clip LeakyRelu PRelu Elu Selu Celu Gelu HardSwish HardSigmoid Mish Sigmoid Tanh Mul Softplus Min".split(" "),
);

/** Where branches of a block meet. */
export const MERGES: ReadonlySet<string> = new Set(["Add", "Sum", "Concat"]);

/** Domains whose operators onnxruntime brings along. */
export const KNOWN_DOMAINS: ReadonlySet<string> = new Set([
  "",
  "ai.onnx",
  "ai.onnx.ml",
  "com.microsoft",
  "com.microsoft.nchwc",
]);

/** One value a channel, whatever the size of the grid. A mean over axes counts where it spans both (see trunk.ts). */
export const GLOBAL_POOLS: ReadonlySet<string> = new Set(
  "GlobalAveragePool GlobalMaxPool GlobalLpPool ReduceMean".split(" "),
);

export const UPSAMPLERS: ReadonlySet<string> = new Set(
  "Resize Upsample ConvTranspose DepthToSpace MaxUnpool".split(" "),
);
