/* MAX_POOL_2D over nn_max_pool_s8. */
#include "pooling.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  return PreparePool(context, node, nn_max_pool_s8_prepare);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  return EvalPool(context, node, nn_max_pool_s8);
}

}  // namespace

TFLMRegistration Register_MAX_POOL_2D() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_MAX_POOL_2D, nullptr};
}

}  // namespace tflite
