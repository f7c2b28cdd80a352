/* ARG_MAX over nn_arg_max_s8. */
#include "arg_operator.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  return EvalArg(context, node, nn_arg_max_s8);
}

}  // namespace

TFLMRegistration Register_ARG_MAX() {
  return {nullptr, nullptr, PrepareArg, Eval, BuiltinOperator_ARG_MAX, nullptr};
}

}  // namespace tflite
