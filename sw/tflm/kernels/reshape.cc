/* RESHAPE: the same bytes with another shape, which the model's output tensor already has. */
#include "operator_util.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  MicroContext *micro = GetMicroContext(context);
  const TfLiteTensor *input = micro->AllocateTempInputTensor(node, 0);
  const TfLiteTensor *output = micro->AllocateTempOutputTensor(node, 0);
  TF_LITE_ENSURE_MSG(context, input && output, "the input or the output is missing");
  TF_LITE_ENSURE_MSG(context, input->type == output->type, "the output must be %s, not %s",
                     TfLiteTypeGetName(input->type), TfLiteTypeGetName(output->type));
  TF_LITE_ENSURE_MSG(context, input->bytes == output->bytes,
                     "the output must have %u bytes as the input, not %u", unsigned(input->bytes),
                     unsigned(output->bytes));
  node->user_data = reinterpret_cast<void *>(input->bytes);
  return kTfLiteOk;
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const void *input = micro::GetEvalInput(context, node, 0)->data.data;
  void *output = micro::GetEvalOutput(context, node, 0)->data.data;
  __builtin_memcpy(output, input, reinterpret_cast<size_t>(node->user_data));
  GetMicroContext(context)->SetRan("reference/reshape");
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_RESHAPE() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_RESHAPE, nullptr};
}

}  // namespace tflite
