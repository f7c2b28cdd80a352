/* DEPTHWISE_CONV_2D on int8 with the CFU simd_mac: any kernel, stride, dilation, padding and depth
 * multiplier.
 *
 * A word is four channels of one pixel, a group; cfu_mul multiplies it by their weights lane by
 * lane. The input is first copied into scratch, a band of its rows at a time, as one plane of words
 * for each group, with the zero point as padding. In a plane no window is clipped, all that a group
 * needs fits in the data cache, and its scales are set once for the whole band. Several groups are
 * copied at once, since a line of the cache holds eight of them.
 *
 * A tile is one group of CFU_ROWS output pixels, one below the other; when the output has fewer
 * rows, rows and columns are swapped.
 *
 * A single input channel, which all output channels read, is left to conv_s8.c, where four
 * neighbouring values make a better word.
 *
 * Unless tensors are aligned to 4 bytes, as TFLM's are, the reference computes the layer.
 * Returns NN_OK, or NN_UNSUPPORTED as the reference does.
 */
#include "conv.h"
#include "tiles.h"

#define PLANE_BYTES 4096    /* of scratch for planes, if that is enough */
#define SCRATCH_BYTES 12288 /* ... and at most, to copy more groups at once */
#define GROUPS_AT_ONCE 8

/* One of the layer's two axes. */
typedef struct {
  int32_t inputs, outputs, taps, stride, dilation, padding;
  int32_t input_pitch, filter_pitch, output_pitch; /* distance of neighbours, in bytes */
} axis;

typedef struct {
  axis down, across; /* tiles lie along `down` */
  int32_t channels, multiplier, groups;
  int32_t plane_width;             /* in words */
  int32_t band, plane_bytes;       /* output rows of a band; bytes of its plane */
  int32_t groups_at_once;          /* planes */
  int copied_filter;               /* the filter's words are not aligned */
  word padding;                    /* four times the zero point */
  const nn_channel_quant *quant;
  const int32_t *bias;
} layer;

/* Number of input rows that `rows` output rows read. */
static int32_t input_rows(const axis *a, int32_t outputs) {
  return (outputs - 1) * a->stride + (a->taps - 1) * a->dilation + 1;
}

static layer make_layer(const nn_dw_conv_params *params, const nn_dims *input_dims,
                        const nn_dims *filter_dims, const nn_dims *output_dims) {
  layer l;
  const int32_t depth = input_dims->c, channels = output_dims->c;
  l.down = (axis){input_dims->h,      output_dims->h,    filter_dims->h,
                  params->stride.h,   params->dilation.h, params->padding.h,
                  input_dims->w * depth, filter_dims->w * channels, output_dims->w * channels};
  l.across = (axis){input_dims->w,    output_dims->w,     filter_dims->w,
                    params->stride.w, params->dilation.w, params->padding.w,
                    depth,            channels,           channels};
  if (l.down.outputs < CFU_ROWS && l.across.outputs > l.down.outputs) {
    const axis down = l.down;
    l.down = l.across, l.across = down;
  }
  l.channels = channels;
  l.multiplier = params->depth_multiplier;
  l.groups = (channels + 3) >> 2;
  l.copied_filter = (channels & 3) != 0;
  l.padding = (uint8_t)-params->input_offset * 0x01010101u;
  l.plane_width = input_rows(&l.across, l.across.outputs);

  l.band = l.down.outputs < CFU_ROWS ? l.down.outputs : CFU_ROWS; /* at least */
  const int32_t row_bytes = 4 * l.plane_width, at_least = input_rows(&l.down, l.band) * row_bytes;
  l.groups_at_once = SCRATCH_BYTES / at_least;
  if (l.groups_at_once < 1) l.groups_at_once = 1;
  if (l.groups_at_once > GROUPS_AT_ONCE) l.groups_at_once = GROUPS_AT_ONCE;
  if (l.groups_at_once > l.groups) l.groups_at_once = l.groups;
  const int32_t more_rows = (PLANE_BYTES / l.groups_at_once - at_least) / row_bytes;
  if (more_rows > 0) l.band += more_rows / l.down.stride / CFU_ROWS * CFU_ROWS;
  if (l.band > l.down.outputs) l.band = l.down.outputs;
  l.plane_bytes = input_rows(&l.down, l.band) * row_bytes;
  return l;
}

