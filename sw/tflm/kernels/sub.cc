/* SUB over nn_sub_s8. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

struct Data {
  EvalTensors tensors;
  nn_add_params params;
  nn_broadcast shape;
};

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<SubOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(BinaryTensors(context, node, &tensors));
  data->tensors = EvalTensors(context, node);
  TF_LITE_ENSURE_STATUS(Broadcast(context, tensors, &data->shape));
  return AddParams(context, tensors, options->fused_activation_function(), &data->params);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  nn_context kernel = {};
  const nn_status status = nn_sub_s8(
      &kernel, &data->params, &data->shape, data->tensors.input->data.int8,
      data->tensors.filter->data.int8, data->tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_SUB() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_SUB, nullptr};
}

}  // namespace tflite
