/* DEQUANTIZE over nn_dequantize_s8. */
#include "float_tensors.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  return PrepareFloat(context, node, kTfLiteInt8, kTfLiteFloat32);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const FloatData *data = static_cast<const FloatData *>(node->user_data);
  const EvalTensors tensors(context, node);
  nn_context kernel = {};
  const nn_status status =
      nn_dequantize_s8(&kernel, data->scale, data->zero_point, data->size,
                       tensors.input->data.int8, tensors.output->data.f);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_DEQUANTIZE() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_DEQUANTIZE, nullptr};
}

}  // namespace tflite