/* Write padding to `count` places of all planes. */
static int8_t *pad_places(const layer *l, int8_t *to, int32_t count, int32_t planes) {
  const int32_t plane_bytes = l->plane_bytes;
  const word padding = l->padding;
  for (; count > 0; --count, to += 4) {
    int8_t *plane = to;
    for (int32_t g = planes; g > 0; --g, plane += plane_bytes) {
      *(word *)plane = padding;
      NN_HOLD(plane); /* otherwise the compiler multiplies for each address */
    }
  }
  return to;
}

/* Copy `words`, a constant, consecutive words to the same place in as many planes. */
NN_INLINE int8_t *copy_words(int words, const int8_t *from, int8_t *to, int32_t plane_bytes) {
  word value[GROUPS_AT_ONCE];
  NN_UNROLL for (int g = 0; g < words; ++g) value[g] = ((const word *)from)[g];
  NN_UNROLL for (int g = 0; g < words; ++g) {
    *(word *)to = value[g];
    to += plane_bytes;
    NN_HOLD(to);
  }
  return to;
}

/* Copy the words of `count` pixels and `planes` groups to the planes. */
static int8_t *copy_pixels(const int8_t *from, int8_t *to, int32_t count, int32_t planes,
                           int32_t pitch, int32_t plane_bytes) {
  for (; count > 0; --count, from += pitch, to += 4) {
    if (planes == GROUPS_AT_ONCE) {
      copy_words(GROUPS_AT_ONCE, from, to, plane_bytes);
      continue;
    }
    int8_t *plane = to;
    int32_t g = 0;
    for (; g + 4 <= planes; g += 4) plane = copy_words(4, from + 4 * g, plane, plane_bytes);
    for (; g < planes; ++g) plane = copy_words(1, from + 4 * g, plane, plane_bytes);
  }
  return to;
}

/* The same for channels o to end - 1, byte by byte; input: the pixel's channel 0. */
static void copy_channels(const layer *l, const int8_t *input, int8_t *to, int32_t o, int32_t end) {
  int32_t i = o / l->multiplier, left = (i + 1) * l->multiplier - o;
  for (int32_t lane = 0; o < end; ++o) {
    to[lane] = input[i];
    if (--left == 0) left = l->multiplier, ++i;
    if (++lane == 4) lane = 0, to += l->plane_bytes;
  }
}

/* Fill planes with `planes` groups from `group` on, from input row `y` on, which may be padding. */
static void fill_planes(const layer *l, const int8_t *image, int32_t y, int32_t rows, int32_t group,
                        int32_t planes, int8_t *to) {
  const axis *const down = &l->down, *const across = &l->across;
  const int whole_words = l->multiplier == 1 && (l->channels & 3) == 0;
  const int32_t o = group * CHANNELS, end = o + planes * CHANNELS;
  const int32_t before = across->padding < l->plane_width ? across->padding : l->plane_width;
  const int32_t room = l->plane_width - before;
  const int32_t inside = across->inputs < room ? across->inputs : room;
  for (; rows > 0; --rows, ++y) {
    if (y < 0 || y >= down->inputs) {
      to = pad_places(l, to, l->plane_width, planes);
      continue;
    }
    const int8_t *from = image + y * down->input_pitch;
    to = pad_places(l, to, before, planes);
    if (whole_words) {
      to = copy_pixels(from + o, to, inside, planes, across->input_pitch, l->plane_bytes);
    } else {
      for (int32_t x = 0; x < inside; ++x, from += across->input_pitch, to += 4)
        copy_channels(l, from, to, o, end < l->channels ? end : l->channels);
    }
    to = pad_places(l, to, room - inside, planes);
  }
}

/* A group's band: its input, filter and output. */
typedef struct {
  const int8_t *plane, *filter;
  int32_t filter_down, filter_across; /* distances of the filter's words */
  int8_t *output;
  int32_t rows, channels;
} group_band;

/* NN_HOLD keeps the compiler from using offsets to the pointers' start values as well. */
NN_INLINE void advance(int count, const word **pointers, int32_t bytes) {
  NN_UNROLL for (int i = 0; i < count; ++i) {
    pointers[i] = (const word *)((const int8_t *)pointers[i] + bytes);
    NN_HOLD(pointers[i]);
  }
}

/* Multiply one column of a 3x3 filter: load all its input words, then multiply in an order in which
 * the rows of the last column are requantised at the CFU's rate. A folded CFU needs all the time
 * until then for the tile before, so its rows are read here one by one. */
