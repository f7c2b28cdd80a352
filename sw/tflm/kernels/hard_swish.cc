/* HARD_SWISH over nn_hard_swish_s8. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

/* Rounds a multiplier to 16 bits; the shift stays. */
nn_quant Short(nn_quant quant) {
  constexpr int32_t kHalf = 1 << 15;
  const bool fits = quant.multiplier < INT32_MAX - kHalf;
  return {fits ? (quant.multiplier + kHalf) >> 16 : INT16_MAX, quant.shift};
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  auto *params = PrepareUnary<nn_hard_swish_params>(context, node, &tensors);
  if (!params) return kTfLiteError;
  const TfLiteQuantizationParams &input = tensors.input->params, &output = tensors.output->params;
  const double finer = double(input.scale) / 128;
  params->input_offset = -input.zero_point;
  params->output_offset = output.zero_point;
  params->output = Short(QuantizeMultiplier(finer / double(output.scale)));
  params->gate = Short(QuantizeMultiplier(finer / (3.0 / 32768)));
  TF_LITE_ENSURE_MSG(context, params->output.shift <= 0,
                     "the output's scale must be above 1/128 of the input's");
  return PrepareUnaryKernel<nn_hard_swish_params, nn_hard_swish_s8, nn_hard_swish_s8_prepare>(
      context, node);
}

}  // namespace

TFLMRegistration Register_HARD_SWISH() {
  return {nullptr,
          nullptr,
          Prepare,
          EvalUnary<nn_hard_swish_params, nn_hard_swish_s8>,
          BuiltinOperator_HARD_SWISH,
          nullptr};
}

}  // namespace tflite
