/* REDUCE_MAX over nn_reduce_max_s8. */
#include "reduction.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

struct Data {
  nn_reduction reduction;
};

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  if (!data) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(UnaryTensors(context, node, &tensors));
  const TfLiteQuantizationParams &input = tensors.input->params, &output = tensors.output->params;
  TF_LITE_ENSURE_MSG(context, input.scale == output.scale && input.zero_point == output.zero_point,
                     "the output must have the input's scale and zero point");
  return FindReduction(context, node, tensors, &data->reduction);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  const EvalTensors tensors(context, node);
  nn_context kernel = {};
  const nn_status status =
      nn_reduce_max_s8(&kernel, &data->reduction, tensors.input->data.int8,
                       tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_REDUCE_MAX() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_REDUCE_MAX, nullptr};
}

}  // namespace tflite