NN_INLINE void multiply_column(const word *const *x, int column, const word weight[3][3],
                               int requantised, int8_t *previous, int32_t pitch) {
  word value[CFU_ROWS + 2];
  NN_UNROLL for (int i = 0; i < CFU_ROWS + 2; ++i) value[i] = x[i][column];
  NN_UNROLL for (int r = 0; r < CFU_ROWS; ++r) {
    NN_UNROLL for (int i = 0; i < 3; ++i) cfu_mul((uint32_t)r, value[r + i], weight[i][column]);
    if (requantised && CFU_FOLDED) {
      *(word *)previous = cfu_read((uint32_t)r);
      previous += pitch;
    }
    if (requantised) cfu_requantise((uint32_t)r);
  }
}

/* A 3x3 filter without dilation, stride 1 downwards, whole output words: weights in registers. */
static __attribute__((noinline)) void multiply_3x3(const layer *l, const group_band *b) {
  const int32_t row_bytes = 4 * l->plane_width, step = 4 * l->across.stride;
  const int32_t pitch = l->down.output_pitch, next = l->across.output_pitch;
  const int32_t width = l->across.outputs * next, rows = b->rows;
  const int8_t *const plane = b->plane;
  int8_t *const output = b->output, *previous = output; /* not valid yet, overwritten later */
  word weight[3][3];
  NN_UNROLL for (int i = 0; i < 3; ++i) {
    NN_UNROLL for (int j = 0; j < 3; ++j)
      weight[i][j] = *(const word *)(b->filter + i * b->filter_down + j * b->filter_across);
  }
  for (int32_t row = 0; row < rows; row += CFU_ROWS) {
    if (row > rows - CFU_ROWS) row = rows - CFU_ROWS; /* the last tiles may overlap */
    const word *x[CFU_ROWS + 2];
    x[0] = (const word *)(plane + row * row_bytes);
    NN_UNROLL for (int i = 1; i < CFU_ROWS + 2; ++i)
      x[i] = (const word *)((const int8_t *)x[i - 1] + row_bytes);
    int8_t *to = output + row * pitch, *const end = to + width;
    for (; to != end; to += next) {
      multiply_column(x, 0, weight, 0, previous, pitch);
      multiply_column(x, 1, weight, 0, previous, pitch);
      if (!CFU_FOLDED) store_tile(CFU_ROWS, previous, pitch, CHANNELS, 1);
      multiply_column(x, 2, weight, 1, previous, pitch);
      previous = to;
      advance(CFU_ROWS + 2, x, step);
    }
  }
  store_tile(CFU_ROWS, previous, pitch, CHANNELS, 1);
}

/* Any filter. */
NN_INLINE void multiply_any(int rows, const layer *l, const group_band *b) {
  const int32_t row_bytes = 4 * l->plane_width, tap_step = 4 * l->across.dilation;
  const int32_t pixel_step = l->down.stride * row_bytes;
  const int32_t pitch = l->down.output_pitch, next = l->across.output_pitch;
  const int as_words = stored_as_words(b->output, pitch | next, b->channels);
  const group_band band = *b;
  int8_t *previous = band.output;
  for (int32_t row = 0; row < band.rows; row += rows) {
    if (row > band.rows - rows) row = band.rows - rows;
    const int8_t *corner = band.plane + row * pixel_step;
    int8_t *output = band.output + row * pitch, *const end = output + l->across.outputs * next;
    for (; output != end; output += next, corner += 4 * l->across.stride) {
      const int8_t *start = corner, *filter = band.filter;
      for (int32_t i = 0; i < l->down.taps; ++i) {
        const word *x[CFU_ROWS], *w = (const word *)filter;
        NN_UNROLL for (int r = 0; r < rows; ++r) x[r] = (const word *)(start + r * pixel_step);
        for (int32_t j = l->across.taps; j > 0; --j) {
          word value[CFU_ROWS], weight = *w;
          NN_UNROLL for (int r = 0; r < rows; ++r) value[r] = *x[r];
          advance(rows, x, tap_step);
          advance(1, &w, band.filter_across);
          NN_UNROLL for (int r = 0; r < rows; ++r) cfu_mul((uint32_t)r, value[r], weight);
        }
        start += l->down.dilation * row_bytes;
        filter += band.filter_down;
      }
      store_tile(rows, previous, pitch, band.channels, as_words);
      NN_UNROLL for (int r = 0; r < rows; ++r) cfu_requantise((uint32_t)r);
      previous = output;
    }
  }
  store_tile(rows, previous, pitch, band.channels, as_words);
}

static __attribute__((noinline)) void multiply_tiles(const layer *l, const group_band *b) {
  multiply_any(CFU_ROWS, l, b);
}

