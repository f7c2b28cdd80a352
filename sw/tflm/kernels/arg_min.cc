/* ARG_MIN over nn_arg_min_s8. */
#include "arg_operator.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  return EvalArg(context, node, nn_arg_min_s8);
}

}  // namespace

TFLMRegistration Register_ARG_MIN() {
  return {nullptr, nullptr, PrepareArg, Eval, BuiltinOperator_ARG_MIN, nullptr};
}

}  // namespace tflite
