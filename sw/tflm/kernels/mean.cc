/* MEAN over nn_reduce_sum_s8. */
#include "reduction.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  return PrepareReduceSum(context, node, true);
}

}  // namespace

TFLMRegistration Register_MEAN() {
  return {nullptr, nullptr, Prepare, EvalReduceSum, BuiltinOperator_MEAN, nullptr};
}

}  // namespace tflite
