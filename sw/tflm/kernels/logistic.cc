/* LOGISTIC over nn_sigmoid_s8. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  auto *params = PrepareUnary<nn_sigmoid_params>(context, node, &tensors);
  if (!params) return kTfLiteError;
  TF_LITE_ENSURE_MSG(context, tensors.output->params.zero_point == -128,
                     "the output's zero point must be -128, not %d",
                     int(tensors.output->params.zero_point));
  TF_LITE_ENSURE_STATUS(SigmoidParams(context, tensors.input, params));
  return PrepareSigmoid(context, node);
}

}  // namespace

TFLMRegistration Register_LOGISTIC() {
  return {nullptr, nullptr, Prepare, EvalSigmoid, BuiltinOperator_LOGISTIC, nullptr};
}

}  // namespace tflite
