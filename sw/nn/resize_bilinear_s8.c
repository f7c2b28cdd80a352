/* RESIZE_BILINEAR on int8: positions and weights are Q10, the sum of the four products is Q20 and
 * is rounded half away from zero, as TFLM does. Returns NN_OK.
 */
#include "nn.h"

#define ONE (1 << 10)

/* Two neighbours, and the weight of the second; that of the first is ONE minus it. */
typedef struct {
  int32_t lower, upper, weight;
} place;

static place locate(int32_t index, int32_t scale, int32_t half_pixel, int32_t size) {
  const int32_t at = index * scale + (half_pixel ? scale / 2 - ONE / 2 : 0);
  if (at <= 0) return (place){0, 0, 0};
  const int32_t lower = at / ONE;
  if (lower >= size - 1) return (place){size - 1, size - 1, 0};
  return (place){lower, lower + 1, at % ONE};
}

nn_status nn_resize_bilinear_s8(nn_context *ctx, const nn_resize_bilinear_params *params,
                                const nn_dims *input_dims, const int8_t *input,
                                const nn_dims *output_dims, int8_t *output) {
  const int32_t channels = input_dims->c, input_row = input_dims->w * channels;
  NN_RAN(ctx, "resize_bilinear_s8");
  for (int32_t n = 0; n < output_dims->n; ++n, input += input_dims->h * input_row) {
    for (int32_t oy = 0; oy < output_dims->h; ++oy) {
      const place y = locate(oy, params->scale.h, params->half_pixel, input_dims->h);
      const int8_t *upper = input + y.lower * input_row, *lower = input + y.upper * input_row;
      for (int32_t ox = 0; ox < output_dims->w; ++ox, output += channels) {
        const place x = locate(ox, params->scale.w, params->half_pixel, input_dims->w);
        const int32_t left = x.lower * channels, right = x.upper * channels;
        const int32_t d = y.weight * x.weight, c = y.weight * ONE - d, b = x.weight * ONE - d;
        const int32_t a = ONE * ONE - b - c - d;
        for (int32_t i = 0; i < channels; ++i) {
          const int32_t p = upper[left + i], q = upper[right + i];
          const int32_t r = lower[left + i], s = lower[right + i];
          const int32_t sum = p * a + q * b + r * c + s * d;
          const int32_t half = sum > 0 ? ONE * ONE / 2 : -(ONE * ONE / 2);
          output[i] = (int8_t)((sum + half) / (ONE * ONE));
        }
      }
    }
  }
  return NN_OK;
}
