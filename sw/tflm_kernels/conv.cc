/* CONV_2D: int8 by nn_conv_s8. */
#include "tensorflow/lite/micro/kernels/conv.h"

#include "weighted.h"

#define Register_CONV_2D TflmConv2D
#include "tensorflow/lite/micro/kernels/conv.cc"
#undef Register_CONV_2D

namespace cfuforge {
namespace {

struct Conv : Weighted<tflite::OpDataConv, nn_conv_params, nn_conv_s8_scratch_size, nn_conv_s8_prepare, nn_conv_s8,
                       tflite::TflmConv2D> {
  bool Take(TfLiteContext *context, const TfLiteNode *node, const Tensors &tensors,
            const OpData &data) {
    const auto &options = *static_cast<const TfLiteConvParams *>(node->builtin_data);
    params = {-data.input_zero_point,
              data.output_zero_point,
              {options.stride_width, options.stride_height},
              {data.padding.width, data.padding.height},
              {options.dilation_width_factor, options.dilation_height_factor},
              {data.output_activation_min, data.output_activation_max}};
    return tensors.AreInt8(true) && Dims4(tensors.input, &input) &&
           Dims4(tensors.filter, &filter) && Dims4(tensors.output, &output) &&
           ChannelQuant(context, data.per_channel_output_multiplier,
                        data.per_channel_output_shift, output.c, &quant);
  }
};

}  // namespace
}  // namespace cfuforge

namespace tflite {
TFLMRegistration Register_CONV_2D() { return cfuforge::Wrapped<cfuforge::Conv>::Registration(); }
}  // namespace tflite
