/* ABS over nn_lookup_s8. */
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  int8_t *table;
  TF_LITE_ENSURE_STATUS(PrepareLookup(context, node, &tensors, &table));
  nn_rescale_params params = RescaleParams(tensors, ScaleRatio(tensors));
  params.absolute = 1;
  nn_rescale_s8_table(&params, table);
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_ABS() {
  return {nullptr, nullptr, Prepare, EvalLookup, BuiltinOperator_ABS, nullptr};
}

}  // namespace tflite
