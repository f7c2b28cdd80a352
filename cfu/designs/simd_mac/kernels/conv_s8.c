/* CONV_2D on int8 with the CFU simd_mac: any kernel, stride, dilation, padding, groups, channels.
 *
 * A matrix product: rows of inputs, one for each output pixel, times rows of weights, one for each
 * output channel, in tiles of CFU_ROWS pixels by 4 channels. For a 1x1 convolution the input itself
 * is the matrix; for others a block of pixels is gathered into scratch, with the input's zero point
 * as padding. Blocks fit in the data cache, so that each is fetched once and used for all channels.
 * Filter rows that are not whole words or not contiguous are copied into scratch, padded with
 * zeros.
 *
 * Unless tensors are aligned to 4 bytes, as TFLM's are, the reference computes the layer.
 * Returns NN_OK, or NN_UNSUPPORTED as the reference does.
 */
#include "conv.h"
#include "tiles.h"
#include "window.h"

#define BLOCK_BYTES 2048 /* of inputs: half of the data cache */

/* How a layer becomes a matrix product. */
typedef struct {
  int32_t groups, depth;     /* depth: input channels of a group */
  int32_t terms;             /* of one sum: filter height * width * depth */
  int32_t row_bytes;         /* of a matrix row: terms, padded when packed */
  int32_t pixels;            /* all output pixels */
  int32_t block;             /* pixels of a block */
  int in_place;              /* the input is the matrix */
  int packed;                /* the filter is copied */
} plan;

static plan make_plan(const nn_conv_params *params, const nn_dims *input_dims,
                      const nn_dims *filter_dims, const nn_dims *output_dims,
                      filter_order order) {
  plan p;
  p.depth = filter_dims->c;
  p.groups = input_dims->c / p.depth;
  p.terms = filter_dims->h * filter_dims->w * p.depth;
  p.packed = (p.terms & 3) != 0 || p.terms < 8 || order == CHANNELS_LAST;
  p.row_bytes = p.packed ? (p.terms + 7) & ~7 : p.terms;
  p.pixels = output_dims->n * output_dims->h * output_dims->w;
  p.block = BLOCK_BYTES / p.row_bytes / CFU_ROWS * CFU_ROWS;
  if (p.block < CFU_ROWS) p.block = CFU_ROWS;
  if (p.block > p.pixels) p.block = p.pixels;
  p.in_place = filter_dims->h == 1 && filter_dims->w == 1 && params->stride.h == 1 &&
               params->stride.w == 1 && params->padding.h == 0 && params->padding.w == 0 &&
               input_dims->h == output_dims->h && input_dims->w == output_dims->w &&
               p.groups == 1 && !p.packed;
  return p;
}

/* Add the products of `words` (1 or 2) words to each sum of a tile; after the last, requantise. */
NN_INLINE void dot_together(int rows, int words, int last, const word *const *x,
                            const word *const *w, int offset) {
  word input[2][CFU_ROWS], weight[2][CHANNELS];
  NN_UNROLL for (int i = 0; i < words; ++i) {
    NN_UNROLL for (int r = 0; r < rows; ++r) input[i][r] = x[r][offset + i];
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) weight[i][k] = w[k][offset + i];
  }
  NN_UNROLL for (int r = 0; r < rows; ++r) {
    NN_UNROLL for (int i = 0; i < words; ++i) {
      NN_UNROLL for (int k = 0; k < CHANNELS; ++k)
        cfu_dot((uint32_t)(CHANNELS * r + k), input[i][r], weight[i][k]);
    }
    if (last) cfu_requantise((uint32_t)r);
  }
}

/* The same; with a folded CFU, one word of each at a time, so that all stay in registers. */
NN_INLINE void dot_words(int rows, int words, int last, const word *const *x, const word *const *w,
                         int offset) {
  const int step = CFU_FOLDED ? 1 : words;
  NN_UNROLL for (int i = 0; i < words; i += step)
    dot_together(rows, step, last && i + step == words, x, w, offset + i);
}

/* NN_HOLD keeps the compiler from using offsets to the pointers' start values as well. */
NN_INLINE void advance(int count, const word **pointers, int words) {
  NN_UNROLL for (int i = 0; i < count; ++i) {
    pointers[i] += words;
    NN_HOLD(pointers[i]);
  }
}

/* The parameters of a block's product, the same for all blocks. */
typedef struct {
  const nn_channel_quant *quant;
  const int32_t *bias;
  const int8_t *filter;
  int32_t row_bytes, output_channels;
} product;

