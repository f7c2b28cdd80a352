/* PRELU over nn_prelu_s8. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

struct Data {
  EvalTensors tensors;
  nn_prelu_params params;
  nn_broadcast shape;
};

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  if (!data) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(BinaryTensors(context, node, &tensors));
  data->tensors = EvalTensors(context, node);
  TF_LITE_ENSURE_STATUS(Broadcast(context, tensors, &data->shape));
  const double input = double(tensors.input->params.scale);
  const double slope = double(tensors.filter->params.scale);
  const double output = double(tensors.output->params.scale);
  data->params.input_offset = -tensors.input->params.zero_point;
  data->params.slope_offset = -tensors.filter->params.zero_point;
  data->params.output_offset = tensors.output->params.zero_point;
  data->params.positive = QuantizeMultiplier(input / output);
  data->params.negative = QuantizeMultiplier(input * slope / output);
  return kTfLiteOk;
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  nn_context kernel = {};
  const nn_status status = nn_prelu_s8(
      &kernel, &data->params, &data->shape, data->tensors.input->data.int8,
      data->tensors.filter->data.int8, data->tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_PRELU() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_PRELU, nullptr};
}

}  // namespace tflite
