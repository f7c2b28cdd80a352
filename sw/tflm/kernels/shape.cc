/* SHAPE: the input's dimensions as int32, from which a model of any batch size computes other shapes. */
#include "operator_util.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  MicroContext *micro = GetMicroContext(context);
  const TfLiteTensor *input = micro->AllocateTempInputTensor(node, 0);
  const TfLiteTensor *output = micro->AllocateTempOutputTensor(node, 0);
  TF_LITE_ENSURE_MSG(context, input, "the input is missing");
  TF_LITE_ENSURE_STATUS(CheckTyped(context, "output", output, kTfLiteInt32));
  TF_LITE_ENSURE_MSG(context, output->bytes == sizeof(int32_t) * size_t(input->dims->size),
                     "the output must have %d elements, the input's dimensions, not %u",
                     int(input->dims->size), unsigned(output->bytes / sizeof(int32_t)));
  return kTfLiteOk;
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const TfLiteIntArray &dims = *micro::GetEvalInput(context, node, 0)->dims;
  int32_t *output = micro::GetEvalOutput(context, node, 0)->data.i32;
  __builtin_memcpy(output, dims.data, sizeof(int32_t) * size_t(dims.size));
  GetMicroContext(context)->SetRan("reference/shape");
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_SHAPE() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_SHAPE, nullptr};
}

}  // namespace tflite
