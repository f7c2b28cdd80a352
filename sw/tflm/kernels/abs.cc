/* ABS over nn_rescale_s8. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  auto *params = PrepareUnary<nn_rescale_params>(context, node, &tensors);
  if (!params) return kTfLiteError;
  *params = RescaleParams(tensors, ScaleRatio(tensors));
  params->absolute = 1;
  return PrepareRescale(context, node);
}

}  // namespace

TFLMRegistration Register_ABS() {
  return {nullptr, nullptr, Prepare, EvalRescale, BuiltinOperator_ABS, nullptr};
}

}  // namespace tflite
