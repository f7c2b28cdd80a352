/* AVERAGE_POOL_2D over nn_average_pool_s8. */
#include "pooling.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  return PreparePool(context, node, nn_average_pool_s8_prepare);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  return EvalPool(context, node, nn_average_pool_s8);
}

}  // namespace

TFLMRegistration Register_AVERAGE_POOL_2D() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_AVERAGE_POOL_2D, nullptr};
}

}  // namespace tflite
