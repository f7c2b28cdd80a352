/* Shared by AVERAGE_POOL_2D and MAX_POOL_2D: the loops over the output and over a window.
 *
 * nn_pool             for every output: `combine` of all inputs that its window has inside the input,
 *                     from `start` on, then `finish` to an int32 that is clamped. Both are inlined.
 *                     Computes `channels` of them at once, a constant of at most NN_POOL_CHANNELS:
 *                     many suit windows larger than the data cache, few suit small ones.
 *                     Returns NN_UNSUPPORTED when a window lies wholly outside the input.
 */
#ifndef CFUFORGE_NN_POOL_H
#define CFUFORGE_NN_POOL_H

#include "blocking.h"
#include "requantise.h"
#include "window.h"

#define NN_POOL_CHANNELS 16
#define NN_POOL_BATCH 8 /* loaded at once */

typedef struct {
  int32_t rows, columns, input_row, input_column;
  int32_t count;    /* rows * columns */
  uint32_t inverse; /* unless 0, n / count is n * inverse / 2^32 for n <= 129 * count */
  nn_activation activation;
} nn_pool_window;

typedef int32_t nn_pool_combine(int32_t so_far, int32_t value);
typedef int32_t nn_pool_finish(int32_t combined, const nn_pool_window *window);

NN_INLINE void nn_pool_block(int channels, const nn_pool_window *window, nn_pool_combine *combine,
                             int32_t start, nn_pool_finish *finish, const int8_t *input,
                             int8_t *output) {
  const int32_t columns = window->columns, input_column = window->input_column;
  int32_t result[NN_POOL_CHANNELS];
  NN_UNROLL for (int c = 0; c < channels; ++c) result[c] = start;
  for (int32_t row = 0; row < window->rows; ++row, input += window->input_row) {
    const int8_t *x = input;
    for (int32_t column = 0; column < columns; ++column, x += input_column) {
      NN_UNROLL for (int c = 0; c < channels; c += NN_POOL_BATCH) {
        const int batch = channels - c < NN_POOL_BATCH ? channels - c : NN_POOL_BATCH;
        int32_t value[NN_POOL_BATCH];
        NN_UNROLL for (int i = 0; i < batch; ++i) value[i] = x[c + i];
        NN_UNROLL for (int i = 0; i < batch; ++i) NN_HOLD(value[i]);
        NN_UNROLL for (int i = 0; i < batch; ++i) result[c + i] = combine(result[c + i], value[i]);
      }
    }
  }
  NN_UNROLL for (int c = 0; c < channels; ++c)
    output[c] = (int8_t)nn_clamp(finish(result[c], window), window->activation);
}

/* All windows inside the input have the same size, so a division is seldom needed. */
NN_INLINE void nn_pool_resize(nn_pool_window *window, int32_t rows, int32_t columns) {
  const int32_t count = rows * columns;
  window->rows = rows;
  window->columns = columns;
  if (count == window->count) return;
  window->count = count;
  window->inverse = count > 1 && count < 4096 ? UINT32_MAX / (uint32_t)count + 1 : 0;
}

NN_INLINE nn_status nn_pool(int block, const nn_pool_params *params, nn_pool_combine *combine,
                            int32_t start, nn_pool_finish *finish, const nn_dims *input_dims,
                            const int8_t *input, const nn_dims *output_dims, int8_t *output) {
  const int32_t channels = input_dims->c, input_row = input_dims->w * channels;
  nn_pool_window window = {
      .input_row = input_row, .input_column = channels, .activation = params->activation};
  for (int32_t n = 0; n < output_dims->n; ++n, input += input_dims->h * input_row) {
    for (int32_t oy = 0; oy < output_dims->h; ++oy) {
      const int32_t y = oy * params->stride.h - params->padding.h;
      const nn_taps ky = nn_clip(y, 1, params->filter.h, input_dims->h);
      for (int32_t ox = 0; ox < output_dims->w; ++ox, output += channels) {
        const int32_t x = ox * params->stride.w - params->padding.w;
        const nn_taps kx = nn_clip(x, 1, params->filter.w, input_dims->w);
        const int8_t *corner = input + (y + ky.first) * input_row + (x + kx.first) * channels;
        int32_t c = 0;
        if (ky.last == ky.first || kx.last == kx.first) return NN_UNSUPPORTED;
        nn_pool_resize(&window, ky.last - ky.first, kx.last - kx.first);
        for (; c + block <= channels; c += block)
          nn_pool_block(block, &window, combine, start, finish, corner + c, output + c);
        for (; c < channels; ++c)
          nn_pool_block(1, &window, combine, start, finish, corner + c, output + c);
      }
    }
  }
  return NN_OK;
}

#endif