static __attribute__((noinline)) void multiply_few(const layer *l, const group_band *b) {
  multiply_any(1, l, b);
}

/* Compute one group of a band. */
static void multiply(const layer *l, group_band *b, const int8_t *filter, int32_t group,
                     int8_t *copy) {
  const int32_t o = group * CHANNELS;
  b->channels = l->channels - o < CHANNELS ? l->channels - o : CHANNELS;
  b->filter = filter + o;
  b->filter_down = l->down.filter_pitch, b->filter_across = l->across.filter_pitch;
  if (l->copied_filter) {
    for (int32_t i = 0; i < l->down.taps; ++i) {
      for (int32_t j = 0; j < l->across.taps; ++j)
        copy_bytes(copy + 4 * (i * l->across.taps + j),
                   b->filter + i * b->filter_down + j * b->filter_across, b->channels);
    }
    b->filter = copy;
    b->filter_down = 4 * l->across.taps, b->filter_across = 4;
  }
  set_channels(l->quant, l->bias, o, b->channels);
  if (b->rows < CFU_ROWS)
    multiply_few(l, b);
  else if (l->down.taps == 3 && l->across.taps == 3 && l->down.stride == 1 &&
           l->down.dilation == 1 && l->across.dilation == 1 &&
           stored_as_words(b->output, l->down.output_pitch | l->across.output_pitch, b->channels))
    multiply_3x3(l, b);
  else
    multiply_tiles(l, b);
}

/* The same layer, with one input channel, as a CONV_2D. */
static nn_conv_params as_conv(const nn_dw_conv_params *params) {
  return (nn_conv_params){params->input_offset, params->output_offset, params->stride,
                          params->padding,      params->dilation,      params->activation};
}
static nn_dims conv_filter(const nn_dims *filter_dims) {
  return (nn_dims){filter_dims->c, filter_dims->h, filter_dims->w, 1};
}

int32_t nn_depthwise_conv_s8_scratch_size(const nn_dw_conv_params *params, const nn_dims *input_dims,
                                          const nn_dims *filter_dims, const nn_dims *output_dims) {
  if (input_dims->c == 1) {
    const nn_conv_params same = as_conv(params);
    const nn_dims filter = conv_filter(filter_dims);
    return simd_mac_conv_scratch_size(&same, input_dims, &filter, output_dims, CHANNELS_LAST);
  }
  const layer l = make_layer(params, input_dims, filter_dims, output_dims);
  const int32_t filter = l.copied_filter ? 4 * filter_dims->h * filter_dims->w : 0;
  return l.groups_at_once * l.plane_bytes + filter;
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
  if (input_dims->c == 1) {
    const nn_conv_params same = as_conv(params);
    const nn_dims filter_as_conv = conv_filter(filter_dims);
    simd_mac_conv(ctx, &same, quant, input_dims, input, &filter_as_conv, filter, CHANNELS_LAST, bias,
         output_dims, output);
    return NN_OK;
  }
  cfu_set_offsets(params->input_offset, params->output_offset);
  cfu_set_activation((int8_t)params->activation.min, (int8_t)params->activation.max);

  layer l = make_layer(params, input_dims, filter_dims, output_dims);
  l.quant = quant, l.bias = bias;
  int8_t *const planes = ctx->scratch, *const copy = planes + l.groups_at_once * l.plane_bytes;
  for (int32_t n = 0; n < output_dims->n; ++n) {
    for (int32_t row = 0; row < l.down.outputs; row += l.band) {
      /* The last band may overlap the one before, so that it has whole tiles. */
      const int32_t first = row < l.down.outputs - l.band ? row : l.down.outputs - l.band;
      for (int32_t group = 0; group < l.groups; group += l.groups_at_once) {
        const int32_t left = l.groups - group;
        const int32_t some = left < l.groups_at_once ? left : l.groups_at_once;
        fill_planes(&l, input, first * l.down.stride - l.down.padding,
                    input_rows(&l.down, l.band), group, some, planes);
        for (int32_t g = 0; g < some; ++g) {
          group_band band = {.plane = planes + g * l.plane_bytes, .rows = l.band};
          band.output = output + first * l.down.output_pitch + (group + g) * CHANNELS;
          multiply(&l, &band, filter, group + g, copy);
        }
      }
    }
    input += input_dims->h * input_dims->w * input_dims->c;
    output += output_dims->h * output_dims->w * output_dims->c;
  }
  return NN_OK;
}
