/* Moves on the engine: input loaded run by run, written where it belongs. A run is a pixel of a depthwise layer whose
 * weights are 1. */
#include "portions.h"
#include "pools.h"

enum { WORTH_IT = 1500 /* cycles of the CPU */, SMALL = 16 /* bytes of a portion */ };

/* The cycles of the plain kernel, about. */
static int64_t cycles_of(const nn_move_params *params, int64_t count) {
  return count * (params->run == 1 ? 7 : 40 + params->run);
}

/* The loops of a move around its innermost axis. */
static int64_t outer_count(const nn_move_params *params) {
  int64_t count = 1;
  for (int i = 0; i < NN_MOVE_AXES - 1; ++i) count *= params->axis[i].count;
  return count;
}

/* A run, or a part of one, and how many of them are loaded at once. */
typedef struct {
  int32_t bytes, pixel, count;
} portion;

static portion portion_of(const nn_move_params *params) {
  portion p = {engine_min(params->run, ENGINE_PORTION), 0, 1};
  p.pixel = p.bytes % CFU_LANES && CFU_REACH > CFU_LANES ? engine_parts(p.bytes, CFU_REACH) * CFU_REACH : p.bytes;
  if (p.bytes == params->run)
    p.count = engine_min(params->axis[NN_MOVE_AXES - 1].count, engine_max(1, ENGINE_PORTION / p.pixel));
  return p;
}

static void put_runs(engine_program *p, const nn_move_params *params, const portion *part, int32_t from, int32_t to) {
  const nn_move_axis axis = params->axis[NN_MOVE_AXES - 1];
  for (int32_t i = 0; i < axis.count; i += part->count) {
    const int32_t count = engine_min(part->count, axis.count - i);
    for (int32_t at = 0; at < params->run; at += part->bytes) {
      const int32_t place = p->runs % ENGINE_SLOTS * ENGINE_PORTION;
      const int32_t bytes = engine_min(part->bytes, params->run - at);
      cfu_load load = {.kind = CFU_TO_ACTIVATIONS, .base = AT_INPUT,
                       .after = engine_max(0, p->runs + 1 - ENGINE_SLOTS),
                       .source = (uint32_t)(from + i * axis.input_step + at), .length = bytes, .count = count,
                       .step = axis.input_step, .place = place, .place_step = part->pixel, .rows = 1};
      if (bytes == part->pixel && axis.input_step == part->pixel) load.length = bytes * count, load.count = 1;
      engine_put_load(p, load);
      const cfu_run run = {.first = 1, .last = 1, .pixels = count, .position = place,
                           .output = to + i * axis.output_step + at, .channels = bytes, .words = 1};
      engine_put_run(p, run);
    }
  }
}

static void put_move(engine_program *p, const nn_move_params *params, uint32_t record) {
  const nn_move_axis *axis = params->axis;
  const portion part = portion_of(params);
  const cfu_settings settings = {
      .channelwise = 1, .constant = 1, .weight = 1, .low = -128, .high = 127, .rows = 1, .columns = 1,
      .width = 0xffff, .pixel_step = part.pixel, .row_bytes = 0x7fff, .height = 1,
      .pitch = axis[NN_MOVE_AXES - 1].output_step, .group_place = CFU_FILTERS};
  engine_put_settings(p, settings);
  const cfu_load load = {.kind = CFU_TO_RECORDS, .base = AT_ADDRESS, .source = record, .length = 8,
                         .count = engine_min(CFU_RECORDS, engine_parts(part.bytes, CFU_REACH) * CFU_REACH),
                         .place_step = 8, .rows = 1};
  engine_put_load(p, load);
  for (int64_t i = 0; i < outer_count(params); ++i) {
    int32_t from = 0, to = 0;
    int64_t number = i;
    for (int k = NN_MOVE_AXES - 2; k >= 0; number /= axis[k--].count) {
      const int32_t index = (int32_t)(number % axis[k].count);
      from += index * axis[k].input_step;
      to += index * axis[k].output_step;
    }
    put_runs(p, params, &part, from, to);
  }
  engine_put_end(p);
}

nn_status nn_move_prepare(nn_context *ctx, const nn_move_params *params) {
  const nn_move_axis axis = params->axis[NN_MOVE_AXES - 1];
  const portion part = portion_of(params);
  const int64_t outer = outer_count(params);
  if (cycles_of(params, outer * axis.count) < WORTH_IT || part.bytes * part.count < SMALL) return NN_OK;
  if (CFU_LEAN || CFU_OWN < CFU_REACH || axis.output_step > 0xffff || outer > 0xffff) return NN_OK;
  engine_program counted = {0, 0, 0};
  put_move(&counted, params, 0);
  uint32_t *record = engine_keep(ctx, 8, &counted, 0);
  ctx->compute = 0; /* a move is of a part of a tensor: nn_move is told which */
  if (!record) return NN_OK;
  engine_put_record(record, ENGINE_UNSCALED.bias, ENGINE_UNSCALED.multiplier, ENGINE_UNSCALED.shift);
  engine_program written = {record + 2, 0, 0};
  put_move(&written, params, nn_address(record));
  return NN_OK;
}

nn_status nn_move(nn_context *ctx, const nn_move_params *params, const void *input, void *output) {
  if (!ctx->persistent) return nn_move_reference(ctx, params, input, output);
  NN_RAN(ctx, "move");
  engine_compute(ctx->persistent, input, 0, output);
  return NN_OK;
}
