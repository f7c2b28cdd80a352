/* RELU6 over nn_lookup_s8, which clamps in the input's quantisation and does not rescale, as in TFLM. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  int8_t *table;
  TF_LITE_ENSURE_STATUS(PrepareLookup(context, node, &tensors, &table));
  nn_activation range;
  TF_LITE_ENSURE_STATUS(
      ActivationRange(context, ActivationFunctionType_RELU6, tensors.input, &range));
  nn_rescale_params params = RescaleParams(tensors, 1.0);
  params.output_offset = tensors.input->params.zero_point;
  params.activation = range;
  nn_rescale_s8_table(&params, table);
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_RELU6() {
  return {nullptr, nullptr, Prepare, EvalLookup, BuiltinOperator_RELU6, nullptr};
}

}  // namespace tflite
