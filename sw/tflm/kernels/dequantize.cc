/* DEQUANTIZE over nn_dequantize. */
#include "float_tensors.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  int32_t size;
  TF_LITE_ENSURE_STATUS(SameElements(context, node, &tensors, &size));
  const TfLiteType from = tensors.input->type, to = tensors.output->type;
  nn_type type;
  TF_LITE_ENSURE_MSG(
      context, NumberType(from, &type) && type != NN_INT32 && to == kTfLiteFloat32,
      "%s to %s is not supported", TfLiteTypeGetName(from), TfLiteTypeGetName(to));
  return KeepFloat(context, node, "input", tensors.input, type, size);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const FloatData *data = static_cast<const FloatData *>(node->user_data);
  const EvalTensors tensors(context, node);
  nn_context kernel = {};
  const nn_status status =
      nn_dequantize(&kernel, data->type, data->scale, data->zero_point, data->size,
                    tensors.input->data.data, tensors.output->data.f);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_DEQUANTIZE() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_DEQUANTIZE, nullptr};
}

}  // namespace tflite
