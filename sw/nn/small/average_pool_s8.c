/* AVERAGE_POOL_2D on int8 as in ../average_pool_s8.c, in a quarter of the code: fewer channels at a time.
 * */
#include "blocking.h"
#include "requantise.h"
#include "windows.h"

#define CHANNELS 4

typedef struct {
  int32_t input_row, channels;
  nn_activation activation;
} pool;

static nn_status pixel(const void *kernel, const nn_clipped *window, int8_t *output) {
  const pool *const layer = kernel;
  const int32_t rows = window->h.last - window->h.first, columns = window->w.last - window->w.first;
  const int32_t count = rows * columns;
  if (count == 0) return NN_UNSUPPORTED;
  for (int32_t c = 0, lanes; c < layer->channels; c += lanes) {
    int32_t sum[CHANNELS] = {0};
    lanes = c + CHANNELS <= layer->channels ? CHANNELS : 1;
    for (int32_t row = 0; row < rows; ++row) {
      const int8_t *x = window->input + row * layer->input_row + c;
      for (int32_t column = 0; column < columns; ++column, x += layer->channels) {
        sum[0] += x[0];
        if (lanes == 1) continue;
        NN_UNROLL for (int i = 1; i < CHANNELS; ++i) sum[i] += x[i];
      }
    }
    for (int i = 0; i < lanes; ++i) {
      const int32_t half = sum[i] > 0 ? count / 2 : -(count / 2);
      output[c + i] = (int8_t)nn_clamp((sum[i] + half) / count, layer->activation);
    }
  }
  return NN_OK;
}

nn_status nn_average_pool_s8(nn_context *ctx, const nn_pool_params *params,
                             const nn_dims *input_dims, const int8_t *input,
                             const nn_dims *output_dims, int8_t *output) {
  const nn_windows windows = {input_dims,     output_dims,     params->filter.h, params->filter.w,
                              params->stride, params->padding, {1, 1}};
  const pool layer = {input_dims->w * input_dims->c, input_dims->c, params->activation};
  NN_RAN(ctx, "average_pool_s8");
  return nn_each_window(&windows, input, output, pixel, &layer);
}
