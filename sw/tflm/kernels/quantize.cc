/* QUANTIZE over nn_quantize_f32, or from int8 to int8 over nn_rescale_s8. */
#include "float_tensors.h"
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus PrepareRescale(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  auto *params = PrepareUnary<nn_rescale_params>(context, node, &tensors);
  if (!params) return kTfLiteError;
  *params = RescaleParams(tensors, ScaleRatio(tensors));
  return kTfLiteOk;
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  const TfLiteEvalTensor *input = micro::GetEvalInput(context, node, 0);
  if (input && input->type == kTfLiteInt8) return PrepareRescale(context, node);
  TF_LITE_ENSURE_MSG(context, input && input->type == kTfLiteFloat32,
                     "the input must be INT8 or FLOAT32, not %s",
                     input ? TfLiteTypeGetName(input->type) : "missing");
  return PrepareFloat(context, node, kTfLiteFloat32, kTfLiteInt8);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  if (micro::GetEvalInput(context, node, 0)->type == kTfLiteInt8) return EvalRescale(context, node);
  const FloatData *data = static_cast<const FloatData *>(node->user_data);
  const EvalTensors tensors(context, node);
  nn_context kernel = {};
  const nn_status status =
      nn_quantize_f32(&kernel, data->scale, data->zero_point, data->size,
                      tensors.input->data.f, tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_QUANTIZE() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_QUANTIZE, nullptr};
}

}  // namespace tflite
