/* SVDF with matrix products on the engine; STATE as for svdf.h. Those of the filters with the input are numbers of 16
 * bits. Those over time, a run for each unit, are the engine's too if the state has 8 bits, and all of it fits; else the
 * CPU's.
 */
#include "svdf.h"
#include "wide.h"

typedef struct {
  engine_commands features, over_time; /* the latter is empty if the CPU computes it */
} svdf_programs;

/* Put a state of 8 bits and its time weights, of which each unit has `terms`. */
static inline void svdf_put_over_time(engine_program *p, const nn_svdf_params *params, const int8_t *weights,
                                      const int8_t *zeros, uint32_t records) {
  const int32_t units = params->units, terms = params->rank * params->memory, words = engine_parts(terms, CFU_LANES);
  const cfu_settings settings = {
      .low = -128, .high = 127, .offset = params->output_offset, .rows = 1, .columns = 1, .width = 0xffff,
      .pixel_step = units * terms, .row_bytes = 0x7fff, .height = 1, .pitch = units, .weight_step = 1,
      .group_weights = words};
  engine_put_settings(p, settings);
  cfu_load load = {.kind = CFU_TO_ACTIVATIONS, .base = AT_INPUT, .length = params->batches * units * terms, .count = 1,
                   .rows = 1};
  engine_put_load(p, load);
  load = (cfu_load){.kind = CFU_TO_RECORDS, .base = AT_ADDRESS, .source = records, .length = 8, .count = units,
                    .step = 8, .place_step = 8 * CFU_REQUANTISERS, .rows = 1};
  engine_put_load(p, load);
  load = (cfu_load){.kind = CFU_TO_TABLE, .base = AT_ADDRESS, .banks = 1, .source = nn_address(weights),
                    .length = terms, .count = units, .step = terms, .place_step = 4 * words, .rows = 1};
  engine_put_load(p, load);
  load.banks = 2; /* whose products share multipliers with those */
  load.source = nn_address(zeros);
  load.step = 0;
  engine_put_load(p, load);
  for (int32_t unit = 0; unit < units; ++unit) {
    const cfu_run run = {.first = 1, .last = 1, .pixels = params->batches, .position = unit * terms, .output = unit,
                         .weights = unit * words, .record = unit, .channels = 1, .words = words};
    engine_put_run(p, run);
  }
  engine_put_end(p);
}

/* Write a record for each unit, or only check whether the engine can compute it. */
static inline int svdf_put_units(uint32_t *records, const nn_svdf_params *params, const int8_t *weights,
                                 const int32_t *bias) {
  const int32_t units = params->units, terms = params->rank * params->memory;
  const engine_layer layer = {.low = -128, .high = 127, .offset = params->output_offset};
  if (sizeof(STATE) > 1 || units * CFU_REQUANTISERS > CFU_RECORDS ||
      units * engine_parts(terms, CFU_LANES) > CFU_WORDS || params->batches * units * terms > ENGINE_ROOM)
    return 0;
  for (int32_t unit = 0; unit < units; ++unit) {
    const engine_filter filter = engine_filter_of(weights + unit * terms, terms, bias[unit], -params->state_zero_point);
    if (filter.too_many || filter.bias < INT32_MIN || filter.bias > INT32_MAX) return 0;
    engine_channel channel = {(int32_t)filter.bias, params->output.multiplier, params->output.shift};
    if (!engine_fit(&channel, filter.low, filter.high, &layer)) return 0;
    if (records) engine_put_record(records + 2 * unit, channel.bias, channel.multiplier, channel.shift);
  }
  return 1;
}

static inline nn_status svdf_prepare(nn_context *ctx, const nn_svdf_params *params, const int8_t *feature_weights,
                                     const STATE *time_weights, const int32_t *bias) {
  if (!feature_weights) return NN_OK;
  const int32_t filters = params->rank * params->units;
  engine_wide wide = {.row_step = ENGINE_MATRICES * params->inputs, .filters = filters, .depth = params->inputs,
                      .pixels = params->batches, .pitch = filters * (int32_t)sizeof(int16_t),
                      .input_offset = params->input_offset};
  for (int k = 0; k < ENGINE_MATRICES; ++k) {
    wide.weights[k] = feature_weights + k * params->inputs;
    wide.quant[k] = params->feature;
  }
  svdf_programs *const head = ctx->persistent;
  uint32_t *const records = head ? (uint32_t *)(head + 1) : 0, *of_units = head ? records + 2 * filters : 0;
  const int8_t *const weights = (const int8_t *)time_weights; /* if they have 8 bits */
  if (!engine_put_wide_records(records, &wide)) return NN_OK;
  const int over_time = svdf_put_units(of_units, params, weights, bias);
  const int32_t count = filters + (over_time ? params->units : 0);
  const int32_t zeros = engine_max(wide.split * wide.depth, over_time * params->rank * params->memory);
  for (engine_program p = {0, 0, 0};; p = (engine_program){records + 2 * count, 0, 0}) {
    engine_put_wide(&p, &wide, nn_address(records), 0);
    const int32_t first = p.words;
    p.runs = 0; /* of each program */
    if (over_time) svdf_put_over_time(&p, params, weights, wide.zeros, nn_address(of_units));
    if (p.words / 2 > ENGINE_MOST_BEATS) return NN_OK;
    ctx->persistent_size = (int32_t)sizeof *head + 8 * count + 4 * p.words + zeros;
    if (!head) return NN_OK;
    wide.zeros = (const int8_t *)(records + 2 * count + p.words);
    if (!p.to) continue;
    head->features = engine_commands_of(&p, head, 0, first);
    head->over_time = engine_commands_of(&p, head, first, p.words);
    return NN_OK;
  }
}

static inline int32_t svdf_scratch_size(const nn_svdf_params *params) {
  return ENGINE_WIDE ? params->batches * params->rank * params->units * (int32_t)sizeof(int16_t) : 0;
}

static inline void svdf_by_engine(const nn_context *ctx, const nn_svdf_params *params, const int8_t *input,
                                  const STATE *time_weights, const int32_t *bias, STATE *state, int8_t *output) {
  const svdf_programs *const head = ctx->persistent;
  const int16_t *const features = ctx->scratch;
  engine_carry_out(head, head->features, input, ctx->scratch);
  nn_flush_data_cache();
  if (!head->over_time.beats) {
    svdf_over_time(params, features, time_weights, bias, state, output);
    return;
  }
  svdf_push_all(params, features, state);
  engine_carry_out(head, head->over_time, state, output);
}
