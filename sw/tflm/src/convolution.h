/* Shared by CONV_2D and DEPTHWISE_CONV_2D: their checks and computations in Prepare. */
#ifndef CFUFORGE_CONVOLUTION_H
#define CFUFORGE_CONVOLUTION_H

#include "prepare_kernel.h"

namespace tflite {

/* `Params` is nn_conv_params or nn_dw_conv_params. The tensors' dims stay in the model. */
template <typename Params>
struct ConvolutionData {
  Params params;
  nn_channel_quant quant;
  Scratch scratch;
};

/* The tensors of the operator, with types and ranks checked. */
struct ConvolutionTensors : OperatorTensors {
  const nn_dims *input_dims, *filter_dims, *output_dims;
};

inline TfLiteStatus FindConvolutionTensors(TfLiteContext *context, TfLiteNode *node,
                                           ConvolutionTensors *tensors) {
  TF_LITE_ENSURE_STATUS(WeightedTensors(context, node, tensors));
  TF_LITE_ENSURE_STATUS(Dims4(context, "input", tensors->input, &tensors->input_dims));
  TF_LITE_ENSURE_STATUS(Dims4(context, "filter", tensors->filter, &tensors->filter_dims));
  return Dims4(context, "output", tensors->output, &tensors->output_dims);
}

/* Everything but the depth multiplier and the scratch memory. */
template <typename OptionsTable, typename Params>
TfLiteStatus PrepareConvolution(TfLiteContext *context, const OptionsTable &options,
                                const ConvolutionTensors &tensors, ConvolutionData<Params> *data) {
  const nn_dims &input = *tensors.input_dims, &filter = *tensors.filter_dims;
  const nn_dims &output = *tensors.output_dims;
  TF_LITE_ENSURE_STATUS(CheckBias(context, tensors.bias, output.c));
  Params &params = data->params;
  params.input_offset = -tensors.input->params.zero_point;
  params.output_offset = tensors.output->params.zero_point;
  params.stride = {options.stride_w(), options.stride_h()};
  params.dilation = {options.dilation_w_factor(), options.dilation_h_factor()};
  TF_LITE_ENSURE_STATUS(PaddingBefore(
      context, options.padding(), "height",
      {input.h, filter.h, params.stride.h, params.dilation.h, output.h}, &params.padding.h));
  TF_LITE_ENSURE_STATUS(PaddingBefore(
      context, options.padding(), "width",
      {input.w, filter.w, params.stride.w, params.dilation.w, output.w}, &params.padding.w));
  TF_LITE_ENSURE_STATUS(ActivationRange(context, options.fused_activation_function(),
                                        tensors.output, &params.activation));
  return ChannelMultipliers(context, tensors.input, tensors.filter, tensors.output, output.c,
                            &data->quant);
}

}  // namespace tflite
#endif
