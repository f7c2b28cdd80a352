/* DEPTHWISE_CONV_2D over nn_depthwise_conv_s8. */
#include "convolution.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

using Data = ConvolutionData<nn_dw_conv_params>;

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<DepthwiseConv2DOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  ConvolutionTensors tensors;
  TF_LITE_ENSURE_STATUS(FindConvolutionTensors(context, node, &tensors));
  const nn_dims &input = *tensors.input_dims, &filter = *tensors.filter_dims;
  const nn_dims &output = *tensors.output_dims;
  TF_LITE_ENSURE_MSG(context, filter.n == 1, "the filter's first dimension must be 1, not %d",
                     int(filter.n));
  TF_LITE_ENSURE_MSG(context, output.c == filter.c && output.n == input.n,
                     "the output must have %d batches of %d channels, not %d of %d", int(input.n),
                     int(filter.c), int(output.n), int(output.c));
  data->params.depth_multiplier = output.c / input.c;
  TF_LITE_ENSURE_MSG(context,
                     data->params.depth_multiplier * input.c == output.c &&
                         data->params.depth_multiplier == options->depth_multiplier(),
                     "%d output channels are not %d input channels times the depth multiplier, %d",
                     int(output.c), int(input.c), int(options->depth_multiplier()));
  TF_LITE_ENSURE_STATUS(PrepareConvolution(context, *options, tensors, data));
  TF_LITE_ENSURE_STATUS(RequestScratch(
      context, nn_depthwise_conv_s8_scratch_size(&data->params, &input, &filter, &output),
      &data->scratch));
  return PrepareKernel(context, [&](nn_context *kernel) {
    return nn_depthwise_conv_s8_prepare(kernel, &data->params, &data->quant, &input, &filter,
                                        ConstantFilter(context, node, 1, 2),
                                        ConstantInput<int32_t>(context, node, 2), &output);
  });
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  const EvalTensors tensors(context, node);
  nn_context kernel = KernelContext(context, data->scratch);
  const nn_status status = nn_depthwise_conv_s8(
      &kernel, &data->params, &data->quant, DimsOf(tensors.input), tensors.input->data.int8,
      DimsOf(tensors.filter), tensors.filter->data.int8, tensors.bias->data.i32,
      DimsOf(tensors.output), tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_DEPTHWISE_CONV_2D() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_DEPTHWISE_CONV_2D, nullptr};
}

}  // namespace tflite
