/* UNIDIRECTIONAL_SEQUENCE_LSTM over nn_lstm_s8: as in TFLM, the LSTM of Keras, without peepholes,
 * projection, layer normalisation or coupled gates. */
#include "prepare_kernel.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr int kInputWeights = 1, kHiddenWeights = 5, kBias = 12, kHidden = 18, kCell = 19;
constexpr int kInputs = 24, kGates = 4;
constexpr double kGateScale = 1.0 / (1 << 15); /* of a gate's activation */
constexpr double kSumScale = 1.0 / (1 << 12);  /* of an activation's input */
const char *const kGateNames[kGates] = {"input gate", "forget gate", "cell gate", "output gate"};

struct Data {
  nn_lstm_params params;
  nn_lstm_gate gates[kGates]; /* Eval sets the pointers */
  Scratch scratch;
};

bool IsOptional(int index) {
  return (index > 8 && index < kBias) || index == 16 || index == 17 || index > kCell;
}

/* log2(scale), rounded to an integer. */
int32_t RoundedLog2(float scale) {
  constexpr uint32_t kMantissa = (1 << 23) - 1, kRootOfTwo = 0x3504f3; /* the one below it */
  uint32_t bits;
  __builtin_memcpy(&bits, &scale, sizeof bits);
  return int32_t(bits >> 23) - 127 + ((bits & kMantissa) > kRootOfTwo);
}

TfLiteStatus CheckTensor(TfLiteContext *context, const char *gate, const char *what,
                         const TfLiteTensor *tensor, TfLiteType type) {
  TF_LITE_ENSURE_MSG(context, tensor, "%s: the %s is missing", gate, what);
  TF_LITE_ENSURE_MSG(context, tensor->type == type, "%s: the %s must be %s, not %s", gate, what,
                     TfLiteTypeGetName(type), TfLiteTypeGetName(tensor->type));
  return kTfLiteOk;
}

TfLiteStatus CheckScale(TfLiteContext *context, const char *gate, const char *what,
                        const TfLiteTensor *tensor) {
  TF_LITE_ENSURE_MSG(context, IsScale(tensor->params.scale), "%s: the %s must have a positive scale",
                     gate, what);
  return kTfLiteOk;
}

/* Checks weights of `units` by `depth` for values with the scale of `from`, and computes their factor. */
TfLiteStatus FindWeights(TfLiteContext *context, TfLiteNode *node, int index, const char *gate,
                         const char *what, const TfLiteTensor *from, int32_t units, int32_t depth,
                         int32_t *offset, nn_quant *quant) {
  const TfLiteTensor *weights = GetMicroContext(context)->AllocateTempInputTensor(node, index);
  TF_LITE_ENSURE_STATUS(CheckTensor(context, gate, what, weights, kTfLiteInt8));
  const TfLiteIntArray &dims = *weights->dims;
  TF_LITE_ENSURE_MSG(context, dims.size == 2 && dims.data[0] == units && dims.data[1] == depth,
                     "%s: the %s must be %d by %d", gate, what, int(units), int(depth));
  const TfLiteFloatArray *scales = weights->quantization.affine.scale;
  TF_LITE_ENSURE_MSG(context, !scales || scales->size == 1, "%s: the %s must have one scale, not %d",
                     gate, what, scales->size);
  TF_LITE_ENSURE_MSG(context, IsFactor(weights->params.scale),
                     "%s: the %s must not have a negative scale", gate, what);
  const double product = double(from->params.scale) * double(weights->params.scale);
  *offset = -weights->params.zero_point;
  *quant = QuantizeMultiplier(product / kSumScale);
  return kTfLiteOk;
}

/* Checks the hidden or cell state: a variable of batches by units. */
TfLiteStatus CheckState(TfLiteContext *context, const char *what, const TfLiteTensor *state,
                        TfLiteType type, int32_t elements) {
  TF_LITE_ENSURE_STATUS(CheckTensor(context, "state", what, state, type));
  TF_LITE_ENSURE_MSG(context, state->is_variable, "state: the %s must be a variable", what);
  const size_t bytes = type == kTfLiteInt8 ? sizeof(int8_t) : sizeof(int16_t);
  TF_LITE_ENSURE_MSG(context, state->bytes == bytes * size_t(elements),
                     "state: the %s must have %d elements, not %u", what, int(elements),
                     unsigned(state->bytes / bytes));
  return CheckScale(context, "state", what, state);
}

