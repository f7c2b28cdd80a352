/* UNIDIRECTIONAL_SEQUENCE_LSTM with its matrix products on the engine, as numbers of 16 bits. Those with the input,
 * which do not depend on each other, are computed for a block of steps at once; those with the hidden state step by
 * step, with weights that stay in the engine for the block, if they fit. The CPU does the rest of each step.
 *
 * The engine writes each step's products to lines of the data cache that have not been read since it was emptied.
 */
#include <stddef.h>

#include "lstm_step.h"
#include "wide.h"

enum { LINE = 32 /* bytes of the data cache */, SCRATCH = 4096 /* bytes for the products of a block, or one step's */ };

typedef struct {
  engine_commands input, hidden, hidden_again; /* the last one with what the one before has loaded */
} programs;

/* Bytes from one step's products to the next's. */
static int32_t pitch_of(const nn_lstm_params *params) {
  return engine_parts(params->units * NN_LSTM_GATES * (int32_t)sizeof(int16_t), LINE) * LINE;
}

/* The steps of a block, of all batches. */
static int32_t block_of(const nn_lstm_params *params) {
  const int32_t most = engine_min(SCRATCH / 2 / pitch_of(params), ENGINE_ROOM / params->inputs);
  return engine_max(1, engine_min(most, params->batches * params->steps));
}

static void put_programs(engine_program *p, programs *head, const engine_wide *input, const engine_wide *hidden,
                         uint32_t records) {
  engine_put_wide(p, input, records, 0);
  head->input = engine_commands_of(p, head, 0, p->words);
  const int32_t first = p->words;
  p->runs = 0; /* of each program */
  engine_put_wide(p, hidden, records + 8u * (uint32_t)input->filters, 0);
  head->hidden = head->hidden_again = engine_commands_of(p, head, first, p->words);
  if (!engine_wide_stays(hidden)) return;
  const int32_t again = p->words;
  p->runs = 0;
  engine_put_wide(p, hidden, 0, 1);
  head->hidden_again = engine_commands_of(p, head, again, p->words);
}

nn_status nn_lstm_s8_prepare(nn_context *ctx, const nn_lstm_params *params, const nn_lstm_gate *gates) {
  if (!gates) return NN_OK;
  engine_wide input = {.row_step = params->inputs, .filters = NN_LSTM_GATES * params->units, .depth = params->inputs,
                       .pixels = block_of(params), .pitch = pitch_of(params), .input_offset = params->input_offset};
  engine_wide hidden = {.row_step = params->units, .filters = NN_LSTM_GATES * params->units, .depth = params->units,
                        .pixels = 1, .pitch = pitch_of(params), .input_offset = params->hidden_offset};
  for (int i = 0; i < NN_LSTM_GATES; ++i) {
    if (gates[i].input_weights_offset || gates[i].hidden_weights_offset) return NN_OK;
    input.weights[i] = gates[i].input_weights;
    input.bias[i] = gates[i].bias;
    input.quant[i] = gates[i].input;
    hidden.weights[i] = gates[i].hidden_weights;
    hidden.quant[i] = gates[i].hidden;
  }
  programs *head = ctx->persistent, counted_head;
  uint32_t *records = head ? (uint32_t *)(head + 1) : 0, *of_hidden = records ? records + 2 * input.filters : 0;
  if (!engine_put_wide_records(records, &input) || !engine_put_wide_records(of_hidden, &hidden)) return NN_OK;
  engine_program counted = {0, 0, 0};
  put_programs(&counted, &counted_head, &input, &hidden, 0);
  const int32_t before = (int32_t)sizeof(programs) + 8 * (input.filters + hidden.filters);
  if (counted.words / 2 > ENGINE_MOST_BEATS) return NN_OK;
  const int32_t zeros = engine_max(input.split * input.depth, hidden.split * hidden.depth);
  ctx->persistent_size = before + 4 * counted.words + zeros;
  if (!head) return NN_OK;
  engine_program written = {records + 2 * (input.filters + hidden.filters), 0, 0};
  input.zeros = hidden.zeros = (const int8_t *)(written.to + counted.words);
  put_programs(&written, head, &input, &hidden, nn_address(records));
  return NN_OK;
}

int32_t nn_lstm_s8_scratch_size(const nn_lstm_params *params) {
  return ENGINE_WIDE ? 2 * block_of(params) * pitch_of(params) + LINE : 0;
}

nn_status nn_lstm_s8(nn_context *ctx, const nn_lstm_params *params, const nn_lstm_gate *gates, const int8_t *input,
                     int8_t *hidden, int16_t *cell, int8_t *output) {
  const programs *const head = ctx->persistent;
  if (!head) return nn_lstm_s8_reference(ctx, params, gates, input, hidden, cell, output);
  NN_RAN(ctx, "lstm_s8");
  const int32_t batches = params->batches, units = params->units, places = batches * params->steps;
  const int32_t block = block_of(params), values = pitch_of(params) / (int32_t)sizeof(int16_t);
  int16_t *const of_input = (int16_t *)(((uintptr_t)ctx->scratch + LINE - 1) & -(uintptr_t)LINE);
  int16_t *const of_hidden = of_input + block * values;
  for (int32_t place = 0; place < places;) {
    const int32_t begin = engine_min(place, places - block); /* the last block may overlap */
    engine_carry_out(head, head->input, input + begin * params->inputs, of_input);
    nn_flush_data_cache();
    engine_commands commands = head->hidden;
    for (; place < begin + block; ++place, commands = head->hidden_again) {
      const int32_t batch = params->time_major ? place % batches : place / params->steps;
      const int32_t slot = (place - begin) * values;
      int8_t *const state = hidden + batch * units, *const y = output + place * units;
      engine_carry_out(head, commands, state, of_hidden + slot);
      nn_lstm_step(params, of_input + slot, of_hidden + slot, cell + batch * units, y);
      __builtin_memcpy(state, y, (size_t)units);
    }
  }
  return NN_OK;
}
