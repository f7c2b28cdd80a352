/* What all kernels of the engine share: the memory they keep, and how they start it. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "requantise.h"
#include "chunks.h"

/* A layer's persistent memory: this head, then records and tables, then the commands. */
typedef struct {
  uint32_t program; /* offset of the commands in bytes */
  uint32_t beats;   /* their size in units of 8 bytes */
} engine_head;

static inline uint32_t *engine_records_of(const nn_context *ctx) {
  return (uint32_t *)((engine_head *)ctx->persistent + 1);
}

#define ENGINE_MOST_BEATS 0xffff /* of a program */

/* Run a prepared layer: all kernels' ctx->compute. Its output may still be stale in the data cache: nn_hand_over
 * empties that. */
nn_compute engine_compute;

/* Ask for a layer's memory, or fill its head: `bytes` of records and tables, the commands, and `behind` them as many
 * bytes. Returns where the records are, NULL if there is no memory yet, or if the program is too long. */
static inline uint32_t *engine_keep(nn_context *ctx, int32_t bytes, const engine_program *counted, int32_t behind) {
  if (counted->words / 2 > ENGINE_MOST_BEATS) return 0;
  const int32_t program = (int32_t)sizeof(engine_head) + bytes;
  ctx->persistent_size = program + 4 * counted->words + behind;
  if (!ctx->persistent) return 0;
  *(engine_head *)ctx->persistent = (engine_head){(uint32_t)program, (uint32_t)counted->words / 2};
  ctx->compute = engine_compute;
  return engine_records_of(ctx);
}

/* Say that a layer's output is all of a tensor. */
static inline void engine_set_output(engine_layer *l) {
  l->pixel = l->o;
  l->line = l->ow * l->pixel;
  l->image = l->oh * l->line;
}

/* A channel's record: bias 27 bits, multiplier 31, shift 6. */
static inline void engine_put_record(uint32_t *record, int32_t bias, int32_t multiplier, int32_t shift) {
  if (CFU_LEAN) { /* bias 27 bits, shift to the right 5, multiplier 31 */
    record[0] = ((uint32_t)bias & 0x7ffffff) | (uint32_t)(shift < -31 ? 31 : -shift) << 27;
    record[1] = shift < -31 ? 0 : (uint32_t)multiplier;
    return;
  }
  record[0] = ((uint32_t)bias & 0x7ffffff) | (uint32_t)multiplier << 27;
  record[1] = (uint32_t)multiplier >> 5 | (uint32_t)shift << 26;
}

/* Whether a requantiser can shift so. The lean engine only shifts to the right; where others would double a number
 * for a scale of one, it has twice the number. */
#define ENGINE_SHIFTS(shift) (!CFU_LEAN || (shift) <= 0)
#define ENGINE_DOUBLES (!CFU_LEAN)

#define ENGINE_LIMIT (1 << 26) /* sums are below, and not below minus this */

/* A channel's bias and scale. */
typedef struct {
  int32_t bias, multiplier, shift;
} engine_channel;

static inline int32_t engine_output(const engine_channel *c, int64_t sum, const engine_layer *l) {
  const nn_activation range = {l->low, l->high};
  return nn_requantise((int32_t)(c->bias + sum), c->multiplier, c->shift, l->offset, range);
}

/* Fit a channel to sums of 27 bits; the sum of its products is in low..high. If it needs more, its output has
 * to be the same for all: then another bias, or another scale, gives that too. Returns 0 if there is none. */
static inline int engine_fit(engine_channel *c, int64_t low, int64_t high, const engine_layer *l) {
  if (c->bias + low >= -ENGINE_LIMIT && c->bias + high < ENGINE_LIMIT) return 1;
  if (c->bias + low < INT32_MIN || c->bias + high > INT32_MAX || high - low >= ENGINE_LIMIT) return 0;
  const int32_t output = engine_output(c, low, l);
  if (engine_output(c, high, l) != output) return 0;
  engine_channel other = *c;
  other.bias = (int32_t)(c->bias < 0 ? -ENGINE_LIMIT - low : ENGINE_LIMIT - 1 - high);
  if (engine_output(&other, low, l) != output || engine_output(&other, high, l) != output) {
    int32_t digits = CFU_LEAN; /* behind the point: all sums round to the same */
    while ((high - low) >> digits) ++digits;
    const int64_t bias = ((int64_t)(output - l->offset) << digits) - (low + high) / 2;
    if (digits > 31 || bias + low < -ENGINE_LIMIT || bias + high >= ENGINE_LIMIT) return 0;
    other = (engine_channel){(int32_t)bias, 1 << 30, 1 - digits};
    if (engine_output(&other, low, l) != output || engine_output(&other, high, l) != output) return 0;
  }
  *c = other;
  return 1;
}

/* The channels of a layer with filters: term i of channel o's filter is filter[o * pitch + i * step]. */
typedef struct {
  const int8_t *filter;
  int32_t terms, pitch, step;
  const int32_t *bias, *multiplier;
  const int8_t *shift;
  int32_t per_channel; /* 0: one multiplier and shift for all */
  int32_t input_offset;
} engine_channels;

/* Whether the products of a channel and its neighbour would meet in their multiplier, and the rest of the sums: see
 * engine_put_halves. Four weights of -128 in a row could make a sum of 2^16, which is one too many. */
typedef struct {
  int32_t meet, in_a_row, most_in_a_row;
} engine_lowest;

