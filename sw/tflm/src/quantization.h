/* Converts scales to integers, once in Prepare, with the precision that TFLM uses in each place. */
#ifndef CFUFORGE_QUANTIZATION_H
#define CFUFORGE_QUANTIZATION_H

#include <stdint.h>

#include "nn.h"
#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {

/* A positive factor as multiplier * 2^(shift - 31) with a multiplier in [2^30, 2^31); 0 as 0 and 0.
 * One too small for a shift of -31 becomes 0. */
nn_quant QuantizeMultiplier(double factor);

/* Whether `scale` is valid for a tensor: positive and finite. */
bool IsScale(float scale);

/* Whether values may be multiplied by it, but not necessarily divided: 0 is valid too. */
bool IsFactor(float scale);

/* Persistent memory for the multipliers and shifts of `channels`; null if the arena is full. */
class QuantBuffer {
 public:
  QuantBuffer(TfLiteContext *context, int32_t channels);
  bool exists() const { return multiplier_ != nullptr; }
  void Set(int32_t channel, nn_quant quant) {
    multiplier_[channel] = quant.multiplier;
    shift_[channel] = int8_t(quant.shift);
  }
  nn_channel_quant get() const { return {multiplier_, shift_}; }

 private:
  int32_t *multiplier_;
  int8_t *shift_;
};

/* A multiplier for each of `channels` output channels, in persistent memory, from the filter's scale or
 * scales per channel. Reports what is wrong. */
TfLiteStatus ChannelMultipliers(TfLiteContext *context, const TfLiteTensor *input,
                                const TfLiteTensor *filter, const TfLiteTensor *output,
                                int32_t channels, nn_channel_quant *quant);

/* The clamp of a fused activation in the output's quantisation. Reports unsupported ones.
 */
TfLiteStatus ActivationRange(TfLiteContext *context, ActivationFunctionType function,
                             const TfLiteTensor *output, nn_activation *range);

}  // namespace tflite
#endif
