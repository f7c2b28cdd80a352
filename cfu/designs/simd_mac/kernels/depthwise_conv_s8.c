/* DEPTHWISE_CONV_2D on int8 with the CFU simd_mac: any kernel, stride, dilation, padding and depth
 * multiplier.
 *
 * A word is four channels of one pixel; cfu_mul multiplies it by their weights lane by lane. A tile
 * is four channels of CFU_ROWS output pixels below each other, so that all have the same columns of
 * taps and share each loaded weight; pixels whose window is clipped above or below go one by one.
 * Short columns of pixels are computed for all channels before the next, so that their inputs stay
 * in the data cache. With a depth multiplier, or channels that are not whole words, a column's
 * inputs are first copied into scratch, each output channel's own, and the filter likewise.
 *
 * Tensors have to be aligned to 4 bytes, as TFLM's are; else the reference computes the layer.
 * Returns NN_OK, or NN_UNSUPPORTED as the reference does.
 */
#include "tiles.h"
#include "window.h"

#define COLUMN_PIXELS (3 * CFU_ROWS + 1) /* a clipped one, and three tiles */

/* Where the words of a column of output pixels are; all distances in bytes. */
typedef struct {
  const int8_t *input;  /* of tap 0, 0 of pixel 0, channel 0: outside the input where clipped */
  const int8_t *filter; /* of tap 0, first column */
  int32_t input_row, input_column, input_pixel; /* between taps; between output pixels */
  int32_t filter_row, filter_column;
  int32_t columns;             /* of taps */
  int32_t rows;                /* of taps, where not clipped */
  int32_t pixels, first, last; /* of the column; first to last - 1 are not clipped */
  nn_taps taps[COLUMN_PIXELS]; /* rows of taps of those that are */
  int32_t output_pitch;
} column_words;

/* The pointers are held, or the compiler would keep offsets to their starts besides. */
NN_INLINE void advance(int count, const int8_t **pointers, int32_t bytes) {
  NN_UNROLL for (int i = 0; i < count; ++i) {
    pointers[i] += bytes;
    NN_HOLD(pointers[i]);
  }
}

/* Three rows of taps, one after the other in input and output: each input word is loaded once. */
NN_INLINE void multiply_3_rows(const column_words *c, const int8_t *input, const int8_t *filter) {
  const int8_t *x[CFU_ROWS + 2], *w[3];
  NN_UNROLL for (int i = 0; i < CFU_ROWS + 2; ++i) x[i] = input + i * c->input_row;
  NN_UNROLL for (int i = 0; i < 3; ++i) w[i] = filter + i * c->filter_row;
  const int8_t *const end = w[0] + c->columns * c->filter_column;
  const int32_t input_column = c->input_column, filter_column = c->filter_column;
  while (w[0] != end) {
    word value[CFU_ROWS + 2], weight[3];
    NN_UNROLL for (int i = 0; i < CFU_ROWS + 2; ++i) value[i] = *(const word *)x[i];
    NN_UNROLL for (int i = 0; i < 3; ++i) weight[i] = *(const word *)w[i];
    advance(CFU_ROWS + 2, x, input_column);
    advance(3, w, filter_column);
    NN_UNROLL for (int i = 0; i < 3; ++i) {
      NN_UNROLL for (int r = 0; r < CFU_ROWS; ++r) cfu_mul((uint32_t)r, value[r + i], weight[i]);
    }
  }
}

/* Any taps: one word of each pixel at a time. */
NN_INLINE void multiply_taps(int rows, const column_words *c, nn_taps taps, const int8_t *input,
                             const int8_t *filter) {
  const int32_t input_column = c->input_column, filter_column = c->filter_column;
  for (int32_t ky = taps.first; ky < taps.last; ++ky) {
    const int8_t *x[CFU_ROWS], *w = filter + ky * c->filter_row;
    const int8_t *const end = w + c->columns * filter_column;
    x[0] = input + ky * c->input_row;
    NN_UNROLL for (int r = 1; r < rows; ++r) x[r] = x[r - 1] + c->input_pixel;
    while (w != end) {
      word value[CFU_ROWS], weight = *(const word *)w;
      NN_UNROLL for (int r = 0; r < rows; ++r) value[r] = *(const word *)x[r];
      advance(rows, x, input_column);
      advance(1, &w, filter_column);
      NN_UNROLL for (int r = 0; r < rows; ++r) cfu_mul((uint32_t)r, value[r], weight);
    }
  }
}

/* `pixels` that are not clipped, at least CFU_ROWS, in tiles. Out of line, so that the loops have all
 * registers. */