static inline void engine_meet(engine_lowest *lowest, const int8_t *weight, const engine_channels *c, int odd) {
  const int again = lowest->in_a_row && weight[-c->step] == -128;
  lowest->in_a_row = again ? lowest->in_a_row + 1 : 1;
  if (!odd) lowest->most_in_a_row = engine_max(lowest->most_in_a_row, lowest->in_a_row);
  if (odd && weight[-c->pitch] < 0) lowest->meet = 1;
}

/* Write the records of all channels, or only check them, and whether the layer has to be split. Returns 0 when a
 * channel cannot be computed. */
static inline __attribute__((noinline)) int engine_put_records(uint32_t *records, engine_layer *l, const engine_channels *c) {
  engine_lowest lowest = {0, 0, 0};
  for (int32_t o = 0; o < l->o; ++o) {
    const int8_t *weight = c->filter + o * c->pitch;
    const int odd = o % (l->o / l->groups) & 1;
    int32_t positive = 0, negative = 0;
    lowest.in_a_row = 0;
    for (int32_t i = 0; i < c->terms; ++i, weight += c->step) {
      const int32_t w = *weight + l->added;
      /* Two products share a sum of 16 bits. */
      if (CFU_LEAN && !l->channelwise && i && *weight == -128 && weight[-c->step] == -128) return 0;
      if (w > 0)
        positive += w;
      else
        negative -= w;
      if (*weight == -128 && CFU_PACKING > 1 && !l->channelwise) engine_meet(&lowest, weight, c, odd);
    }
    const int64_t folded = (c->bias ? c->bias[o] : 0) + (int64_t)c->input_offset * (positive - negative);
    if (folded < INT32_MIN || folded > INT32_MAX || lowest.most_in_a_row > 3) return 0;
    engine_channel channel = {(int32_t)folded, c->multiplier[o * c->per_channel], c->shift[o * c->per_channel]};
    if (!engine_fit(&channel, -128 * (int64_t)positive - 127 * (int64_t)negative,
                    127 * (int64_t)positive + 128 * (int64_t)negative, l))
      return 0;
    if (!ENGINE_SHIFTS(channel.shift)) return 0;
    if (records) engine_put_record(records + 2 * o, channel.bias, channel.multiplier, channel.shift);
  }
  l->split |= lowest.meet;
  return !(lowest.meet && l->added);
}

/* One of the layers that make up an operator: all of it, or the part of its output that one filter computes. */
typedef struct {
  engine_layer layer;
  engine_plan plan;
} engine_part;

static inline void engine_put_parts(engine_program *p, const engine_part *parts, int32_t count, uint32_t records) {
  for (int32_t i = 0; i < count; ++i) {
    engine_put_layer(p, &parts[i].layer, &parts[i].plan, records);
    records += 8u * (uint32_t)parts[i].layer.o;
  }
  engine_put_end(p);
}

/* Ask for an operator's memory, or fill it but for the records. Copies of the filters, `copied` bytes, are behind
 * the commands, one part's after the other. Returns where the records are, NULL if there is no memory yet. */
static inline uint32_t *engine_prepare_parts(nn_context *ctx, engine_part *parts, int32_t count, int32_t copied) {
  engine_program counted = {0, 0, 0};
  int32_t channels = 0;
  engine_put_parts(&counted, parts, count, 0);
  int split = 0;
  for (int32_t i = 0; i < count; ++i) {
    channels += parts[i].layer.o;
    split |= parts[i].layer.split;
  }
  const int32_t weights = CFU_LEAN && parts->layer.constant ? CFU_REACH * count : 0;
  uint32_t *records = engine_keep(ctx, 8 * channels, &counted, copied + (split ? ENGINE_REPEATED : 0) + weights);
  if (!records) return 0;
  engine_program written = {records + 2 * channels, 0, 0};
  int8_t *copy = (int8_t *)(written.to + counted.words), *const repeated = copy + copied;
  for (int32_t i = 0; split && i < ENGINE_REPEATED; ++i) repeated[i] = (int8_t)parts->layer.added;
  for (int32_t i = 0; i < count; ++i) {
    parts[i].layer.repeated = repeated;
    if (weights) parts[i].layer.filter = copy + CFU_REACH * i;
    for (int32_t k = 0; weights && k < CFU_REACH; ++k) copy[CFU_REACH * i + k] = (int8_t)parts[i].layer.weight;
    if (!copied) continue;
    parts[i].layer.filter = copy;
    copy += parts[i].layer.o * parts[i].layer.kh * parts[i].layer.kw * parts[i].layer.c / parts[i].layer.groups;
  }
  engine_put_parts(&written, parts, count, nn_address(records));
  return records;
}

/* Prepare a layer with filters, if the engine can compute it. If they are not in the order that it reads, a copy
 * is made. */
static inline nn_status engine_prepare_filters(nn_context *ctx, const engine_layer *l, const engine_channels *c,
                                               int copies) {
  engine_part part = {*l, {0}};
  uint32_t *records = ctx->persistent ? engine_records_of(ctx) : 0;
  if (!engine_put_records(records, &part.layer, c) || !engine_make_plan(&part.layer, &part.plan)) return NN_OK;
  if (!engine_prepare_parts(ctx, &part, 1, copies ? l->o * c->terms : 0)) return NN_OK;
  int8_t *copy = (int8_t *)part.layer.filter;
  for (int32_t o = 0; copies && o < l->o; ++o) {
    for (int32_t i = 0; i < c->terms; ++i) *copy++ = c->filter[o * c->pitch + i * c->step];
  }
  return NN_OK;
}

#endif
