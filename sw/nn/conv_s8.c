/* CONV_2D on int8: any kernel, stride, dilation, padding, groups and channel counts.
 *
 * Computes a block of 2 neighbouring output pixels by 4 output channels at a time, so that 6 loads
 * serve 8 multiplications. The window is clipped to the input once for each pixel; what is left is a
 * set of runs, contiguous both in the input and in the filter. Needs no scratch.
 * Groups: filter_dims.c divides input_dims.c, their quotient is the number of groups, and divides
 * the number of output channels. Accumulators are 32 bits wide, as the model's biases are.
 * Returns NN_OK, or NN_UNSUPPORTED when the channels are not divisible like this.
 */
#include "blocking.h"
#include "requantise.h"
#include "window.h"

#define PIXELS 2
#define CHANNELS 4

/* The clipped window, as rows x columns runs of `run` values each. */
typedef struct {
  int32_t rows, columns, run;
  int32_t input_row, input_column, filter_row, filter_column; /* distances between runs */
  int32_t input_pixel;                                        /* ... between output pixels */
  int32_t filter_channel;                                     /* ... between output channels */
  int32_t input_offset;
} window_runs;

/* One step along a run: value i of every pixel times value i of every channel. */
NN_INLINE void multiply_add(int pixels, int channels, const int8_t *const *x, const int8_t *const *w,
                         int32_t i, int32_t input_offset, int32_t acc[PIXELS][CHANNELS]) {
  int32_t input[PIXELS], weight[CHANNELS];
  NN_UNROLL for (int p = 0; p < pixels; ++p) input[p] = x[p][i];
  NN_UNROLL for (int c = 0; c < channels; ++c) weight[c] = w[c][i];
  NN_UNROLL for (int p = 0; p < pixels; ++p) input[p] += input_offset;
  NN_UNROLL for (int p = 0; p < pixels; ++p) {
    NN_UNROLL for (int c = 0; c < channels; ++c)
      acc[p][c] = nn_wrap(acc[p][c], input[p] * weight[c]);
  }
  NN_UNROLL for (int p = 0; p < pixels; ++p) {
    NN_UNROLL for (int c = 0; c < channels; ++c) NN_HOLD(acc[p][c]);
  }
}

/* The sums of a block; pixels and channels are constants where it is inlined. */
NN_INLINE void accumulate(int pixels, int channels, const window_runs *runs, const int8_t *input,
                       const int8_t *filter, int32_t acc[PIXELS][CHANNELS]) {
  const int32_t input_offset = runs->input_offset;
  const int32_t run = runs->run;
  for (int32_t row = 0; row < runs->rows; ++row) {
    for (int32_t column = 0; column < runs->columns; ++column) {
      const int8_t *x[PIXELS], *w[CHANNELS];
      x[0] = input + row * runs->input_row + column * runs->input_column;
      w[0] = filter + row * runs->filter_row + column * runs->filter_column;
      NN_UNROLL for (int p = 1; p < pixels; ++p) x[p] = x[p - 1] + runs->input_pixel;
      NN_UNROLL for (int c = 1; c < channels; ++c) w[c] = w[c - 1] + runs->filter_channel;
      const int8_t *const end = x[0] + run, *const end4 = x[0] + (run & ~3);
      while (x[0] != end4) {
        NN_UNROLL for (int i = 0; i < 4; ++i)
          multiply_add(pixels, channels, x, w, i, input_offset, acc);
        NN_UNROLL for (int p = 0; p < pixels; ++p) x[p] += 4;
        NN_UNROLL for (int c = 0; c < channels; ++c) w[c] += 4;
      }
      while (x[0] != end) {
        multiply_add(pixels, channels, x, w, 0, input_offset, acc);
        NN_UNROLL for (int p = 0; p < pixels; ++p) ++x[p];
        NN_UNROLL for (int c = 0; c < channels; ++c) ++w[c];
      }
    }
  }
}

/* Parameters of the output channels, from the first channel of a block on. */
typedef struct {
  const int32_t *multiplier, *bias;
  const int8_t *shift;
  int32_t output_offset, output_pixel;
  nn_activation activation;
} output_stage;

