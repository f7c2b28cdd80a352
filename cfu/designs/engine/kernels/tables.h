/* Layers whose output is a function of one value, or the sum of functions of two. */
#ifndef ENGINE_TABLES_H
#define ENGINE_TABLES_H

#include "engine.h"

enum { ENGINE_ENTRIES = 256, ENGINE_PORTION = CFU_ACTIVATIONS / 8 }; /* values that are loaded at once */

/* A layer of `size` values; a second table unless `single`. */
typedef struct {
  int32_t size, single;
  int32_t multiplier, shift, low, high, offset;
} engine_values;

static inline void engine_put_values(engine_program *p, const engine_values *v, uint32_t record,
                                     uint32_t tables) {
  enum { TABLE_BANKS = (1 << CFU_BANKS / 2) - 1 };
  const int32_t half = CFU_ACTIVATIONS / 2; /* of the store for each input */
  const engine_settings settings = {
      .elementwise = 1, .single = v->single, .low = v->low, .high = v->high, .offset = v->offset,
      .rows = 1, .columns = 1, .width = 2, .pixel_step = half, .row_bytes = 0xffff, .height = 1};
  engine_put_settings(p, &settings);
  engine_load load = {TO_RECORDS, AT_ADDRESS, 0, 0, record, 8, CFU_REQUANTISERS, 0, 8, 0, 1, 0, 0};
  engine_put_load(p, &load);
  for (int32_t i = 0; i < 2 - v->single; ++i) {
    load = (engine_load){TO_TABLE, AT_ADDRESS, 0, TABLE_BANKS << CFU_BANKS / 2 * i, tables, 4 * ENGINE_ENTRIES, 1, 0, 0, 0, 1, 0, 0};
    load.source += (uint32_t)(4 * ENGINE_ENTRIES * i);
    engine_put_load(p, &load);
  }
  for (int32_t at = 0; at < v->size; at += ENGINE_PORTION) {
    const int32_t size = engine_min(ENGINE_PORTION, v->size - at);
    const int32_t after = engine_max(0, p->runs + 1 - half / ENGINE_PORTION);
    for (int32_t i = 0; i < 2 - v->single; ++i) {
      load = (engine_load){TO_ACTIVATIONS, AT_INPUT + i, after, 0, (uint32_t)at, size, 1, 0, 0, 0, 1, 0, 0};
      load.place = at % half + half * i;
      engine_put_load(p, &load);
    }
    const engine_run run = {.first = 1, .last = 1, .pixels = 2, .position = at % half, .output = at,
                            .channels = (size - 1) % CFU_ELEMENTS + 1,
                            .words = engine_parts(size, CFU_ELEMENTS)};
    engine_put_run(p, &run);
  }
  engine_put_end(p);
}

/* Ask for a layer's memory, or fill it but for the tables; returns where they are, NULL if there is no memory yet. */
static inline int32_t *engine_prepare_values(nn_context *ctx, const engine_values *v) {
  engine_program counted = {0, 0, 0};
  engine_put_values(&counted, v, 0, 0);
  const int32_t tables = (int32_t)sizeof(engine_head) + 8;
  const int32_t program = tables + 4 * ENGINE_ENTRIES * (2 - v->single);
  ctx->persistent_size = program + 4 * counted.words;
  if (!ctx->persistent) return 0;
  engine_head *head = (engine_head *)ctx->persistent;
  head->program = (uint32_t)program;
  head->beats = (uint32_t)counted.words / 2;
  uint32_t *record = (uint32_t *)(head + 1);
  engine_put_record(record, 0, v->multiplier, v->shift);
  const uint32_t memory = nn_address(head);
  engine_program written = {(uint32_t *)((int8_t *)head + program), 0, 0};
  engine_put_values(&written, v, nn_address(record), memory + (uint32_t)tables);
  return (int32_t *)(record + 2);
}

#endif