/* Multiply `pixels` rows of inputs, at least `rows`, by the filter rows of four channels. */
NN_INLINE void multiply_pixels(int rows, const product *p, const int8_t *input, int32_t pixels,
                               const word *const *filter, int8_t *output, int32_t channels) {
  const int32_t row_bytes = p->row_bytes, pitch = p->output_channels;
  const int32_t others = (row_bytes >> 2) - 2; /* words before the last two */
  const int as_words = stored_as_words(output, pitch, channels);
  int8_t *previous = output; /* stored to before it is valid, then overwritten */
  for (;;) {
    const word *x[CFU_ROWS], *w[CHANNELS];
    x[0] = (const word *)input;
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) w[k] = filter[k];
    NN_UNROLL for (int r = 1; r < rows; ++r)
      x[r] = (const word *)((const int8_t *)x[r - 1] + row_bytes);
    const word *const end = x[0] + (others & ~3);
    while (x[0] != end) {
      dot_words(rows, 2, 0, x, w, 0);
      dot_words(rows, 2, 0, x, w, 2);
      advance(rows, x, 4);
      advance(CHANNELS, w, 4);
    }
    if (others & 2) {
      dot_words(rows, 2, 0, x, w, 0);
      advance(rows, x, 2);
      advance(CHANNELS, w, 2);
    }
    if (others & 1) {
      dot_words(rows, 1, 0, x, w, 0);
      advance(rows, x, 1);
      advance(CHANNELS, w, 1);
    }
    store_tile(rows, previous, pitch, channels, as_words);
    dot_words(rows, 2, 1, x, w, 0);
    previous = output;
    pixels -= rows;
    if (pixels <= 0) break;
    const int32_t step = pixels < rows ? pixels : rows; /* the last tile may overlap */
    input += step * row_bytes;
    output += step * pitch;
    if (pixels < rows) pixels = rows;
  }
  store_tile(rows, previous, pitch, channels, as_words);
}

/* Out of line, so that the loops can use all registers. */
static __attribute__((noinline)) void multiply_tiles(const product *p, const int8_t *input,
                                                     int32_t pixels, const word *const *filter,
                                                     int8_t *output, int32_t channels) {
  multiply_pixels(CFU_ROWS, p, input, pixels, filter, output, channels);
}

static __attribute__((noinline)) void multiply_few(const product *p, const int8_t *input,
                                                   int32_t pixels, const word *const *filter,
                                                   int8_t *output, int32_t channels) {
  multiply_pixels(1, p, input, pixels, filter, output, channels);
}

/* Multiply `pixels` rows of inputs by channels o to end - 1. */
static void multiply(const product *p, const int8_t *input, int32_t pixels, int32_t o, int32_t end,
                     int8_t *output) {
  for (; o < end; o += CHANNELS) {
    const int32_t channels = end - o < CHANNELS ? end - o : CHANNELS;
    const word *filter[CHANNELS];
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) /* results beyond `end` are not stored */
      filter[k] = (const word *)(p->filter + (o + (k < channels ? k : 0)) * p->row_bytes);
    set_channels(p->quant, p->bias, o, channels);
    if (pixels < CFU_ROWS)
      multiply_few(p, input, pixels, filter, output + o, channels);
    else
      multiply_tiles(p, input, pixels, filter, output + o, channels);
  }
}

/* The parameters of a layer that gathering needs. */
typedef struct {
  const nn_conv_params *params;
  const nn_dims *input_dims, *filter_dims, *output_dims;
  const plan *plan;
} gather_layer;

/* Gather the inputs of one output pixel as a matrix row; input: the group's first channel. */
static void gather_pixel(const gather_layer *layer, const int8_t *input, int32_t oy, int32_t ox,
                         int8_t *row) {
  const nn_conv_params *const params = layer->params;
  const nn_dims *const input_dims = layer->input_dims, *const filter_dims = layer->filter_dims;
  const int32_t depth = layer->plan->depth;
  const int32_t y = oy * params->stride.h - params->padding.h;
  const int32_t x = ox * params->stride.w - params->padding.w;
  const nn_taps ky = nn_clip(y, params->dilation.h, filter_dims->h, input_dims->h);
  const nn_taps kx = nn_clip(x, params->dilation.w, filter_dims->w, input_dims->w);
  const int32_t taps = kx.last - kx.first, rows = ky.last - ky.first;
  const int32_t column = params->dilation.w * input_dims->c;
  const int32_t input_row = params->dilation.h * input_dims->w * input_dims->c;
  const int32_t row_bytes = filter_dims->w * depth;
  if (taps != filter_dims->w || rows != filter_dims->h)
    fill_words(row, (int8_t)-params->input_offset, layer->plan->row_bytes);
  if (taps == 0 || rows == 0) return;

  const int8_t *from = input + (y * input_dims->w + x) * input_dims->c + ky.first * input_row +
                       kx.first * column;
  int8_t *to = row + ky.first * row_bytes + kx.first * depth;
  const int8_t *const end = to + rows * row_bytes;
  if (params->dilation.w == 1 && layer->plan->groups == 1) {
    const int32_t run = taps * depth; /* the taps of a row are contiguous */
    for (; to != end; to += row_bytes, from += input_row) copy_bytes(to, from, run);
  } else {
    for (; to != end; to += row_bytes, from += input_row) {
      for (int32_t i = 0; i < taps; ++i) copy_bytes(to + i * depth, from + i * column, depth);
    }
  }
}

