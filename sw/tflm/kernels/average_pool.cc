/* AVERAGE_POOL_2D over nn_average_pool_s8. */
#include "pooling.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  return EvalPool(context, node, nn_average_pool_s8);
}

}  // namespace

TFLMRegistration Register_AVERAGE_POOL_2D() {
  return {nullptr, nullptr, PreparePool, Eval, BuiltinOperator_AVERAGE_POOL_2D, nullptr};
}

}  // namespace tflite
