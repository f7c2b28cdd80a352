/* Products of rows of inputs with a matrix of weights, requantised to 16 bits: each filter is two channels, for the low
 * and the high byte of its outputs. Its weights are loaded once, to both channels' banks.
 *
 * Filter 4 * i + k is row i of the k-th of four matrices, such as an LSTM's gates: their outputs lie side by side.
 */
#ifndef ENGINE_WIDE_H
#define ENGINE_WIDE_H

#include "engine.h"

enum {
  ENGINE_WIDE = !CFU_LEAN && CFU_REQUANTISERS > 1, /* whether the engine can do it */
  ENGINE_MATRICES = 4,
  ENGINE_SLICES = 2 * ENGINE_MATRICES / (CFU_LEAN ? 1 : CFU_FILTERS), /* groups of channels of a row of each */
};

typedef struct {
  const int8_t *weights[ENGINE_MATRICES];
  const int32_t *bias[ENGINE_MATRICES]; /* NULL: none */
  nn_quant quant[ENGINE_MATRICES];
  int32_t row_step;                     /* bytes between the rows of a matrix */
  int32_t filters, depth, pixels;       /* of all matrices; weights of a filter; rows of inputs */
  int32_t pitch;                        /* bytes between the outputs of such rows */
  int32_t input_offset;
  int32_t split;                        /* a run takes its bytes twice: see engine_put_halves */
  const int8_t *zeros;                  /* if split: as many as a filter has weights */
} engine_wide;

static inline int32_t engine_wide_rows(const engine_wide *w) { return engine_parts(w->filters, ENGINE_MATRICES); }
static inline int32_t engine_wide_words(const engine_wide *w) { return engine_parts(w->depth, CFU_LANES); }
static inline int32_t engine_wide_steps(const engine_wide *w) { return engine_wide_words(w) * (1 + w->split); }

/* Whether all weights and records fit. */
static inline int engine_wide_stays(const engine_wide *w) {
  const int32_t rows = engine_wide_rows(w);
  return rows * ENGINE_SLICES * engine_wide_steps(w) <= CFU_WORDS && rows * 2 * ENGINE_MATRICES <= CFU_RECORDS;
}

/* The rows of each matrix in a run. */
static inline int32_t engine_wide_pass(const engine_wide *w) {
  if (engine_wide_stays(w)) return engine_wide_rows(w);
  return engine_min(CFU_WORDS / 2 / (ENGINE_SLICES * engine_wide_steps(w)), CFU_RECORDS / 2 / (2 * ENGINE_MATRICES));
}

/* A filter: the sum of its products is in low..high, to which the bias is added, of inputs without their offset. */
typedef struct {
  int64_t bias, low, high;
  int lowest;        /* it has a weight of -128, which may meet another in a multiplier */
  int too_many;      /* of those in a row */
} engine_filter;

static inline engine_filter engine_filter_of(const int8_t *weights, int32_t terms, int32_t bias, int32_t input_offset) {
  int32_t positive = 0, negative = 0, lowest = 0, in_a_row = 0, most_in_a_row = 0;
  for (int32_t i = 0; i < terms; ++i) {
    in_a_row = weights[i] == -128 && CFU_PACKING > 1 ? in_a_row + 1 : 0;
    most_in_a_row = engine_max(most_in_a_row, in_a_row);
    lowest |= in_a_row;
    if (weights[i] > 0)
      positive += weights[i];
    else
      negative -= weights[i];
  }
  return (engine_filter){.bias = bias + (int64_t)input_offset * (positive - negative),
                         .low = -128 * (int64_t)positive - 127 * (int64_t)negative,
                         .high = 127 * (int64_t)positive + 128 * (int64_t)negative,
                         .lowest = lowest != 0, .too_many = most_in_a_row > 3};
}

/* Write the records, 8 bytes for each filter, or only check whether the engine can compute it, and whether it has to
 * be split. */
static inline int engine_put_wide_records(uint32_t *records, engine_wide *w) {
  if (!ENGINE_WIDE || w->pixels * w->depth > ENGINE_ROOM || w->pitch > 0xffff) return 0;
  for (int32_t f = 0; f < w->filters; ++f) {
    const int32_t k = f % ENGINE_MATRICES, row = f / ENGINE_MATRICES;
    const int32_t bias = w->bias[k] ? w->bias[k][row] : 0;
    const engine_filter filter = engine_filter_of(w->weights[k] + row * w->row_step, w->depth, bias, w->input_offset);
    const int fits = filter.bias + filter.low >= -ENGINE_LIMIT && filter.bias + filter.high < ENGINE_LIMIT;
    if (!fits || filter.too_many) return 0;
    w->split |= filter.lowest;
    if (records) engine_put_record(records + 2 * f, (int32_t)filter.bias, w->quant[k].multiplier, w->quant[k].shift);
  }
  return engine_wide_pass(w) > 0;
}

