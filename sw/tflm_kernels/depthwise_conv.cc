/* DEPTHWISE_CONV_2D: int8 by nn_depthwise_conv_s8. */
#include "tensorflow/lite/micro/kernels/depthwise_conv.h"

#include "wrap.h"

#define Register_DEPTHWISE_CONV_2D TflmDepthwiseConv2D
#include "tensorflow/lite/micro/kernels/depthwise_conv.cc"
#undef Register_DEPTHWISE_CONV_2D

namespace cfuforge {
namespace {

struct DepthwiseConv {
  using Reference = tflite::OpDataConv;
  static TFLMRegistration Tflm() { return tflite::TflmDepthwiseConv2D(); }

  nn_dw_conv_params params;
  nn_channel_quant quant;
  nn_dims input, filter, output;

  bool Take(TfLiteContext *context, const TfLiteNode *node, const Tensors &tensors,
            const Reference &reference) {
    const auto &options = *static_cast<const TfLiteDepthwiseConvParams *>(node->builtin_data);
    params = {-reference.input_zero_point,
              reference.output_zero_point,
              {options.stride_width, options.stride_height},
              {reference.padding.width, reference.padding.height},
              {options.dilation_width_factor, options.dilation_height_factor},
              {reference.output_activation_min, reference.output_activation_max},
              options.depth_multiplier};
    return tensors.AreInt8(true) && Dims4(tensors.input, &input) &&
           Dims4(tensors.filter, &filter) && Dims4(tensors.output, &output) &&
           output.c == input.c * params.depth_multiplier &&
           ChannelQuant(context, reference.per_channel_output_multiplier,
                        reference.per_channel_output_shift, output.c, &quant);
  }
  int32_t Scratch() const {
    return nn_depthwise_conv_s8_scratch_size(&params, &input, &filter, &output);
  }
  nn_status Keep(nn_context *kernel, const Constants &constants) const {
    return nn_depthwise_conv_s8_prepare(kernel, &params, &quant, &input, &filter, constants.filter, constants.bias,
                                        &output);
  }
  nn_status Run(nn_context *kernel, const Tensors &tensors) const {
    return nn_depthwise_conv_s8(kernel, &params, &quant, &input, tensors.input->data.int8, &filter,
                                tensors.filter->data.int8,
                                tensors.bias ? tensors.bias->data.i32 : nullptr, &output,
                                tensors.output->data.int8);
  }
};

}  // namespace
}  // namespace cfuforge

namespace tflite {
TFLMRegistration Register_DEPTHWISE_CONV_2D() {
  return cfuforge::Wrapped<cfuforge::DepthwiseConv>::Registration();
}
}  // namespace tflite
