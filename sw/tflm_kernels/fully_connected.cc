/* FULLY_CONNECTED: int8 by nn_fully_connected_s8. */
#include "tensorflow/lite/micro/kernels/fully_connected.h"

#include "wrap.h"

#define Register_FULLY_CONNECTED TflmFullyConnected
#include "tensorflow/lite/micro/kernels/fully_connected.cc"
#undef Register_FULLY_CONNECTED

namespace cfuforge {
namespace {

struct FullyConnected {
  using Reference = tflite::OpDataFullyConnected;
  static TFLMRegistration Tflm() { return tflite::TflmFullyConnected(); }

  nn_fc_params params;
  nn_channel_quant quant;
  nn_dims input, filter, output;

  bool Take(TfLiteContext *context, const TfLiteNode *, const Tensors &tensors,
            const Reference &reference) {
    if (!tensors.AreInt8(true) || tensors.filter->dims->size != 2) return false;
    const int32_t channels = tensors.filter->dims->data[0], depth = tensors.filter->dims->data[1];
    const int32_t batches = Tensors::Elements(tensors.output) / channels;
    if (Tensors::Elements(tensors.input) != batches * depth) return false;
    input = {batches, 1, 1, depth};
    filter = {channels, 1, 1, depth};
    output = {batches, 1, 1, channels};
    params = {-reference.input_zero_point,
              -reference.filter_zero_point,
              reference.output_zero_point,
              {reference.output_activation_min, reference.output_activation_max},
              reference.is_per_channel};
    return reference.is_per_channel
               ? ChannelQuant(context, reference.per_channel_output_multiplier,
                              reference.per_channel_output_shift, channels, &quant)
               : ChannelQuant(context, &reference.output_multiplier, &reference.output_shift, 1,
                              &quant);
  }
  int32_t Scratch() const {
    return nn_fully_connected_s8_scratch_size(&params, &input, &filter, &output);
  }
  nn_status Keep(nn_context *kernel, const Constants &constants) const {
    return nn_fully_connected_s8_prepare(kernel, &params, &quant, &input, &filter, constants.filter, constants.bias,
                                         &output);
  }
  nn_status Run(nn_context *kernel, const Tensors &tensors) const {
    return nn_fully_connected_s8(kernel, &params, &quant, &input, tensors.input->data.int8, &filter,
                                 tensors.filter->data.int8,
                                 tensors.bias ? tensors.bias->data.i32 : nullptr, &output,
                                 tensors.output->data.int8);
  }
};

}  // namespace
}  // namespace cfuforge

namespace tflite {
TFLMRegistration Register_FULLY_CONNECTED() {
  return cfuforge::Wrapped<cfuforge::FullyConnected>::Registration();
}
}  // namespace tflite
