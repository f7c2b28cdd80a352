/* CONV_2D over nn_conv_s8. */
#include "convolution.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

using Data = ConvolutionData<nn_conv_params>;

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<Conv2DOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  ConvolutionTensors tensors;
  TF_LITE_ENSURE_STATUS(FindConvolutionTensors(context, node, &tensors));
  const nn_dims &input = *tensors.input_dims, &filter = *tensors.filter_dims;
  const nn_dims &output = *tensors.output_dims;
  const int32_t groups = input.c / filter.c;
  TF_LITE_ENSURE_MSG(context, groups > 0 && groups * filter.c == input.c && output.c % groups == 0,
                     "the input's depth %d must be a multiple of the filter's, %d, and the "
                     "output's, %d, one of their quotient",
                     int(input.c), int(filter.c), int(output.c));
  TF_LITE_ENSURE_MSG(context, output.c == filter.n && output.n == input.n,
                     "the output must have %d batches of %d channels, not %d of %d", int(input.n),
                     int(filter.n), int(output.n), int(output.c));
  TF_LITE_ENSURE_STATUS(PrepareConvolution(context, *options, tensors, data));
  TF_LITE_ENSURE_STATUS(RequestScratch(context, nn_conv_s8_scratch_size(&data->params, &input, &filter, &output),
                        &data->scratch));
  return PrepareKernel(context, [&](nn_context *kernel) {
    return nn_conv_s8_prepare(kernel, &data->params, &data->quant, &input, &filter,
                              ConstantFilter(context, node, 1, 2),
                              ConstantInput<int32_t>(context, node, 2), &output);
  });
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  const EvalTensors tensors(context, node);
  nn_context kernel = KernelContext(context, data->scratch);
  const nn_status status =
      nn_conv_s8(&kernel, &data->params, &data->quant, DimsOf(tensors.input),
                 tensors.input->data.int8, DimsOf(tensors.filter), tensors.filter->data.int8,
                 tensors.bias->data.i32, DimsOf(tensors.output), tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_CONV_2D() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_CONV_2D, nullptr};
}

}  // namespace tflite
