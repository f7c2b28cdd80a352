/* RELU6 over nn_rescale_s8, which clamps in the input's quantisation and does not rescale, as in TFLM. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  auto *params = PrepareUnary<nn_rescale_params>(context, node, &tensors);
  if (!params) return kTfLiteError;
  *params = RescaleParams(tensors, 1.0);
  params->output_offset = tensors.input->params.zero_point;
  TF_LITE_ENSURE_STATUS(ActivationRange(context, ActivationFunctionType_RELU6, tensors.input,
                                        &params->activation));
  return PrepareRescale(context, node);
}

}  // namespace

TFLMRegistration Register_RELU6() {
  return {nullptr, nullptr, Prepare, EvalRescale, BuiltinOperator_RELU6, nullptr};
}

}  // namespace tflite
