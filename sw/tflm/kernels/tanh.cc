/* TANH over nn_sigmoid_s8. As in TFLM, the output always has scale 1/128 and zero point 0. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  auto *params = PrepareUnary<nn_sigmoid_params>(context, node, &tensors);
  if (!params) return kTfLiteError;
  TF_LITE_ENSURE_STATUS(SigmoidParams(context, tensors.input, params));
  params->tanh = 1;
  return PrepareSigmoid(context, node);
}

}  // namespace

TFLMRegistration Register_TANH() {
  return {nullptr, nullptr, Prepare, EvalSigmoid, BuiltinOperator_TANH, nullptr};
}

}  // namespace tflite
