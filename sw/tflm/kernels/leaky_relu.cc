/* LEAKY_RELU over nn_rescale_s8. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  const auto *options = Options<LeakyReluOptions>(context, node);
  if (!options) return kTfLiteError;
  OperatorTensors tensors;
  auto *params = PrepareUnary<nn_rescale_params>(context, node, &tensors);
  if (!params) return kTfLiteError;
  const double slope = double(options->alpha()) * double(tensors.input->params.scale) /
                       double(tensors.output->params.scale);
  *params = RescaleParams(tensors, ScaleRatio(tensors));
  params->negative = QuantizeMultiplier(slope < 0 ? -slope : slope);
  if (slope < 0) params->negative.multiplier = -params->negative.multiplier;
  return PrepareRescale(context, node);
}

}  // namespace

TFLMRegistration Register_LEAKY_RELU() {
  return {nullptr, nullptr, Prepare, EvalRescale, BuiltinOperator_LEAKY_RELU, nullptr};
}

}  // namespace tflite
