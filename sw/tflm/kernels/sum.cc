/* SUM over nn_reduce_sum_s8. */
#include "reduction.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  return PrepareReduceSum(context, node, false);
}

}  // namespace

TFLMRegistration Register_SUM() {
  return {nullptr, nullptr, Prepare, EvalReduceSum, BuiltinOperator_SUM, nullptr};
}

}  // namespace tflite
