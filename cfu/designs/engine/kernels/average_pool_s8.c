/* AVERAGE_POOL_2D on the engine.
 *
 * The mean of n values is their sum times 1 / n, rounded half away from zero. Every weight is 16. The first of
 * the requantiser's two roundings leaves r binary digits behind the point, 2^r >= 2 n, so that a sum that is no
 * tie stays none; the multiplier is rounded up, so that a tie stays one, or moves away from zero.
 *
 * Windows that reach over a border have fewer values: outputs whose windows have as many rows and columns are
 * one part.
 */
#include "pools.h"

enum { WEIGHT_BITS = 4, PARTS = 16 };

/* The range of outputs from `begin` on whose windows contain as many of the input's rows (or columns). */
typedef struct {
  int32_t begin, end, values;
} range;

static int32_t values_of(int32_t output, int32_t stride, int32_t padding, int32_t kernel, int32_t input) {
  const int32_t begin = output * stride - padding;
  return engine_min(begin + kernel, input) - engine_max(begin, 0);
}

static range next_range(int32_t begin, int32_t outputs, int32_t stride, int32_t padding, int32_t kernel,
                        int32_t input) {
  range r = {begin, begin + 1, values_of(begin, stride, padding, kernel, input)};
  while (r.end < outputs && values_of(r.end, stride, padding, kernel, input) == r.values) ++r.end;
  return r;
}

static engine_channel mean_of(int32_t values) {
  int32_t digits = WEIGHT_BITS;
  while (values >> (digits - WEIGHT_BITS + 1)) ++digits;
  if ((values & (values - 1)) == 0) --digits; /* the multiplier would be 2^31 */
  const int64_t one = (int64_t)1 << (31 - WEIGHT_BITS + digits);
  return (engine_channel){0, (int32_t)((one + values - 1) / values), -digits};
}

nn_status nn_average_pool_s8_prepare(nn_context *ctx, const nn_pool_params *params,
                                     const nn_dims *input_dims, const nn_dims *output_dims) {
  NN_RAN(ctx, "average_pool_s8");
  const engine_layer whole = engine_pool(params, input_dims, output_dims);
  engine_part parts[PARTS];
  engine_channel scales[PARTS];
  int32_t count = 0;
  if ((int64_t)whole.kh * whole.kw > 1 << 14) return NN_OK;
  for (range rows = {0, 0, 0}; rows.end < whole.oh;) {
    rows = next_range(rows.end, whole.oh, whole.stride.h, whole.padding.h, whole.kh, whole.h);
    for (range columns = {0, 0, 0}; columns.end < whole.ow; ++count) {
      columns = next_range(columns.end, whole.ow, whole.stride.w, whole.padding.w, whole.kw, whole.w);
      if (count == PARTS || rows.values <= 0 || columns.values <= 0) return NN_OK;
      engine_layer *part = &parts[count].layer;
      *part = whole;
      part->weight = 1 << WEIGHT_BITS;
      part->oh = rows.end - rows.begin;
      part->ow = columns.end - columns.begin;
      part->padding.h -= rows.begin * part->stride.h;
      part->padding.w -= columns.begin * part->stride.w;
      part->first = rows.begin * part->line + columns.begin * part->pixel;
      scales[count] = mean_of(rows.values * columns.values);
    }
  }
  return engine_prepare_constant(ctx, parts, scales, count);
}
