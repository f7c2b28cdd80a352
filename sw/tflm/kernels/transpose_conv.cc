/* TRANSPOSE_CONV over nn_transpose_conv_s8. Input 0 is the output's shape, which the model's output tensor
 * already has. */
#include "prepare_kernel.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr int kFilter = 1, kInput = 2, kBias = 3;

struct Data {
  nn_transpose_conv_params params;
  nn_channel_quant quant;
  Scratch scratch;
};

/* The padding of the convolution from the output to the input, whose size may differ. */
TfLiteStatus FindPadding(TfLiteContext *context, Padding padding, const char *axis, int32_t output,
                         int32_t filter, int32_t stride, int32_t *before) {
  constexpr int32_t kLimit = 1 << 14; /* as in PaddingBefore */
  TF_LITE_ENSURE_MSG(context, stride > 0 && stride < kLimit && filter < kLimit,
                     "%s: stride %d and filter %d must be positive and below %d", axis, int(stride),
                     int(filter), int(kLimit));
  if (padding == Padding_VALID) {
    *before = 0;
    return kTfLiteOk;
  }
  const int32_t steps = (output - 1) / stride;
  return PaddingBefore(context, padding, axis, {output, filter, stride, 1, steps + 1}, before);
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<TransposeConvOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  MicroContext *micro = GetMicroContext(context);
  const TfLiteTensor *input_tensor = micro->AllocateTempInputTensor(node, kInput);
  const TfLiteTensor *filter_tensor = micro->AllocateTempInputTensor(node, kFilter);
  const TfLiteTensor *bias = micro->AllocateTempInputTensor(node, kBias);
  const TfLiteTensor *output_tensor = micro->AllocateTempOutputTensor(node, 0);
  TF_LITE_ENSURE_STATUS(CheckTyped(context, "input", input_tensor, kTfLiteInt8));
  TF_LITE_ENSURE_STATUS(CheckTyped(context, "filter", filter_tensor, kTfLiteInt8));
  TF_LITE_ENSURE_STATUS(CheckTyped(context, "output", output_tensor, kTfLiteInt8));
  if (bias) TF_LITE_ENSURE_STATUS(CheckTyped(context, "bias", bias, kTfLiteInt32));
  const nn_dims *input_dims, *filter_dims, *output_dims;
  TF_LITE_ENSURE_STATUS(Dims4(context, "input", input_tensor, &input_dims));
  TF_LITE_ENSURE_STATUS(Dims4(context, "filter", filter_tensor, &filter_dims));
  TF_LITE_ENSURE_STATUS(Dims4(context, "output", output_tensor, &output_dims));
  const nn_dims &input = *input_dims, &filter = *filter_dims, &output = *output_dims;
  TF_LITE_ENSURE_MSG(context, input.c == filter.c,
                     "the input's depth must be the filter's, %d, not %d", int(filter.c),
                     int(input.c));
  TF_LITE_ENSURE_MSG(context, output.c == filter.n && output.n == input.n,
                     "the output must have %d batches of %d channels, not %d of %d", int(input.n),
                     int(filter.n), int(output.n), int(output.c));
  TF_LITE_ENSURE_STATUS(CheckBias(context, bias, output.c));

  nn_transpose_conv_params &params = data->params;
  params.input_offset = -input_tensor->params.zero_point;
  params.output_offset = output_tensor->params.zero_point;
  params.stride = {options->stride_w(), options->stride_h()};
  TF_LITE_ENSURE_STATUS(FindPadding(context, options->padding(), "height", output.h, filter.h,
                                    params.stride.h, &params.padding.h));
  TF_LITE_ENSURE_STATUS(FindPadding(context, options->padding(), "width", output.w, filter.w,
                                    params.stride.w, &params.padding.w));
  TF_LITE_ENSURE_STATUS(ActivationRange(context, options->fused_activation_function(),
                                        output_tensor, &params.activation));
  TF_LITE_ENSURE_STATUS(ChannelMultipliers(context, input_tensor, filter_tensor, output_tensor,
                                           output.c, &data->quant));
  TF_LITE_ENSURE_STATUS(RequestScratch(context,
                        nn_transpose_conv_s8_scratch_size(&params, &input, &filter, &output),
                        &data->scratch));
  return PrepareKernel(context, [&](nn_context *kernel) {
    return nn_transpose_conv_s8_prepare(kernel, &params, &data->quant, &input, &filter,
                                        ConstantFilter(context, node, kFilter, kBias),
                                        ConstantInput<int32_t>(context, node, kBias), &output);
  }, kInput);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  nn_context kernel = KernelContext(context, data->scratch);
  const TfLiteEvalTensor *input = EvalInput(context, node, kInput);
  const TfLiteEvalTensor *filter = EvalInput(context, node, kFilter);
  const TfLiteEvalTensor *bias = EvalInput(context, node, kBias);
  const TfLiteEvalTensor *output = micro::GetEvalOutput(context, node, 0);
  const nn_status status = nn_transpose_conv_s8(
      &kernel, &data->params, &data->quant, DimsOf(input), input->data.int8, DimsOf(filter),
      filter->data.int8, bias->data.i32, DimsOf(output), output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_TRANSPOSE_CONV() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_TRANSPOSE_CONV, nullptr};
}

}  // namespace tflite