static __attribute__((noinline)) void multiply_tiles(const column_words *c, const int8_t *input,
                                                     const int8_t *filter, int32_t pixels,
                                                     int8_t *output, int32_t channels) {
  const int32_t pitch = c->output_pitch;
  const int as_words = stored_as_words(output, pitch, channels);
  const int three_rows = c->rows == 3 && c->input_pixel == c->input_row;
  const nn_taps all = {0, c->rows};
  int8_t *previous = output; /* what is stored there first is soon overwritten */
  for (;;) {
    if (three_rows)
      multiply_3_rows(c, input, filter);
    else
      multiply_taps(CFU_ROWS, c, all, input, filter);
    store_tile(CFU_ROWS, previous, pitch, channels, as_words);
    NN_UNROLL for (int r = 0; r < CFU_ROWS; ++r) cfu_requantise((uint32_t)r);
    previous = output;
    pixels -= CFU_ROWS;
    if (pixels <= 0) break;
    const int32_t step = pixels < CFU_ROWS ? pixels : CFU_ROWS; /* the last may overlap */
    input += step * c->input_pixel;
    output += step * pitch;
    if (pixels < CFU_ROWS) pixels = CFU_ROWS;
  }
  store_tile(CFU_ROWS, previous, pitch, channels, as_words);
}

/* One pixel. */
static __attribute__((noinline)) void multiply_one(const column_words *c, nn_taps taps,
                                                   const int8_t *input, const int8_t *filter,
                                                   int8_t *output, int32_t channels) {
  multiply_taps(1, c, taps, input, filter);
  cfu_requantise(0);
  store_tile(1, output, c->output_pitch, channels,
             stored_as_words(output, c->output_pitch, channels));
}

/* The layer, as all its columns see it. */
typedef struct {
  const nn_dw_conv_params *params;
  const nn_channel_quant *quant;
  const nn_dims *input_dims, *filter_dims, *output_dims;
  const int32_t *bias;
  int32_t channel_bytes; /* of a pixel, and of a tap of the filter: whole words */
  int copied;            /* input and filter are in scratch */
} layer;

/* All channels of a column; output: of its pixel 0. */
static void compute_column(const layer *l, const column_words *c, int8_t *output) {
  const int32_t channels = l->output_dims->c;
  const int32_t tiled = c->last - c->first < CFU_ROWS ? 0 : c->last - c->first;
  for (int32_t o = 0; o < channels; o += CHANNELS) {
    const int32_t some = channels - o < CHANNELS ? channels - o : CHANNELS;
    set_channels(l->quant, l->bias, o, some);
    if (tiled > 0)
      multiply_tiles(c, c->input + c->first * c->input_pixel + o, c->filter + o, tiled,
                     output + c->first * c->output_pitch + o, some);
    for (int32_t i = 0; i < c->pixels; ++i) {
      if (tiled > 0 && i == c->first) i += tiled;
      if (i < c->pixels)
        multiply_one(c, c->taps[i], c->input + i * c->input_pixel + o, c->filter + o,
                     output + i * c->output_pitch + o, some);
    }
  }
}

/* Find the rows of taps of each of the column's pixels, output rows `first` and below. */
static void clip_rows(const layer *l, int32_t first, column_words *c) {
  const nn_dw_conv_params *const p = l->params;
  c->first = c->last = 0;
  for (int32_t i = 0; i < c->pixels; ++i) {
    const int32_t y = (first + i) * p->stride.h - p->padding.h;
    c->taps[i] = nn_clip(y, p->dilation.h, l->filter_dims->h, l->input_dims->h);
    if (c->taps[i].first == 0 && c->taps[i].last == c->rows) {
      if (c->first == c->last) c->first = i;
      c->last = i + 1;
    }
  }
}

/* Copy the input pixels that a column reads, each output channel's own input; rows from `y` on,
 * tap columns from `x` on. */
static void copy_column(const layer *l, const int8_t *image, int32_t y, int32_t rows, int32_t x,
                        int32_t columns, int8_t *to) {
  const int32_t depth = l->input_dims->c, multiplier = l->params->depth_multiplier;
  for (int32_t row = y; row < y + rows; ++row) {
    for (int32_t column = 0; column < columns; ++column) {
      const int8_t *from =
          image + (row * l->input_dims->w + x + column * l->params->dilation.w) * depth;
      int8_t *pixel = to;
      for (int32_t i = 0; i < depth; ++i) {
        for (int32_t m = 0; m < multiplier; ++m) {
          *pixel++ = from[i];
          NN_HOLD(m); /* or the compiler would call memset */
        }
      }
      to += l->channel_bytes;
    }
  }
}

/* Input rows from the first to the last that COLUMN_PIXELS output pixels read. */
static int32_t column_rows(const nn_dw_conv_params *params, const nn_dims *input_dims,
                           const nn_dims *filter_dims) {
  const int32_t rows =
      (COLUMN_PIXELS - 1) * params->stride.h + (filter_dims->h - 1) * params->dilation.h + 1;
  return rows < input_dims->h ? rows : input_dims->h;
}

