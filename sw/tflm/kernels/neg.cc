/* NEG over nn_neg_f32: float32 only, as in TFLM. */
#include "float_tensors.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  int32_t size;
  TF_LITE_ENSURE_STATUS(SameElements(context, node, &tensors, &size));
  const TfLiteType from = tensors.input->type, to = tensors.output->type;
  TF_LITE_ENSURE_MSG(context, from == kTfLiteFloat32 && to == kTfLiteFloat32,
                     "%s to %s is not supported", TfLiteTypeGetName(from), TfLiteTypeGetName(to));
  node->user_data = reinterpret_cast<void *>(size_t(size));
  return kTfLiteOk;
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const int32_t size = int32_t(reinterpret_cast<size_t>(node->user_data));
  const EvalTensors tensors(context, node);
  nn_context kernel = {};
  const nn_status status =
      nn_neg_f32(&kernel, size, tensors.input->data.f, tensors.output->data.f);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_NEG() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_NEG, nullptr};
}

}  // namespace tflite
