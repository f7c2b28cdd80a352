/* UNIDIRECTIONAL_SEQUENCE_LSTM on int8 with the CFU simd_mac: any number of inputs, units, steps and batches.
 *
 * The four gates of a unit are the channels of a tile. Its rows are steps, for the products with the input, which do
 * not depend on each other: so weights are fetched once for CFU_ROWS steps. The hidden state's are computed step by
 * step.
 *
 * A unit's weights may begin at any byte. Whole words are read, with bytes of the units beside it; there the input, of
 * which there is a copy for each place in a word, has its zero point, which adds nothing.
 *
 * Unless weights are symmetric and aligned to 4 bytes, as TFLM's are, the reference computes the layer. Always returns
 * NN_OK.
 */
#include "lstm_step.h"
#include "rows.h"

enum { PLACES = 4 }; /* of a byte in a word */

/* Copies of a vector for weights with as many values in a row. */
static int32_t copy_bytes_of(int32_t size) { return (size + 2 * PLACES - 1) & -PLACES; }
static int32_t copies_bytes_of(int32_t size) { return PLACES * copy_bytes_of(size); }

static void copy_vector(int8_t *copies, const int8_t *x, int32_t size, int32_t offset) {
  const int32_t step = size & 1 ? 1 : size & 2 ? 2 : PLACES; /* between the places where rows begin */
  const int32_t bytes = copy_bytes_of(size);
  for (int32_t place = 0; place < PLACES; place += step, copies += step * bytes) {
    fill_words(copies, (int8_t)-offset, PLACES);
    fill_words(copies + bytes - 2 * PLACES, (int8_t)-offset, 2 * PLACES);
    copy_bytes(copies + place, x, size);
  }
}

/* The weights of a unit's gates: words, and the place of the first one's first byte. */
typedef struct {
  const word *w[CHANNELS];
  int32_t place, words;
  int32_t rest; /* bytes of the last word, if others are beyond the tensors' end; otherwise 0 */
} unit_weights;

NN_INLINE unit_weights weights_of(const int8_t *const *tensors, int32_t unit, int32_t units, int32_t size) {
  const int32_t begin = unit * size, place = begin & (PLACES - 1), end = begin + size;
  unit_weights found = {{0}, place, (end + PLACES - 1) / PLACES - begin / PLACES,
                        unit == units - 1 ? end & (PLACES - 1) : 0};
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) found.w[k] = (const word *)(tensors[k] + begin - place);
  return found;
}

/* Add the products with the last word, of which `rest` bytes are read. */
NN_INLINE void dot_rest(int rows, int32_t rest, const word *const *x, const word *const *w) {
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) {
    const uint8_t *const bytes = (const uint8_t *)w[k];
    word weight = 0;
    for (int32_t i = 0; i < rest; ++i) weight |= (word)bytes[i] << 8 * i;
    NN_UNROLL for (int r = 0; r < rows; ++r) cfu_dot((uint32_t)(CHANNELS * r + k), *x[r], weight);
  }
}

typedef struct {
  const nn_lstm_params *params;
  const nn_lstm_gate *gates;
  const int8_t *input_weights[CHANNELS], *hidden_weights[CHANNELS];
  int16_t *of_input;  /* rows x units x gates: products with the input, in Q3.12 */
  int16_t *of_hidden; /* units x gates: those with the hidden state */
  int8_t *copies;     /* rows of copies of inputs, or one of the hidden state */
} layer;

/* The products of a few steps' inputs with all units' weights. */
NN_INLINE void multiply_inputs(int rows, const layer *l, const int8_t *input) {
  const int32_t size = l->params->inputs, units = l->params->units, bytes = copies_bytes_of(size);
  cfu_set_offsets(l->params->input_offset, 0);
  for (int r = 0; r < rows; ++r)
    copy_vector(l->copies + r * bytes, input + r * size, size, l->params->input_offset);
  for (int32_t unit = 0; unit < units; ++unit) {
    unit_weights u = weights_of(l->input_weights, unit, units, size);
    const word *x[CFU_ROWS];
    NN_UNROLL for (int r = 0; r < rows; ++r)
      x[r] = (const word *)(l->copies + r * bytes + u.place * copy_bytes_of(size));
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) cfu_set_bias((uint32_t)k, l->gates[k].bias[unit]);
    for (int32_t words = u.words - (u.rest != 0); words > 0; --words) {
      word value[CFU_ROWS], weight[CHANNELS];
      NN_UNROLL for (int r = 0; r < rows; ++r) value[r] = *x[r]++;
      NN_UNROLL for (int k = 0; k < CHANNELS; ++k) weight[k] = *u.w[k]++;
      NN_UNROLL for (int r = 0; r < rows; ++r) {
        NN_UNROLL for (int k = 0; k < CHANNELS; ++k) cfu_dot((uint32_t)(CHANNELS * r + k), value[r], weight[k]);
      }
    }
    if (u.rest) dot_rest(rows, u.rest, x, u.w);
    NN_UNROLL for (int r = 0; r < rows; ++r) {
      int16_t *const to = l->of_input + (r * units + unit) * CHANNELS;
      NN_UNROLL for (int k = 0; k < CHANNELS; ++k)
        to[k] = (int16_t)nn_lstm_sum(cfu_read_acc((uint32_t)(CHANNELS * r + k)), l->gates[k].input);
    }
  }
}

