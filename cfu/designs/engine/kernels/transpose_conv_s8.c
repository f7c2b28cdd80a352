/* TRANSPOSE_CONV on the engine.
 *
 * Outputs whose rows and columns leave the same remainders by the strides see the same taps of the filter: they
 * are one part, a convolution with stride 1 whose filter is those taps, in reverse order.
 */
#include "engine.h"

enum { PARTS = 16 };

/* The outputs first, first + stride, ... of an axis, and their taps: remainder, remainder + stride, ... */
typedef struct {
  int32_t outputs, remainder, taps, padding;
} phase;

static phase phase_of(int32_t first, int32_t outputs, int32_t stride, int32_t cropped, int32_t kernel) {
  const int32_t place = first + cropped, remainder = place % stride;
  const int32_t taps = remainder < kernel ? (kernel - 1 - remainder) / stride + 1 : 0;
  return (phase){engine_parts(outputs - first, stride), remainder, taps, engine_max(taps, 1) - 1 - place / stride};
}

/* Copy a part's taps; a part without taps gets one of zeros. */
static void copy_taps(int8_t *to, const int8_t *filter, const nn_dims *dims, const engine_layer *part,
                      nn_size stride, phase rows, phase columns) {
  for (int32_t o = 0; o < dims->n; ++o) {
    for (int32_t y = part->kh - 1; y >= 0; --y) {
      for (int32_t x = part->kw - 1; x >= 0; --x) {
        const int32_t ky = rows.remainder + y * stride.h, kx = columns.remainder + x * stride.w;
        const int8_t *from = filter + ((o * dims->h + ky) * dims->w + kx) * dims->c;
        for (int32_t i = 0; i < dims->c; ++i) *to++ = rows.taps && columns.taps ? from[i] : 0;
      }
    }
  }
}

nn_status nn_transpose_conv_s8_prepare(nn_context *ctx, const nn_transpose_conv_params *params,
                                       const nn_channel_quant *quant, const nn_dims *input_dims,
                                       const nn_dims *filter_dims, const int8_t *filter,
                                       const int32_t *bias, const nn_dims *output_dims) {
  NN_RAN(ctx, "transpose_conv_s8");
  const nn_size stride = params->stride;
  const int32_t down = engine_min(stride.h, output_dims->h), across = engine_min(stride.w, output_dims->w);
  engine_part parts[PARTS];
  phase rows[PARTS], columns[PARTS];
  int32_t count = 0, copied = 0;
  if (!filter || (int64_t)down * across > PARTS) return NN_OK;
  const int32_t terms = filter_dims->h * filter_dims->w * filter_dims->c;
  const engine_channels whole = {.filter = filter, .terms = terms, .pitch = terms, .step = 1};
  engine_lowest lowest = {0, 0, 0};
  for (int32_t i = 0; i < filter_dims->n * terms; ++i) {
    if (filter[i] == -128) engine_meet(&lowest, filter + i, &whole, i / terms & 1);
  }
  for (int32_t y = 0; y < down; ++y) {
    for (int32_t x = 0; x < across; ++x, ++count) {
      const phase r = phase_of(y, output_dims->h, stride.h, params->padding.h, filter_dims->h);
      const phase c = phase_of(x, output_dims->w, stride.w, params->padding.w, filter_dims->w);
      engine_layer *part = &parts[count].layer;
      *part = (engine_layer){
          .images = input_dims->n, .h = input_dims->h, .w = input_dims->w, .c = input_dims->c,
          .oh = r.outputs, .ow = c.outputs, .o = output_dims->c,
          .kh = engine_max(r.taps, 1), .kw = engine_max(c.taps, 1),
          .stride = {1, 1}, .padding = {.w = c.padding, .h = r.padding}, .dilation = {1, 1}, .groups = 1,
          .outside = -params->input_offset, .low = params->activation.min,
          .high = params->activation.max, .offset = params->output_offset,
          .first = (y * output_dims->w + x) * output_dims->c,
          .pixel = stride.w * output_dims->c,
          .line = stride.h * output_dims->w * output_dims->c,
          .image = output_dims->h * output_dims->w * output_dims->c};
      part->split = lowest.meet;
      rows[count] = r, columns[count] = c;
      copied += part->o * part->kh * part->kw * part->c;
      if (!engine_make_plan(part, &parts[count].plan)) return NN_OK;
    }
  }
  uint32_t *records = engine_prepare_parts(ctx, parts, count, copied);
  for (int32_t i = 0; records && i < count; ++i) {
    engine_layer *part = &parts[i].layer;
    const int32_t terms = part->kh * part->kw * part->c;
    copy_taps((int8_t *)part->filter, filter, filter_dims, part, stride, rows[i], columns[i]);
    const engine_channels channels = {part->filter, terms, terms, 1, bias, quant->multiplier, quant->shift, 1,
                                      params->input_offset};
    if (!engine_put_records(records, part, &channels)) ctx->compute = 0;
    records += 2 * part->o;
  }
  return NN_OK;
}