/* Calls the kernel's prepare function with the gates' constants. */
TfLiteStatus PrepareGates(TfLiteContext *context, const TfLiteNode *node, Data *data) {
  bool known = true;
  for (int i = 0; i < kGates; ++i) {
    nn_lstm_gate &gate = data->gates[i];
    gate.input_weights = ConstantInput<int8_t>(context, node, kInputWeights + i);
    gate.hidden_weights = ConstantInput<int8_t>(context, node, kHiddenWeights + i);
    gate.bias = ConstantInput<int32_t>(context, node, kBias + i);
    known = known && gate.input_weights && gate.hidden_weights && gate.bias;
  }
  return PrepareKernel(context, [&](nn_context *kernel) {
    return nn_lstm_s8_prepare(kernel, &data->params, known ? data->gates : nullptr);
  });
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<UnidirectionalSequenceLSTMOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  TF_LITE_ENSURE_MSG(context, options->fused_activation_function() == ActivationFunctionType_TANH,
                     "the fused activation function must be 4, TANH, not %d",
                     options->fused_activation_function());
  TF_LITE_ENSURE_MSG(context, node->inputs->size == kInputs, "it must have %d inputs, not %d",
                     kInputs, node->inputs->size);
  for (int i = 0; i < kInputs; ++i) {
    TF_LITE_ENSURE_MSG(context, !IsOptional(i) || node->inputs->data[i] < 0,
                       "input %d is there: peepholes, projection and layer normalisation are not "
                       "supported",
                       i);
  }
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(UnaryTensors(context, node, &tensors));
  MicroContext *micro = GetMicroContext(context);
  const TfLiteTensor *input = tensors.input, *output = tensors.output;
  const TfLiteTensor *hidden = micro->AllocateTempInputTensor(node, kHidden);
  const TfLiteTensor *cell = micro->AllocateTempInputTensor(node, kCell);
  TF_LITE_ENSURE_MSG(context, input->dims->size == 3 && output->dims->size == 3,
                     "input and output must have 3 dimensions, not %d and %d", input->dims->size,
                     output->dims->size);
  const int *from = input->dims->data, *to = output->dims->data;
  TF_LITE_ENSURE_MSG(context, from[0] == to[0] && from[1] == to[1],
                     "the output must be %d by %d by units, not %d by %d", from[0], from[1], to[0],
                     to[1]);
  nn_lstm_params &params = data->params;
  params.time_major = options->time_major();
  params.batches = from[params.time_major ? 1 : 0];
  params.steps = from[params.time_major ? 0 : 1];
  params.inputs = from[2];
  params.units = to[2];
  const int32_t states = params.batches * params.units;
  TF_LITE_ENSURE_STATUS(CheckScale(context, "all gates", "input", input));
  TF_LITE_ENSURE_STATUS(CheckState(context, "hidden state", hidden, kTfLiteInt8, states));
  TF_LITE_ENSURE_STATUS(CheckState(context, "cell state", cell, kTfLiteInt16, states));
  for (int i = 0; i < kGates; ++i) {
    nn_lstm_gate &gate = data->gates[i];
    const char *name = kGateNames[i];
    const TfLiteTensor *bias = micro->AllocateTempInputTensor(node, kBias + i);
    TF_LITE_ENSURE_STATUS(CheckTensor(context, name, "bias", bias, kTfLiteInt32));
    TF_LITE_ENSURE_STATUS(CheckBias(context, bias, params.units));
    TF_LITE_ENSURE_STATUS(FindWeights(context, node, kInputWeights + i, name, "input's weights",
                                      input, params.units, params.inputs,
                                      &gate.input_weights_offset, &gate.input));
    TF_LITE_ENSURE_STATUS(FindWeights(context, node, kHiddenWeights + i, name,
                                      "hidden state's weights", hidden, params.units, params.units,
                                      &gate.hidden_weights_offset, &gate.hidden));
  }
  const double cell_scale = double(cell->params.scale);
  params.input_offset = -input->params.zero_point;
  params.hidden_offset = -hidden->params.zero_point;
  params.forget = QuantizeMultiplier(kGateScale * cell_scale / cell_scale);
  params.input = QuantizeMultiplier(kGateScale * kGateScale / cell_scale);
  params.output = QuantizeMultiplier(kGateScale * kGateScale / double(hidden->params.scale));
  params.tanh_shift = 12 + RoundedLog2(cell->params.scale);
  TF_LITE_ENSURE_MSG(context, params.tanh_shift >= -31 && params.tanh_shift <= 14,
                     "the cell state's scale must be 2^-43..2^2, not about 2^%d",
                     int(params.tanh_shift) - 12);
  const double clip = double(options->cell_clip()) / cell_scale;
  params.cell_clip = !(clip > 0) ? -1 : clip > INT16_MAX ? INT16_MAX : int32_t(clip);
  TF_LITE_ENSURE_STATUS(RequestScratch(context, nn_lstm_s8_scratch_size(&params), &data->scratch));
  return PrepareGates(context, node, data);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  Data *data = static_cast<Data *>(node->user_data);
  const EvalTensors tensors(context, node);
  for (int i = 0; i < kGates; ++i) {
    nn_lstm_gate &gate = data->gates[i];
    gate.input_weights = EvalInput(context, node, kInputWeights + i)->data.int8;
    gate.hidden_weights = EvalInput(context, node, kHiddenWeights + i)->data.int8;
    gate.bias = EvalInput(context, node, kBias + i)->data.i32;
  }
  nn_context kernel = KernelContext(context, data->scratch);
  const nn_status status =
      nn_lstm_s8(&kernel, &data->params, data->gates, tensors.input->data.int8,
                 EvalInput(context, node, kHidden)->data.int8,
                 EvalInput(context, node, kCell)->data.i16, tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_UNIDIRECTIONAL_SEQUENCE_LSTM() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_LSTM, nullptr};
}

}  // namespace tflite