static void gather(const gather_layer *layer, const int8_t *input, int32_t first, int32_t pixels,
                   int8_t *rows) {
  const nn_dims *const input_dims = layer->input_dims, *const output_dims = layer->output_dims;
  const int32_t image = input_dims->h * input_dims->w * input_dims->c;
  int32_t n = first / (output_dims->h * output_dims->w);
  const int32_t place = first - n * output_dims->h * output_dims->w;
  int32_t oy = place / output_dims->w, ox = place - oy * output_dims->w;
  for (; pixels > 0; --pixels, rows += layer->plan->row_bytes) {
    gather_pixel(layer, input + n * image, oy, ox, rows);
    if (++ox < output_dims->w) continue;
    ox = 0;
    if (++oy < output_dims->h) continue;
    oy = 0;
    ++n;
  }
}

/* Copy the filter, one row for each output channel. */
static void pack_filter(const plan *plan, filter_order order, const int8_t *filter,
                        int32_t channels, int8_t *rows) {
  for (int32_t o = 0; o < channels; ++o, rows += plan->row_bytes) {
    fill_words(rows, 0, plan->row_bytes);
    if (order == CHANNELS_FIRST) {
      copy_bytes(rows, filter + o * plan->terms, plan->terms);
    } else {
      const int8_t *from = filter + o;
      for (int32_t i = 0; i < plan->terms; ++i, from += channels) rows[i] = *from;
    }
  }
}

int32_t simd_mac_conv_scratch_size(const nn_conv_params *params, const nn_dims *input_dims,
                                   const nn_dims *filter_dims, const nn_dims *output_dims,
                                   filter_order order) {
  const plan p = make_plan(params, input_dims, filter_dims, output_dims, order);
  return (p.packed ? output_dims->c * p.row_bytes : 0) + (p.in_place ? 0 : p.block * p.row_bytes);
}

void simd_mac_conv(const nn_context *ctx, const nn_conv_params *params,
                   const nn_channel_quant *quant, const nn_dims *input_dims, const int8_t *input,
                   const nn_dims *filter_dims, const int8_t *filter, filter_order order,
                   const int32_t *bias, const nn_dims *output_dims, int8_t *output) {
  cfu_set_offsets(params->input_offset, params->output_offset);
  cfu_set_activation((int8_t)params->activation.min, (int8_t)params->activation.max);

  const plan plan = make_plan(params, input_dims, filter_dims, output_dims, order);
  const gather_layer layer = {params, input_dims, filter_dims, output_dims, &plan};
  product product = {quant, bias, filter, plan.row_bytes, output_dims->c};
  int8_t *scratch = ctx->scratch;
  if (plan.packed) {
    pack_filter(&plan, order, filter, output_dims->c, scratch);
    product.filter = scratch;
    scratch += output_dims->c * plan.row_bytes;
  }
  const int32_t channels = output_dims->c / plan.groups;
  for (int32_t first = 0; first < plan.pixels; first += plan.block) {
    const int32_t left = plan.pixels - first, pixels = left < plan.block ? left : plan.block;
    for (int32_t g = 0; g < plan.groups; ++g) {
      const int8_t *rows = input + first * plan.row_bytes;
      if (!plan.in_place) {
        gather(&layer, input + g * plan.depth, first, pixels, scratch);
        rows = scratch;
      }
      multiply(&product, rows, pixels, g * channels, (g + 1) * channels,
               output + first * output_dims->c);
    }
  }
}

int32_t nn_conv_s8_scratch_size(const nn_conv_params *params, const nn_dims *input_dims,
                                const nn_dims *filter_dims, const nn_dims *output_dims) {
  if (filter_dims->c < 1 || input_dims->c % filter_dims->c != 0)
    return nn_conv_s8_reference_scratch_size(params, input_dims, filter_dims, output_dims);
  return simd_mac_conv_scratch_size(params, input_dims, filter_dims, output_dims, CHANNELS_FIRST);
}

nn_status nn_conv_s8(nn_context *ctx, const nn_conv_params *params, const nn_channel_quant *quant,
                     const nn_dims *input_dims, const int8_t *input, const nn_dims *filter_dims,
                     const int8_t *filter, const int32_t *bias, const nn_dims *output_dims,
                     int8_t *output) {
  if (filter_dims->c < 1 || input_dims->c % filter_dims->c != 0 ||
      output_dims->c % (input_dims->c / filter_dims->c) != 0 || !is_aligned(input) ||
      !is_aligned(filter))
    return nn_conv_s8_reference(ctx, params, quant, input_dims, input, filter_dims, filter, bias,
                                output_dims, output);
  NN_RAN(ctx, "conv_s8");
  simd_mac_conv(ctx, params, quant, input_dims, input, filter_dims, filter, CHANNELS_FIRST, bias,
       output_dims, output);
  return NN_OK;
}
