/* MAX_POOL_2D over nn_max_pool_s8. */
#include "pooling.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  return EvalPool(context, node, nn_max_pool_s8);
}

}  // namespace

TFLMRegistration Register_MAX_POOL_2D() {
  return {nullptr, nullptr, PreparePool, Eval, BuiltinOperator_MAX_POOL_2D, nullptr};
}

}  // namespace tflite
