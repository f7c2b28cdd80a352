/* RELU over nn_rescale_s8. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  auto *params = PrepareUnary<nn_rescale_params>(context, node, &tensors);
  if (!params) return kTfLiteError;
  *params = RescaleParams(tensors, ScaleRatio(tensors));
  params->activation.min = params->output_offset;
  return PrepareRescale(context, node);
}

}  // namespace

TFLMRegistration Register_RELU() {
  return {nullptr, nullptr, Prepare, EvalRescale, BuiltinOperator_RELU, nullptr};
}

}  // namespace tflite
