/* MUL: (x + x0) * (y + y0) = y * x + y0 * x + x0 * y + x0 * y0, as a depthwise layer of one pixel, each of whose
 * channels has weights of its own. The kernel has two rows: x, multiplied by y and y0; and y, by x0. An offset of
 * 128 is two weights. x0 * y0 is the bias. y has the output's shape; x may be broadcast.
 */
#ifndef ENGINE_PRODUCTS_H
#define ENGINE_PRODUCTS_H

#include "portions.h"

enum { ENGINE_MOST_COLUMNS = 3 };

typedef struct {
  const nn_broadcast *shape;
  int32_t x, y;                     /* numbers of the inputs: 1 and 2, or 2 and 1 */
  int32_t columns;                  /* of the kernel: 2, or 3 if y0 is 128 */
  int8_t weights[2][ENGINE_MOST_COLUMNS];
  int32_t bias, multiplier, shift, low, high, offset;
} engine_product;

/* Write a layer's commands. In memory there are, from `constants` on, its record and then each weight, for
 * CFU_REACH channels. */
static inline void engine_put_product(engine_program *p, const engine_product *v, uint32_t constants) {
  const int32_t half = CFU_ACTIVATIONS / 2, steps = 2 * v->columns, region = CFU_WORDS / steps & ~1;
  const int32_t groups = engine_min(region / 2, ENGINE_PORTION / CFU_REACH); /* of a portion */
  const engine_portions portions = engine_portions_of(v->shape, groups * CFU_REACH);
  enum { BLOCKS = CFU_REACH / CFU_OWN }; /* of channels, whose weights have one place */
  const cfu_settings settings = {
      .channelwise = 1, .low = v->low, .high = v->high, .offset = v->offset, .rows = 2, .columns = v->columns,
      .row_step = half, .width = 1, .row_bytes = 0xffff, .height = 1, .weight_step = region * BLOCKS,
      .group_weights = 1,
      .group_place = CFU_OWN};
  engine_put_settings(p, settings);
  const int32_t largest = engine_parts(portions.inner * portions.outer, CFU_REACH);
  cfu_load load = {.kind = CFU_TO_RECORDS, .base = AT_ADDRESS, .source = constants, .length = 8,
                   .count = engine_min(CFU_RECORDS, largest * CFU_REACH), .place_step = 8, .rows = 1};
  engine_put_load(p, load);
  for (int32_t step = 1; step < steps; ++step) {
    const int32_t count = portions.count > 1 ? groups + largest : largest;
    load = (cfu_load){.kind = CFU_TO_TAPS, .base = AT_ADDRESS, .source = constants, .length = CFU_REACH,
                      .count = count, .place_step = CFU_REACH, .rows = 1};
    load.source += (uint32_t)(8 + CFU_REACH * step);
    load.place = step * region * CFU_REACH;
    engine_put_load(p, load);
  }
  for (int32_t i = 0; i < portions.count; ++i) {
    const engine_portion portion = engine_portion_of(&portions, i);
    const int32_t place = i % ENGINE_SLOTS * ENGINE_PORTION, weights = (i & 1) * groups;
    engine_load_portion(p, &portions, &portion, v->x, place);
    engine_load_portion(p, &portions, &portion, v->y, place + half);
    load = (cfu_load){.kind = CFU_TO_TAPS, .base = AT_INPUT - 1 + v->y, .after = engine_max(0, p->runs - 1),
                      .source = (uint32_t)portion.from[v->y], .length = portion.size, .count = 1,
                      .place = weights * CFU_REACH, .rows = 1};
    engine_put_load(p, load);
    const cfu_run run = {.first = 1, .last = 1, .pixels = 1, .position = place, .output = portion.from[0],
                         .weights = weights * BLOCKS, .channels = portion.size, .words = 1};
    engine_put_run(p, run);
  }
  engine_put_end(p);
}

/* Whether an input has the output's shape. */
static inline int engine_is_whole(const nn_broadcast *shape, int32_t input) {
  int32_t inner = 1;
  for (int32_t i = shape->rank - 1; i >= 0; --i) {
    const nn_broadcast_axis *a = shape->axes + i;
    if ((input == 1 ? a->step1 : a->step2) != inner) return 0;
    inner *= a->size;
  }
  return 1;
}

static inline engine_product engine_product_of(const nn_mul_params *params, const nn_broadcast *shape) {
  enum { LARGEST = 127 };
  const int32_t offsets[] = {0, params->input1_offset, params->input2_offset};
  engine_product v = {.shape = shape, .bias = offsets[1] * offsets[2], .multiplier = params->output.multiplier,
                      .shift = params->output.shift, .low = params->activation.min, .high = params->activation.max,
                      .offset = params->output_offset};
  v.y = engine_is_whole(shape, 2) && (offsets[2] <= LARGEST || !engine_is_whole(shape, 1)) ? 2 : 1;
  v.x = 3 - v.y;
  const int32_t x0 = offsets[v.x], y0 = offsets[v.y];
  v.columns = y0 > LARGEST ? 3 : 2;
  v.weights[0][1] = (int8_t)engine_min(y0, LARGEST);
  v.weights[0][2] = (int8_t)(y0 - v.weights[0][1]);
  v.weights[1][0] = (int8_t)engine_min(x0, LARGEST);
  v.weights[1][1] = (int8_t)(x0 - v.weights[1][0]);
  return v;
}

static inline nn_status engine_prepare_product(nn_context *ctx, const engine_product *v) {
  if (!ENGINE_SHIFTS(v->shift) || !engine_is_whole(v->shape, v->y) || !engine_is_worth_it(v->shape)) return NN_OK;
  engine_program counted = {0, 0, 0};
  engine_put_product(&counted, v, 0);
  const int32_t bytes = 8 + 2 * ENGINE_MOST_COLUMNS * CFU_REACH;
  uint32_t *record = engine_keep(ctx, bytes, &counted, 0);
  if (!record) return NN_OK;
  engine_put_record(record, v->bias, v->multiplier, v->shift);
  int8_t *weights = (int8_t *)(record + 2);
  for (int32_t row = 0; row < 2; ++row) {
    for (int32_t column = 0; column < v->columns; ++column, weights += CFU_REACH)
      for (int32_t i = 0; i < CFU_REACH; ++i) weights[i] = v->weights[row][column];
  }
  engine_program written = {record + bytes / 4, 0, 0};
  engine_put_product(&written, v, nn_address(record));
  return NN_OK;
}

#endif
