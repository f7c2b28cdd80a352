/* SOFTMAX over nn_softmax_s8, or to int16 over nn_softmax_s8_s16. */
#include "operator_util.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr int kIntegerBits = 5; /* of a scaled difference, Q5.26 */

struct Data {
  nn_softmax_params params;
  int32_t rows, row_size;
  bool wide; /* the output is int16 */
};

/* 1/256, or 1/65536 within 0.1 %, as in TFLM; compares the float's bits. */
bool IsOutput(float scale, bool wide) {
  constexpr uint32_t k256th = 119u << 23, k65536th = 111u << 23, kBelow = 16777, kAbove = 8388;
  uint32_t bits;
  __builtin_memcpy(&bits, &scale, sizeof bits);
  return wide ? bits - (k65536th - kBelow) <= kBelow + kAbove : bits == k256th;
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<SoftmaxOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  MicroContext *micro = GetMicroContext(context);
  const TfLiteTensor *from = micro->AllocateTempInputTensor(node, 0);
  const TfLiteTensor *to = micro->AllocateTempOutputTensor(node, 0);
  const bool wide = data->wide = to && to->type == kTfLiteInt16;
  TF_LITE_ENSURE_STATUS(CheckTyped(context, "input", from, kTfLiteInt8));
  TF_LITE_ENSURE_STATUS(CheckTyped(context, "output", to, wide ? kTfLiteInt16 : kTfLiteInt8));
  const TfLiteTensor &input = *from, &output = *to;
  TF_LITE_ENSURE_MSG(context,
                     IsOutput(output.params.scale, wide) &&
                         output.params.zero_point == (wide ? INT16_MIN : INT8_MIN),
                     "the output must have scale 1/256 and zero point -128, or of INT16 1/65536 "
                     "and -32768");
  const size_t outputs = output.bytes >> wide;
  TF_LITE_ENSURE_MSG(context, input.dims->size > 0 && input.bytes == outputs,
                     "input and output must have the same size, not %u and %u",
                     unsigned(input.bytes), unsigned(outputs));
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
  const TfLitePtrUnion to = micro::GetEvalOutput(context, node, 0)->data;
  nn_context kernel = {};
  const int8_t *input = micro::GetEvalInput(context, node, 0)->data.int8;
  const nn_status status =
      data->wide ? nn_softmax_s8_s16(&kernel, &data->params, data->rows, data->row_size, input,
                                     to.i16)
                 : nn_softmax_s8(&kernel, &data->params, data->rows, data->row_size, input, to.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_SOFTMAX() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_SOFTMAX, nullptr};
}

}  // namespace tflite
