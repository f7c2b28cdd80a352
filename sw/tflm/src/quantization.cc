#include "quantization.h"

namespace tflite {
namespace {

/* Rounds half away from zero, clamped to a range that later clamps to the same int8. */
int32_t Round(float value) {
  constexpr float kLimit = 1 << 20;
  if (value > kLimit) return 1 << 20;
  if (value < -kLimit) return -(1 << 20);
  const int32_t whole = int32_t(value);
  const float rest = value - float(whole); /* exact */
  return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

/* Finite non-negative floats are ordered like their bits as integers. */
uint32_t Bits(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}
constexpr uint32_t kInfinity = 0x7f800000;

}  // namespace

nn_quant QuantizeMultiplier(double factor) {
  uint64_t bits;
  __builtin_memcpy(&bits, &factor, sizeof bits);
  const int exponent =
      int(bits >> 52) - 1022; /* factor = fraction * 2^exponent, 1/2 <= fraction < 1 */
  const uint64_t fraction = (bits & ((uint64_t(1) << 52) - 1)) | uint64_t(1) << 52; /* * 2^53 */
  int64_t multiplier = int64_t((fraction + (1 << 21)) >> 22);                       /* * 2^31 */
  int shift = exponent;
  if (multiplier == int64_t(1) << 31) {
    multiplier /= 2;
    ++shift;
  }
  if (shift < -31) return {0, 0}; /* also for 0 and the subnormal */
  if (shift > 30) return {INT32_MAX, 30};
  return {int32_t(multiplier), shift};
}

QuantBuffer::QuantBuffer(TfLiteContext *context, int32_t channels)
    : multiplier_(static_cast<int32_t *>(context->AllocatePersistentBuffer(
          context, (sizeof(int32_t) + sizeof(int8_t)) * size_t(channels)))),
      shift_(multiplier_ ? reinterpret_cast<int8_t *>(multiplier_ + channels) : nullptr) {}

bool IsScale(float scale) { return Bits(scale) - 1 < kInfinity - 1; }

bool IsFactor(float scale) { return Bits(scale) < kInfinity; }

TfLiteStatus ChannelMultipliers(TfLiteContext *context, const TfLiteTensor *input,
                                const TfLiteTensor *filter, const TfLiteTensor *output,
                                int32_t channels, nn_channel_quant *quant) {
  const TfLiteFloatArray *scales = filter->quantization.affine.scale;
  const int count = scales ? scales->size : 0;
  TF_LITE_ENSURE_MSG(context, count == 1 || count == channels,
                     "the filter must have 1 scale or one for each of %d channels, not %d",
                     int(channels), count);
  TF_LITE_ENSURE_MSG(context, IsFactor(input->params.scale) && IsScale(output->params.scale),
                     "the output must have a positive scale, and the input no negative one");
  QuantBuffer buffer(context, channels);
  if (!buffer.exists()) return kTfLiteError;
  *quant = buffer.get();
  for (int32_t i = 0; i < channels; ++i) {
    const float scale = scales->data[count == 1 ? 0 : i];
    TF_LITE_ENSURE_MSG(context, IsFactor(scale), "the filter's scale %d must not be negative",
                       int(i));
    buffer.Set(i, QuantizeMultiplier(double(input->params.scale) * double(scale) /
                                     double(output->params.scale)));
  }
  return kTfLiteOk;
}

TfLiteStatus ActivationRange(TfLiteContext *context, ActivationFunctionType function,
                             const TfLiteTensor *output, nn_activation *range) {
  TF_LITE_ENSURE_MSG(context, IsScale(output->params.scale),
                     "the output must have a positive scale");
  const auto quantized = [&](float value) {
    return output->params.zero_point + Round(value / output->params.scale);
  };
  const float largest = function == ActivationFunctionType_RELU6           ? 6.0f
                        : function == ActivationFunctionType_RELU_N1_TO_1 ? 1.0f
                                                                           : 0.0f;
  TF_LITE_ENSURE_MSG(context, largest / output->params.scale <= 2147483648.0f,
                     "the output's scale is too small for the fused activation function %d",
                     function);
  int32_t min = INT8_MIN, max = INT8_MAX;
  switch (function) {
    case ActivationFunctionType_NONE:
      break;
    case ActivationFunctionType_RELU:
      min = quantized(0.0f);
      break;
    case ActivationFunctionType_RELU6:
      min = quantized(0.0f);
      max = quantized(6.0f);
      break;
    case ActivationFunctionType_RELU_N1_TO_1:
      min = quantized(-1.0f);
      max = quantized(1.0f);
      break;
    default:
      TF_LITE_KERNEL_LOG(context, "the fused activation function %d is not supported", function);
      return kTfLiteError;
  }
  range->min = min < INT8_MIN ? INT8_MIN : min;
  range->max = max > INT8_MAX ? INT8_MAX : max;
  return kTfLiteOk;
}

}  // namespace tflite
