/* MAX_POOL_2D on int8: any filter, stride and padding.
 *
 * The largest of the values inside the input, clamped; no rescaling. Computes sixteen channels at a
 * time, so that a line of the data cache is fetched only twice.
 * Returns NN_OK, or NN_UNSUPPORTED when a window lies wholly outside the input.
 */
#include "blocking.h"
#include "requantise.h"
#include "window.h"

#define CHANNELS 16
#define BATCH 8 /* loaded at once */

typedef struct {
  int32_t rows, columns, input_row, input_column;
  nn_activation activation;
} pool_window;

NN_INLINE void block(int channels, const pool_window *window, const int8_t *input,
                     int8_t *output) {
  const int32_t columns = window->columns, input_column = window->input_column;
  int32_t largest[CHANNELS];
  NN_UNROLL for (int c = 0; c < channels; ++c) largest[c] = window->activation.min;
  for (int32_t row = 0; row < window->rows; ++row, input += window->input_row) {
    const int8_t *x = input;
    for (int32_t column = 0; column < columns; ++column, x += input_column) {
      NN_UNROLL for (int c = 0; c < channels; c += BATCH) {
        int32_t value[BATCH];
        NN_UNROLL for (int i = 0; i < BATCH && c + i < channels; ++i) value[i] = x[c + i];
        NN_UNROLL for (int i = 0; i < BATCH && c + i < channels; ++i) NN_HOLD(value[i]);
        NN_UNROLL for (int i = 0; i < BATCH && c + i < channels; ++i) {
          if (value[i] > largest[c + i]) largest[c + i] = value[i];
        }
      }
    }
  }
  NN_UNROLL for (int c = 0; c < channels; ++c)
    output[c] = (int8_t)nn_clamp(largest[c], window->activation);
}

nn_status nn_max_pool_s8(nn_context *ctx, const nn_pool_params *params, const nn_dims *input_dims,
                         const int8_t *input, const nn_dims *output_dims, int8_t *output) {
  const int32_t channels = input_dims->c, input_row = input_dims->w * channels;
  pool_window window = {
      .input_row = input_row, .input_column = channels, .activation = params->activation};
  NN_RAN(ctx, "max_pool_s8");
  for (int32_t n = 0; n < output_dims->n; ++n, input += input_dims->h * input_row) {
    for (int32_t oy = 0; oy < output_dims->h; ++oy) {
      const int32_t y = oy * params->stride.h - params->padding.h;
      const nn_taps ky = nn_clip(y, 1, params->filter.h, input_dims->h);
      window.rows = ky.last - ky.first;
      for (int32_t ox = 0; ox < output_dims->w; ++ox, output += channels) {
        const int32_t x = ox * params->stride.w - params->padding.w;
        const nn_taps kx = nn_clip(x, 1, params->filter.w, input_dims->w);
        const int8_t *corner = input + (y + ky.first) * input_row + (x + kx.first) * channels;
        int32_t c = 0;
        window.columns = kx.last - kx.first;
        if (window.rows == 0 || window.columns == 0) return NN_UNSUPPORTED;
        for (; c + CHANNELS <= channels; c += CHANNELS)
          block(CHANNELS, &window, corner + c, output + c);
        for (; c < channels; ++c) block(1, &window, corner + c, output + c);
      }
    }
  }
  return NN_OK;
}
