/* SOFTMAX over nn_softmax_s8. */
#include "operator_util.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr int kIntegerBits = 5; /* of a scaled difference, Q5.26 */

struct Data {
  nn_softmax_params params;
  int32_t rows, row_size;
};

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<SoftmaxOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(UnaryTensors(context, node, &tensors));
  const TfLiteTensor &input = *tensors.input, &output = *tensors.output;
  TF_LITE_ENSURE_MSG(context, output.params.scale == 1.0f / 256 && output.params.zero_point == -128,
                     "the output must have scale 1/256 and zero point -128");
  TF_LITE_ENSURE_MSG(context, input.dims->size > 0 && input.bytes == output.bytes,
                     "input and output must have the same size, not %u and %u",
                     unsigned(input.bytes), unsigned(output.bytes));
  data->row_size = input.dims->data[input.dims->size - 1];
  data->rows = int32_t(input.bytes) / data->row_size;

  constexpr double kUnit = double(1 << (31 - kIntegerBits)), kLargest = 2147483647.0;
  double factor = double(options->beta()) * double(input.params.scale) * kUnit;
  TF_LITE_ENSURE_MSG(context, IsScale(input.params.scale) && factor > 1.0,
                     "beta and the input's scale must be positive and their product above 2^-26");
  if (factor > kLargest) factor = kLargest;
  const nn_quant quant = QuantizeMultiplier(factor);
  const int64_t radius = (int64_t((1 << kIntegerBits) - 1) << (31 - kIntegerBits)) >> quant.shift;
  data->params = {quant.multiplier, quant.shift, -int32_t(radius)};
  return kTfLiteOk;
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  const EvalTensors tensors(context, node);
  nn_context kernel = {};
  const nn_status status =
      nn_softmax_s8(&kernel, &data->params, data->rows, data->row_size, tensors.input->data.int8,
                    tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_SOFTMAX() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_SOFTMAX, nullptr};
}

}  // namespace tflite
