/* MAXIMUM over nn_maximum_s8. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

struct Data {
  EvalTensors tensors;
  nn_broadcast shape;
};

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  if (!data) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(BinaryTensors(context, node, &tensors));
  data->tensors = EvalTensors(context, node);
  return Broadcast(context, tensors, &data->shape);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  nn_context kernel = {};
  const nn_status status =
      nn_maximum_s8(&kernel, &data->shape, data->tensors.input->data.int8,
                    data->tensors.filter->data.int8, data->tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_MAXIMUM() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_MAXIMUM, nullptr};
}

}  // namespace tflite
