#include "lookup.h"

extern "C" __attribute__((weak)) decltype(nn_lookup_s8_prepare) nn_lookup_s8_prepare;

namespace tflite {
namespace {

constexpr int kResults = 256;

nn_status MakeTable(nn_context *kernel, UnaryKernel *compute, const void *params, int8_t *table) {
  for (int i = 0; i < kResults; ++i) table[i] = int8_t(INT8_MIN + i);
  return compute(kernel, params, kResults, table, table);
}

}  // namespace

TfLiteStatus PrepareLookup(TfLiteContext *context, UnaryKernel *compute, const void *params,
                           int32_t size, int input) {
  if (!nn_lookup_s8_prepare) return kTfLiteOk;
  KernelMemory *kept = GetMicroContext(context)->NewKernelMemory();
  int8_t *table = static_cast<int8_t *>(context->AllocatePersistentBuffer(context, kResults));
  if (!kept || !table) return kTfLiteError;
  nn_context maker = {};
  TF_LITE_ENSURE_STATUS(CheckKernel(context, MakeTable(&maker, compute, params, table)));
  kept->table = table;
  return PrepareKernel(context, [&](nn_context *kernel) {
    return nn_lookup_s8_prepare(kernel, table, size);
  }, input);
}

TfLiteStatus EvalUnary(TfLiteContext *context, UnaryKernel *compute, const void *params,
                       int32_t size, const int8_t *input, int8_t *output) {
  nn_context kernel = KernelContext(context);
  nn_status status;
  if (!IsLookedUp(size)) {
    status = compute(&kernel, params, size, input, output);
  } else if (const int8_t *kept = GetMicroContext(context)->table()) {
    status = nn_lookup_s8(&kernel, kept, size, input, output);
  } else {
    int8_t table[kResults];
    status = MakeTable(&kernel, compute, params, table);
    if (status == NN_OK) status = nn_lookup_s8(&kernel, table, size, input, output);
  }
  return Finish(context, kernel, status);
}

TfLiteStatus LookupTensors(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors) {
  TF_LITE_ENSURE_STATUS(UnaryTensors(context, node, tensors));
  const TfLiteTensor &input = *tensors->input, &output = *tensors->output;
  TF_LITE_ENSURE_MSG(context, input.bytes == output.bytes,
                     "input and output must have the same size, not %u and %u",
                     unsigned(input.bytes), unsigned(output.bytes));
  TF_LITE_ENSURE_MSG(context, IsScale(input.params.scale) && IsScale(output.params.scale),
                     "input and output must have a positive scale");
  return kTfLiteOk;
}

TfLiteStatus SigmoidParams(TfLiteContext *context, const TfLiteTensor *input,
                           nn_sigmoid_params *params) {
  constexpr int kIntegerBits = 4, kFractionBits = 31 - kIntegerBits;
  const double scale = double(input->params.scale);
  const nn_quant scaled = QuantizeMultiplier(scale * double(1 << kFractionBits));
  TF_LITE_ENSURE_MSG(context, scaled.multiplier != 0 && scaled.shift >= 0,
                     "the input's scale must be at least 2^-28");
  /* A larger scale would not show in scaled.shift. */
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
