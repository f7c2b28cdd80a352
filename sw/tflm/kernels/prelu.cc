/* PRELU over nn_prelu_s8. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

struct Data : BinaryData {
  nn_prelu_params params;
};

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  Data *data = PrepareBinary<Data>(context, node, &tensors, IsFactor);
  if (!data) return kTfLiteError;
  const double input = double(tensors.input->params.scale);
  const double slope = double(tensors.filter->params.scale);
  const double output = double(tensors.output->params.scale);
  data->params.input_offset = -tensors.input->params.zero_point;
  data->params.slope_offset = -tensors.filter->params.zero_point;
  data->params.output_offset = tensors.output->params.zero_point;
  data->params.positive = QuantizeMultiplier(input / output);
  data->params.negative = QuantizeMultiplier(input * slope / output);
  return PrepareBinaryKernel<Compute<Data, nn_prelu_s8>>(context, node);
}

}  // namespace

TFLMRegistration Register_PRELU() {
  return {nullptr,
          nullptr,
          Prepare,
          EvalBinary<Compute<Data, nn_prelu_s8>>,
          BuiltinOperator_PRELU,
          nullptr};
}

}  // namespace tflite
