/* RESIZE_NEAREST_NEIGHBOR of any type: every output pixel is a copy of one of the input's.
 *
 * Output rows from the same input row are copied as a whole. Returns NN_OK.
 */
#include <stddef.h>

#include "nn.h"

#define SHORT 8 /* bytes: below this, a call costs more than a loop */

static void copy(int8_t *to, const int8_t *from, int32_t bytes) {
  if (bytes >= SHORT) {
    __builtin_memcpy(to, from, (size_t)bytes);
  } else {
    for (int32_t i = 0; i < bytes; ++i) to[i] = from[i];
  }
}

nn_status nn_resize_nearest(nn_context *ctx, const nn_resize_nearest_params *params,
                            const nn_dims *input_dims, const void *input,
                            const nn_dims *output_dims, void *output) {
  const int32_t pixel = input_dims->c, input_row = input_dims->w * pixel;
  const int32_t output_row = output_dims->w * pixel;
  const int8_t *from = input;
  int8_t *to = output;
  NN_RAN(ctx, "resize_nearest");
  for (int32_t n = 0; n < output_dims->n; ++n, from += input_dims->h * input_row) {
    for (int32_t y = 0; y < output_dims->h; ++y) {
      if (y > 0 && params->rows[y] == params->rows[y - 1]) {
        copy(to, to - output_row, output_row);
        to += output_row;
        continue;
      }
      const int8_t *row = from + params->rows[y] * input_row;
      for (int32_t x = 0; x < output_dims->w; ++x, to += pixel)
        copy(to, row + params->columns[x] * pixel, pixel);
    }
  }
  return NN_OK;
}
