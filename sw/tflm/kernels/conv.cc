/* CONV_2D over nn_conv_s8. */
#include "operator_util.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

struct Data {
  EvalTensors tensors;
  nn_conv_params params;
  nn_channel_quant quant;
  nn_dims input, filter, output;
  Scratch scratch;
};

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<Conv2DOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(WeightedTensors(context, node, &tensors));
  data->tensors = EvalTensors(context, node);
  TF_LITE_ENSURE_STATUS(Dims4(context, "input", tensors.input, &data->input));
  TF_LITE_ENSURE_STATUS(Dims4(context, "filter", tensors.filter, &data->filter));
  TF_LITE_ENSURE_STATUS(Dims4(context, "output", tensors.output, &data->output));
  const nn_dims &input = data->input, &filter = data->filter, &output = data->output;
  const int32_t groups = input.c / filter.c;
  TF_LITE_ENSURE_MSG(context, groups > 0 && groups * filter.c == input.c && output.c % groups == 0,
                     "the input's depth %d must be a multiple of the filter's, %d, and the "
                     "output's, %d, one of their quotient",
                     int(input.c), int(filter.c), int(output.c));
  TF_LITE_ENSURE_MSG(context, output.c == filter.n && output.n == input.n,
                     "the output must have %d batches of %d channels, not %d of %d", int(input.n),
                     int(filter.n), int(output.n), int(output.c));
  TF_LITE_ENSURE_STATUS(CheckBias(context, tensors.bias, output.c));

  nn_conv_params &params = data->params;
  params.input_offset = -tensors.input->params.zero_point;
  params.output_offset = tensors.output->params.zero_point;
  params.stride = {options->stride_w(), options->stride_h()};
  params.dilation = {options->dilation_w_factor(), options->dilation_h_factor()};
  TF_LITE_ENSURE_STATUS(PaddingBefore(
      context, options->padding(), "height",
      {input.h, filter.h, params.stride.h, params.dilation.h, output.h}, &params.padding.h));
  TF_LITE_ENSURE_STATUS(PaddingBefore(
      context, options->padding(), "width",
      {input.w, filter.w, params.stride.w, params.dilation.w, output.w}, &params.padding.w));
  TF_LITE_ENSURE_STATUS(ActivationRange(context, options->fused_activation_function(),
                                        tensors.output, &params.activation));
  TF_LITE_ENSURE_STATUS(ChannelMultipliers(context, tensors.input, tensors.filter, tensors.output,
                                           output.c, &data->quant));
  return RequestScratch(context, nn_conv_s8_scratch_size(&params, &input, &filter, &output),
                        &data->scratch);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  nn_context kernel = KernelContext(context, data->scratch);
  const nn_status status =
      nn_conv_s8(&kernel, &data->params, &data->quant, &data->input, data->tensors.input->data.int8,
                 &data->filter, data->tensors.filter->data.int8, data->tensors.bias->data.i32,
                 &data->output, data->tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_CONV_2D() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_CONV_2D, nullptr};
}

}  // namespace tflite
