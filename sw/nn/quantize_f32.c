/* QUANTIZE from float32 to int8.
 *
 * Rounds value / scale half away from zero and saturates; NaN becomes -128. Always returns NN_OK.
 *
 * The quotient is a float division, which is slow without hardware. An integer approximation tells the
 * rounded result, unless it is too close to a tie.
 */
#include "requantise.h"

#define LIMIT 1024 /* far outside int8, whatever the zero point */
#define MANTISSA 23
#define FRACTION 20 /* bits of the approximation */
#define LEAST_EXPONENT -21
#define MOST_EXPONENT 9 /* 2^9 in the quotient is beyond int8 */
#define CLOSE (1 << (FRACTION - 10))

static int32_t rounded(float value) {
  if (!(value > (float)-LIMIT)) return -LIMIT;
  if (value > (float)LIMIT) return LIMIT;
  const int32_t whole = (int32_t)value;
  const float rest = value - (float)whole; /* exact */
  return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

static uint32_t bits_of(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

static int32_t exponent_of(uint32_t bits) { return (int32_t)(bits >> MANTISSA & 0xff); }

static uint32_t mantissa_of(uint32_t bits) {
  return (bits & ((1u << MANTISSA) - 1)) | 1u << MANTISSA;
}

/* value / scale, rounded; inverse is 2^54 / mantissa_of(scale). */
static int32_t quotient(float value, float scale, int32_t scale_exponent, uint32_t inverse) {
  const uint32_t bits = bits_of(value), half = 1u << (FRACTION - 1);
  const int32_t own = exponent_of(bits), exponent = own - scale_exponent;
  if (own == 0 || own == 255 || scale_exponent == 0) return rounded(value / scale);
  if (exponent < LEAST_EXPONENT) return 0;
  if (exponent > MOST_EXPONENT) return (int32_t)bits < 0 ? -LIMIT : LIMIT;
  /* 2^29..2^31: the mantissas' quotient times 2^30 */
  const uint32_t ratio = (uint32_t)((uint64_t)(mantissa_of(bits) << 8) * inverse >> 32);
  const uint32_t size = ratio >> (30 - FRACTION - exponent);
  const uint32_t rest = size & ((1u << FRACTION) - 1);
  if (rest - (half - CLOSE) < 2 * CLOSE) return rounded(value / scale);
  const int32_t whole = (int32_t)((size + half) >> FRACTION);
  return (int32_t)bits < 0 ? -whole : whole;
}

nn_status nn_quantize_f32(nn_context *ctx, float scale, int32_t zero_point, int32_t size,
                          const float *input, int8_t *output) {
  const nn_activation int8_range = {-128, 127};
  const uint32_t bits = bits_of(scale), inverse = (uint32_t)((1ull << 54) / mantissa_of(bits));
  NN_RAN(ctx, "quantize_f32");
  for (int32_t i = 0; i < size; ++i) {
    const int32_t value = quotient(input[i], scale, exponent_of(bits), inverse);
    output[i] = (int8_t)nn_clamp(value + zero_point, int8_range);
  }
  return NN_OK;
}