NN_INLINE void block(int pixels, int channels, const window_runs *runs, const int8_t *input,
                  const int8_t *filter, const output_stage *stage, int32_t o, int8_t *output) {
  int32_t acc[PIXELS][CHANNELS];
  NN_UNROLL for (int c = 0; c < channels; ++c) {
    acc[0][c] = stage->bias ? stage->bias[o + c] : 0;
    if (pixels == 2) acc[1][c] = acc[0][c];
  }
  accumulate(pixels, channels, runs, input, filter, acc);
  NN_UNROLL for (int c = 0; c < channels; ++c) {
    const int32_t multiplier = stage->multiplier[o + c], shift = stage->shift[o + c];
    NN_UNROLL for (int p = 0; p < pixels; ++p)
      output[p * stage->output_pixel + o + c] = nn_requantise(
          acc[p][c], multiplier, shift, stage->output_offset, stage->activation);
  }
}

/* All output channels of one group, for one or two pixels. */
NN_INLINE void all_channels(int pixels, const window_runs *runs, const int8_t *input,
                         const int8_t *filter, const output_stage *stage, int32_t o, int32_t end,
                         int8_t *output) {
  const int8_t *w = filter + o * runs->filter_channel;
  for (; o + CHANNELS <= end; o += CHANNELS, w += CHANNELS * runs->filter_channel)
    block(pixels, CHANNELS, runs, input, w, stage, o, output);
  for (; o < end; ++o, w += runs->filter_channel)
    block(pixels, 1, runs, input, w, stage, o, output);
}

int32_t nn_conv_s8_scratch_size(const nn_conv_params *params, const nn_dims *input_dims,
                                const nn_dims *filter_dims, const nn_dims *output_dims) {
  (void)params, (void)input_dims, (void)filter_dims, (void)output_dims;
  return 0;
}

nn_status nn_conv_s8(nn_context *ctx, const nn_conv_params *params, const nn_channel_quant *quant,
                     const nn_dims *input_dims, const int8_t *input, const nn_dims *filter_dims,
                     const int8_t *filter, const int32_t *bias, const nn_dims *output_dims,
                     int8_t *output) {
  const int32_t depth = filter_dims->c, filter_row = filter_dims->w * depth;
  const int32_t input_row = input_dims->w * input_dims->c;
  if (depth < 1 || input_dims->c % depth != 0) return NN_UNSUPPORTED;
  const int32_t groups = input_dims->c / depth;
  if (output_dims->c % groups != 0) return NN_UNSUPPORTED;
  const int32_t group_channels = output_dims->c / groups;
  const int whole_rows = params->dilation.w == 1 && groups == 1; /* a run spans the columns */
  NN_RAN(ctx, "conv_s8");

  window_runs runs = {
      .input_row = params->dilation.h * input_row,
      .input_column = params->dilation.w * input_dims->c,
      .filter_row = filter_row,
      .filter_column = depth,
      .input_pixel = params->stride.w * input_dims->c,
      .filter_channel = filter_dims->h * filter_row,
      .input_offset = params->input_offset,
  };
  const output_stage stage = {quant->multiplier,     bias,           quant->shift,
                              params->output_offset, output_dims->c, params->activation};

  for (int32_t n = 0; n < output_dims->n; ++n, input += input_dims->h * input_row) {
    for (int32_t oy = 0; oy < output_dims->h; ++oy) {
      const int32_t y = oy * params->stride.h - params->padding.h;
      const nn_taps ky = nn_clip(y, params->dilation.h, filter_dims->h, input_dims->h);
      const int8_t *const top = input + (y + ky.first * params->dilation.h) * input_row;
      int32_t x = -params->padding.w;
      nn_taps next = nn_clip(x, params->dilation.w, filter_dims->w, input_dims->w);
      runs.rows = ky.last - ky.first;
      for (int32_t ox = 0; ox < output_dims->w;) {
        const nn_taps kx = next;
        const int8_t *corner = top + (x + kx.first * params->dilation.w) * input_dims->c;
        const int8_t *w = filter + ky.first * filter_row + kx.first * depth;
        const int32_t columns = kx.last - kx.first;
        runs.columns = whole_rows ? 1 : columns;
        runs.run = whole_rows ? columns * depth : depth;
        x += params->stride.w;
        next = nn_clip(x, params->dilation.w, filter_dims->w, input_dims->w);
        const int pair = ox + 1 < output_dims->w && next.first == kx.first && next.last == kx.last;
        for (int32_t o = 0; o < output_dims->c; o += group_channels, corner += depth) {
          if (pair)
            all_channels(2, &runs, corner, w, &stage, o, o + group_channels, output);
          else
            all_channels(1, &runs, corner, w, &stage, o, o + group_channels, output);
        }
        if (pair) {
          x += params->stride.w;
          next = nn_clip(x, params->dilation.w, filter_dims->w, input_dims->w);
        }
        ox += 1 + pair;
        output += (1 + pair) * output_dims->c;
      }
    }
  }
  return NN_OK;
}