/* The products of a hidden state with all units' weights. */
static void multiply_hidden(const layer *l, const int8_t *hidden) {
  const int32_t units = l->params->units;
  int16_t *to = l->of_hidden;
  cfu_set_offsets(l->params->hidden_offset, 0);
  copy_vector(l->copies, hidden, units, l->params->hidden_offset);
  for (int32_t unit = 0; unit < units; ++unit, to += CHANNELS) {
    unit_weights u = weights_of(l->hidden_weights, unit, units, units);
    const word *x = (const word *)(l->copies + u.place * copy_bytes_of(units));
    const int32_t words = u.words - (u.rest != 0);
    int32_t sums[CHANNELS];
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) cfu_set_bias((uint32_t)k, 0);
    dot_channels(words, x, u.w);
    x += words;
    if (u.rest) dot_rest(1, u.rest, &x, u.w);
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) sums[k] = cfu_read_acc((uint32_t)k);
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) to[k] = (int16_t)nn_lstm_sum(sums[k], l->gates[k].hidden);
  }
}

static int is_possible(const nn_lstm_gate *gates) {
  for (int i = 0; i < NN_LSTM_GATES; ++i) {
    const nn_lstm_gate *const gate = gates + i;
    if (gate->input_weights_offset || gate->hidden_weights_offset || !is_aligned(gate->input_weights) ||
        !is_aligned(gate->hidden_weights))
      return 0;
  }
  return 1;
}

int32_t nn_lstm_s8_scratch_size(const nn_lstm_params *params) {
  const int32_t of_inputs = CFU_ROWS * copies_bytes_of(params->inputs), of_hidden = copies_bytes_of(params->units);
  return (int32_t)sizeof(int16_t) * (CFU_ROWS + 1) * CHANNELS * params->units +
         (of_inputs > of_hidden ? of_inputs : of_hidden);
}

nn_status nn_lstm_s8(nn_context *ctx, const nn_lstm_params *params, const nn_lstm_gate *gates,
                     const int8_t *input, int8_t *hidden, int16_t *cell, int8_t *output) {
  if (!is_possible(gates)) return nn_lstm_s8_reference(ctx, params, gates, input, hidden, cell, output);
  NN_RAN(ctx, "lstm_s8");
  const int32_t batches = params->batches, units = params->units, places = batches * params->steps;
  layer l = {.params = params, .gates = gates, .of_input = ctx->scratch};
  l.of_hidden = l.of_input + CFU_ROWS * CHANNELS * units;
  l.copies = (int8_t *)(l.of_hidden + CHANNELS * units);
  for (int k = 0; k < CHANNELS; ++k) {
    l.input_weights[k] = gates[k].input_weights;
    l.hidden_weights[k] = gates[k].hidden_weights;
  }
  for (int32_t place = 0, rows; place < places; place += rows) {
    rows = places - place < CFU_ROWS ? 1 : CFU_ROWS;
    if (rows == 1)
      multiply_inputs(1, &l, input + place * params->inputs);
    else
      multiply_inputs(CFU_ROWS, &l, input + place * params->inputs);
    for (int32_t r = 0; r < rows; ++r) {
      const int32_t batch = params->time_major ? (place + r) % batches : (place + r) / params->steps;
      int8_t *const state = hidden + batch * units, *const y = output + (place + r) * units;
      multiply_hidden(&l, state);
      nn_lstm_step(params, l.of_input + r * CHANNELS * units, l.of_hidden, cell + batch * units, y);
      copy_bytes(state, y, units);
    }
  }
  return NN_OK;
}