static layer make_layer(const nn_dw_conv_params *params, const nn_channel_quant *quant,
                        const nn_dims *input_dims, const nn_dims *filter_dims, const int32_t *bias,
                        const nn_dims *output_dims) {
  const int copied = params->depth_multiplier != 1 || (output_dims->c & 3) != 0;
  return (layer){params,      quant, input_dims,                  filter_dims,
                 output_dims, bias,  (output_dims->c + 3) & ~3, copied};
}

int32_t nn_depthwise_conv_s8_scratch_size(const nn_dw_conv_params *params, const nn_dims *input_dims,
                                          const nn_dims *filter_dims, const nn_dims *output_dims) {
  const layer l = make_layer(params, 0, input_dims, filter_dims, 0, output_dims);
  if (!l.copied) return 0;
  const int32_t rows = filter_dims->h + column_rows(params, input_dims, filter_dims);
  return rows * filter_dims->w * l.channel_bytes;
}

/* One column of output pixels: rows first to end - 1 at ox. */
static void column(const layer *l, const int8_t *image, const int8_t *filter, int8_t *copies,
                   int32_t first, int32_t end, int32_t ox, int8_t *output) {
  const nn_dw_conv_params *const p = l->params;
  const int32_t x = ox * p->stride.w - p->padding.w, y = first * p->stride.h - p->padding.h;
  const nn_taps kx = nn_clip(x, p->dilation.w, l->filter_dims->w, l->input_dims->w);
  const int32_t left = x + kx.first * p->dilation.w, columns = kx.last - kx.first;
  column_words words = {
      .filter = filter + kx.first * l->channel_bytes,
      .filter_row = l->filter_dims->w * l->channel_bytes,
      .filter_column = l->channel_bytes,
      .columns = columns,
      .rows = l->filter_dims->h,
      .pixels = end - first,
      .output_pitch = l->output_dims->w * l->output_dims->c,
  };
  int32_t row;
  if (l->copied) {
    const int32_t below = y + (end - 1 - first) * p->stride.h + (l->filter_dims->h - 1) * p->dilation.h;
    const int32_t top = y < 0 ? 0 : y;
    const int32_t bottom = below < l->input_dims->h ? below + 1 : l->input_dims->h;
    copy_column(l, image, top, bottom - top, left, columns, copies);
    row = columns * l->channel_bytes;
    words.input = copies + (y - top) * row;
    words.input_column = l->channel_bytes;
  } else {
    row = l->input_dims->w * l->channel_bytes;
    words.input = image + y * row + left * l->channel_bytes;
    words.input_column = p->dilation.w * l->channel_bytes;
  }
  words.input_row = p->dilation.h * row;
  words.input_pixel = p->stride.h * row;
  clip_rows(l, first, &words);
  compute_column(l, &words, output);
}

nn_status nn_depthwise_conv_s8(nn_context *ctx, const nn_dw_conv_params *params,
                               const nn_channel_quant *quant, const nn_dims *input_dims,
                               const int8_t *input, const nn_dims *filter_dims,
                               const int8_t *filter, const int32_t *bias,
                               const nn_dims *output_dims, int8_t *output) {
  if (input_dims->c * params->depth_multiplier != output_dims->c || !is_aligned(input) ||
      !is_aligned(filter))
    return nn_depthwise_conv_s8_reference(ctx, params, quant, input_dims, input, filter_dims,
                                          filter, bias, output_dims, output);
  NN_RAN(ctx, "depthwise_conv_s8");
  cfu_set_offsets(params->input_offset, params->output_offset);
  cfu_set_activation((int8_t)params->activation.min, (int8_t)params->activation.max);

  const layer l = make_layer(params, quant, input_dims, filter_dims, bias, output_dims);
  const int32_t taps = filter_dims->h * filter_dims->w, channels = output_dims->c;
  int8_t *copies = ctx->scratch;
  if (l.copied) {
    for (int32_t i = 0; i < taps; ++i, copies += l.channel_bytes) {
      copy_bytes(copies, filter + i * channels, channels);
    }
    filter = ctx->scratch;
  }
  for (int32_t n = 0; n < output_dims->n; ++n) {
    for (int32_t first = 0; first < output_dims->h; first += COLUMN_PIXELS) {
      const int32_t left = output_dims->h - first;
      const int32_t end = first + (left < COLUMN_PIXELS ? left : COLUMN_PIXELS);
      for (int32_t ox = 0; ox < output_dims->w; ++ox)
        column(&l, input, filter, copies, first, end, ox,
               output + (first * output_dims->w + ox) * channels);
    }
    input += input_dims->h * input_dims->w * input_dims->c;
    output += output_dims->h * output_dims->w * channels;
  }
  return NN_OK;
}
