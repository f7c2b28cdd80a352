#include "lookup.h"

namespace tflite {
namespace {

struct Data {
  EvalTensors tensors;
  int8_t *table;
  int32_t size;
};

}  // namespace

TfLiteStatus PrepareLookup(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors,
                           int8_t **table) {
  Data *data = NewData<Data>(context, node);
  if (!data) return kTfLiteError;
  TF_LITE_ENSURE_STATUS(UnaryTensors(context, node, tensors));
  data->tensors = EvalTensors(context, node);
  const TfLiteTensor &input = *tensors->input, &output = *tensors->output;
  TF_LITE_ENSURE_MSG(context, input.bytes == output.bytes,
                     "input and output must have the same size, not %u and %u",
                     unsigned(input.bytes), unsigned(output.bytes));
  TF_LITE_ENSURE_MSG(context, IsScale(input.params.scale) && IsScale(output.params.scale),
                     "input and output must have a positive scale");
  data->size = int32_t(input.bytes);
  data->table = static_cast<int8_t *>(context->AllocatePersistentBuffer(context, 256));
  *table = data->table;
  return data->table ? kTfLiteOk : kTfLiteError;
}

TfLiteStatus EvalLookup(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  nn_context kernel = {};
  const nn_status status =
      nn_lookup_s8(&kernel, data->table, data->size, data->tensors.input->data.int8,
                   data->tensors.output->data.int8);
  return Finish(context, kernel, status);
}

TfLiteStatus SigmoidParams(TfLiteContext *context, const TfLiteTensor *input,
                           nn_sigmoid_params *params) {
  constexpr int kIntegerBits = 4, kFractionBits = 31 - kIntegerBits;
  const double scale = double(input->params.scale);
  const nn_quant scaled = QuantizeMultiplier(scale * double(1 << kFractionBits));
  TF_LITE_ENSURE_MSG(context, scaled.multiplier != 0 && scaled.shift >= 0,
                     "the input's scale must be at least 2^-28");
  /* Of a larger scale, scaled.shift would not tell. */
  const int32_t shift = QuantizeMultiplier(scale).shift + kFractionBits;
  const int64_t largest = int64_t((1 << kIntegerBits) - 1) << kFractionBits;
  *params = {-input->params.zero_point, scaled.multiplier, scaled.shift,
             shift > 31 ? 0 : int32_t(largest >> shift), 0};
  return kTfLiteOk;
}

nn_rescale_params RescaleParams(const OperatorTensors &tensors, double factor) {
  const nn_quant quant = QuantizeMultiplier(factor);
  return {-tensors.input->params.zero_point,
          tensors.output->params.zero_point,
          quant,
          quant,
          0,
          {INT8_MIN, INT8_MAX}};
}

}  // namespace tflite
