/* LOGISTIC over nn_lookup_s8. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  int8_t *table;
  TF_LITE_ENSURE_STATUS(PrepareLookup(context, node, &tensors, &table));
  TF_LITE_ENSURE_MSG(context, tensors.output->params.zero_point == -128,
                     "the output's zero point must be -128, not %d",
                     int(tensors.output->params.zero_point));
  nn_sigmoid_params params;
  TF_LITE_ENSURE_STATUS(SigmoidParams(context, tensors.input, &params));
  nn_sigmoid_s8_table(&params, table);
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_LOGISTIC() {
  return {nullptr, nullptr, Prepare, EvalLookup, BuiltinOperator_LOGISTIC, nullptr};
}

}  // namespace tflite
