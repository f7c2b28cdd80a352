/* DEPTHWISE_CONV_2D: int8 by nn_depthwise_conv_s8. */
#include "tensorflow/lite/micro/kernels/depthwise_conv.h"

#include "weighted.h"

#define Register_DEPTHWISE_CONV_2D TflmDepthwiseConv2D
#include "tensorflow/lite/micro/kernels/depthwise_conv.cc"
#undef Register_DEPTHWISE_CONV_2D

namespace cfuforge {
namespace {

struct DepthwiseConv : Weighted<tflite::OpDataConv, nn_dw_conv_params, nn_depthwise_conv_s8_scratch_size, nn_depthwise_conv_s8_prepare, nn_depthwise_conv_s8,
                                tflite::TflmDepthwiseConv2D> {
  bool Take(TfLiteContext *context, const TfLiteNode *node, const Tensors &tensors,
            const OpData &data) {
    const auto &options = *static_cast<const TfLiteDepthwiseConvParams *>(node->builtin_data);
    params = {-data.input_zero_point,
              data.output_zero_point,
              {options.stride_width, options.stride_height},
              {data.padding.width, data.padding.height},
              {options.dilation_width_factor, options.dilation_height_factor},
              {data.output_activation_min, data.output_activation_max},
              options.depth_multiplier};
    return tensors.AreInt8(true) && Dims4(tensors.input, &input) &&
           Dims4(tensors.filter, &filter) && Dims4(tensors.output, &output) &&
           output.c == input.c * params.depth_multiplier &&
           ChannelQuant(context, data.per_channel_output_multiplier,
                        data.per_channel_output_shift, output.c, &quant);
  }
};

}  // namespace
}  // namespace cfuforge

namespace tflite {
TFLMRegistration Register_DEPTHWISE_CONV_2D() {
  return cfuforge::Wrapped<cfuforge::DepthwiseConv>::Registration();
}
}  // namespace tflite
