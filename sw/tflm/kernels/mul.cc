/* MUL over nn_mul_s8. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

struct Data {
  EvalTensors tensors;
  nn_mul_params params;
  nn_broadcast shape;
};

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<MulOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(BinaryTensors(context, node, &tensors));
  data->tensors = EvalTensors(context, node);
  TF_LITE_ENSURE_STATUS(Broadcast(context, tensors, &data->shape));
  const double product =
      double(tensors.input->params.scale) * double(tensors.filter->params.scale);
  data->params.input1_offset = -tensors.input->params.zero_point;
  data->params.input2_offset = -tensors.filter->params.zero_point;
  data->params.output_offset = tensors.output->params.zero_point;
  data->params.output = QuantizeMultiplier(product / double(tensors.output->params.scale));
  return ActivationRange(context, options->fused_activation_function(), tensors.output,
                         &data->params.activation);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  nn_context kernel = {};
  const nn_status status = nn_mul_s8(
      &kernel, &data->params, &data->shape, data->tensors.input->data.int8,
      data->tensors.filter->data.int8, data->tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_MUL() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_MUL, nullptr};
}

}  // namespace tflite
