/* FULLY_CONNECTED: int8 by nn_fully_connected_s8. */
#include "tensorflow/lite/micro/kernels/fully_connected.h"

#include "weighted.h"

#define Register_FULLY_CONNECTED TflmFullyConnected
#include "tensorflow/lite/micro/kernels/fully_connected.cc"
#undef Register_FULLY_CONNECTED

namespace cfuforge {
namespace {

struct FullyConnected : Weighted<tflite::OpDataFullyConnected, nn_fc_params, nn_fully_connected_s8_scratch_size, nn_fully_connected_s8_prepare, nn_fully_connected_s8,
                                 tflite::TflmFullyConnected> {
  bool Take(TfLiteContext *context, const TfLiteNode *, const Tensors &tensors,
            const OpData &data) {
    if (!tensors.AreInt8(true) || tensors.filter->dims->size != 2) return false;
    const int32_t channels = tensors.filter->dims->data[0], depth = tensors.filter->dims->data[1];
    const int32_t batches = Tensors::Elements(tensors.output) / channels;
    if (Tensors::Elements(tensors.input) != batches * depth) return false;
    input = {batches, 1, 1, depth};
    filter = {channels, 1, 1, depth};
    output = {batches, 1, 1, channels};
    params = {-data.input_zero_point,
              -data.filter_zero_point,
              data.output_zero_point,
              {data.output_activation_min, data.output_activation_max},
              data.is_per_channel};
    return data.is_per_channel
               ? ChannelQuant(context, data.per_channel_output_multiplier,
                              data.per_channel_output_shift, channels, &quant)
               : ChannelQuant(context, &data.output_multiplier, &data.output_shift, 1,
                              &quant);
  }
};

}  // namespace
}  // namespace cfuforge

namespace tflite {
TFLMRegistration Register_FULLY_CONNECTED() {
  return cfuforge::Wrapped<cfuforge::FullyConnected>::Registration();
}
}  // namespace tflite
