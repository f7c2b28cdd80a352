/* Layers whose output is a function of one value, or the sum of functions of two. */
#ifndef ENGINE_TABLES_H
#define ENGINE_TABLES_H

#include "portions.h"

enum { ENGINE_ENTRIES = 256 };

/* A layer of one input, which has the output's shape, if `single`, or of two, each with a table. */
typedef struct {
  const nn_broadcast *shape;
  int32_t single;
  int32_t multiplier, shift, low, high, offset;
} engine_values;

static inline void engine_put_values(engine_program *p, const engine_values *v, uint32_t record,
                                     uint32_t tables) {
  enum { TABLE_BANKS = (1 << CFU_BANKS / 2) - 1 };
  const int32_t half = CFU_ACTIVATIONS / 2; /* of the store for each input */
  const cfu_settings settings = {
      .elementwise = 1, .single = v->single, .low = v->low, .high = v->high, .offset = v->offset,
      .rows = 1, .columns = 1, .width = 2, .pixel_step = half, .row_bytes = 0xffff, .height = 1};
  engine_put_settings(p, settings);
  cfu_load load = {.kind = CFU_TO_RECORDS, .base = AT_ADDRESS, .source = record, .length = 8,
                   .count = CFU_REQUANTISERS, .place_step = 8, .rows = 1};
  engine_put_load(p, load);
  for (int32_t i = 0; i < 2 - v->single; ++i) {
    load = (cfu_load){.kind = CFU_TO_TABLE, .base = AT_ADDRESS, .banks = TABLE_BANKS << CFU_BANKS / 2 * i,
                      .source = tables, .length = 4 * ENGINE_ENTRIES, .count = 1, .rows = 1};
    load.source += (uint32_t)(4 * ENGINE_ENTRIES * i);
    engine_put_load(p, load);
  }
  const engine_portions portions = engine_portions_of(v->shape, ENGINE_PORTION);
  for (int32_t i = 0; i < portions.count; ++i) {
    const engine_portion portion = engine_portion_of(&portions, i);
    const int32_t place = i % ENGINE_SLOTS * ENGINE_PORTION;
    for (int32_t input = 1; input <= 2 - v->single; ++input)
      engine_load_portion(p, &portions, &portion, input, place + (input - 1) * half);
    const cfu_run run = {.first = 1, .last = 1, .pixels = 2, .position = place, .output = portion.from[0],
                         .channels = (portion.size - 1) % CFU_ELEMENTS + 1,
                         .words = engine_parts(portion.size, CFU_ELEMENTS)};
    engine_put_run(p, run);
  }
  engine_put_end(p);
}

/* Ask for a layer's memory, or fill it but for the tables; returns where they are, NULL if there is no memory yet. */
static inline int32_t *engine_prepare_values(nn_context *ctx, const engine_values *v) {
  engine_program counted = {0, 0, 0};
  if (!ENGINE_SHIFTS(v->shift) || !engine_is_worth_it(v->shape)) return 0;
  engine_put_values(&counted, v, 0, 0);
  const int32_t words = 2 + ENGINE_ENTRIES * (2 - v->single);
  uint32_t *record = engine_keep(ctx, 4 * words, &counted, 0);
  if (!record) return 0;
  engine_put_record(record, 0, v->multiplier, v->shift);
  uint32_t *tables = record + 2;
  engine_program written = {record + words, 0, 0};
  engine_put_values(&written, v, nn_address(record), nn_address(tables));
  return (int32_t *)tables;
}

#endif
