/* TANH over nn_lookup_s8: whatever the output's quantisation says, it is 1/128 and 0, as in TFLM. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  int8_t *table;
  TF_LITE_ENSURE_STATUS(PrepareLookup(context, node, &tensors, &table));
  nn_sigmoid_params params;
  TF_LITE_ENSURE_STATUS(SigmoidParams(context, tensors.input, &params));
  params.tanh = 1;
  nn_sigmoid_s8_table(&params, table);
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_TANH() {
  return {nullptr, nullptr, Prepare, EvalLookup, BuiltinOperator_TANH, nullptr};
}

}  // namespace tflite
