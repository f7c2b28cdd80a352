/* LEAKY_RELU over nn_lookup_s8. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  const auto *options = Options<LeakyReluOptions>(context, node);
  if (!options) return kTfLiteError;
  OperatorTensors tensors;
  int8_t *table;
  TF_LITE_ENSURE_STATUS(PrepareLookup(context, node, &tensors, &table));
  const double slope = double(options->alpha()) * double(tensors.input->params.scale) /
                       double(tensors.output->params.scale);
  nn_rescale_params params = RescaleParams(tensors, ScaleRatio(tensors));
  params.negative = QuantizeMultiplier(slope < 0 ? -slope : slope);
  if (slope < 0) params.negative.multiplier = -params.negative.multiplier;
  nn_rescale_s8_table(&params, table);
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_LEAKY_RELU() {
  return {nullptr, nullptr, Prepare, EvalLookup, BuiltinOperator_LEAKY_RELU, nullptr};
}

}  // namespace tflite