static inline void engine_put_wide_settings(engine_program *p, const engine_wide *w) {
  const cfu_settings settings = {
      .wide = 1, .low = -128, .high = 127, .rows = 1, .columns = 1 + w->split, .width = 0xffff, .pixel_step = w->depth,
      .row_bytes = 0x7fff, .height = 1, .pitch = w->pitch, .weight_step = 1, .group_weights = engine_wide_steps(w)};
  engine_put_settings(p, settings);
}

/* Load filters to two banks, or to one after the other, with zeros before or behind. */
static inline void engine_load_twice(engine_program *p, const engine_wide *w, const cfu_load *load) {
  cfu_load part = *load;
  if (!w->split) {
    part.banks *= 3;
    engine_put_load(p, part);
    return;
  }
  for (int32_t odd = 0; odd < 2; ++odd) {
    part = *load;
    part.banks <<= odd;
    part.place += 4 * odd * engine_wide_words(w);
    engine_put_load(p, part);
    part.place = load->place + 4 * (1 - odd) * engine_wide_words(w);
    part.source = nn_address(w->zeros);
    part.row_step = 0;
    engine_put_load(p, part);
  }
}

/* Load `rows` rows of each matrix from `row` on. */
static inline void engine_load_wide(engine_program *p, const engine_wide *w, int32_t row, int32_t rows, int32_t place,
                                    int32_t after) {
  for (int32_t k = 0; k < ENGINE_MATRICES; ++k) {
    const int32_t left = (w->filters - k + ENGINE_MATRICES - 1) / ENGINE_MATRICES - row, channel = 2 * k;
    const cfu_load load = {
        .kind = CFU_TO_TABLE, .base = AT_ADDRESS, .after = after, .banks = 1 << channel % CFU_FILTERS,
        .source = nn_address(w->weights[k]) + (uint32_t)(row * w->row_step), .length = w->depth, .count = 1,
        .place = 4 * (place + channel / CFU_FILTERS * engine_wide_steps(w)), .rows = engine_min(rows, left),
        .row_place = 4 * engine_wide_steps(w) * ENGINE_SLICES, .row_step = w->row_step};
    if (left > 0) engine_load_twice(p, w, &load);
  }
}

/* Write the commands; unless `kept`, they load the weights, and set what the runs depend on. */
static inline void engine_put_wide(engine_program *p, const engine_wide *w, uint32_t records, int kept) {
  const int32_t all = engine_wide_rows(w), pass = engine_wide_pass(w), runs = p->runs;
  engine_ring filters = {CFU_WORDS, 0, runs, {0}}, channels = {CFU_RECORDS, 0, runs, {0}};
  if (!kept) engine_put_wide_settings(p, w);
  const cfu_load input = {.kind = CFU_TO_ACTIVATIONS, .base = AT_INPUT, .length = w->pixels * w->depth, .count = 1,
                          .rows = 1};
  engine_put_load(p, input);
  for (int32_t row = 0; row < all; row += pass) {
    const int32_t rows = engine_min(pass, all - row), weights = filters.filled, record = channels.filled;
    const int32_t first = row * ENGINE_MATRICES, count = engine_min(rows * ENGINE_MATRICES, w->filters - first);
    if (!kept) {
      const cfu_load load = {
          .kind = CFU_TO_RECORDS, .base = AT_ADDRESS,
          .after = engine_take(&channels, 2 * ENGINE_MATRICES * rows, p->runs),
          .source = records + 8u * (uint32_t)first, .length = 8, .count = 2, .place = 8 * record, .place_step = 8,
          .rows = count, .row_place = 16, .row_step = 8};
      engine_put_load(p, load);
      const int32_t after = engine_take(&filters, rows * ENGINE_SLICES * engine_wide_steps(w), p->runs);
      engine_load_wide(p, w, row, rows, weights, after);
    }
    engine_hold(&filters, weights, p->runs);
    engine_hold(&channels, record, p->runs);
    const cfu_run run = {.first = 1, .last = 1, .pixels = w->pixels, .output = 2 * first, .weights = weights,
                         .record = record / CFU_REQUANTISERS, .channels = 2 * count, .words = engine_wide_words(w)};
    engine_put_run(p, run);
  }
  engine_put_end(p);
}

/* A program of several, in a layer's memory. */
typedef struct {
  uint32_t begin, beats; /* offset in bytes; their number in units of 8 bytes */
} engine_commands;

/* Those from word `from` to `to`; of a program without memory, only their number is known. */
static inline engine_commands engine_commands_of(const engine_program *p, const void *persistent, int32_t from,
                                                 int32_t to) {
  const uint32_t begin = p->to ? (uint32_t)((const char *)(p->to + from) - (const char *)persistent) : 0;
  return (engine_commands){begin, (uint32_t)(to - from) / 2};
}

static inline void engine_carry_out(const void *persistent, engine_commands commands, const void *input, void *output) {
  cfu_base(0, nn_address(output));
  cfu_base(1, nn_address(input));
  cfu_start(nn_address(persistent) + commands.begin, commands.beats);
  cfu_wait();
}

#endif
