/* Computes output channels as sums of products, a few at a time.
 *
 * nn_channel_sums     computes output channels `o` to `end` - 1 of one pixel; `input` and `filter`
 *                     are the places of the first tap, `filter` that of channel 0.
 * nn_store_channel    stores one output channel from the sum of its products.
 */
#ifndef CFUFORGE_NN_SMALL_CHANNELS_H
#define CFUFORGE_NN_SMALL_CHANNELS_H

#include "nn.h"

/* What to do with the sums. */
typedef struct {
  const int32_t *multiplier, *bias; /* bias: or null */
  const int8_t *shift;
  int32_t one_quant; /* all channels have the first multiplier and shift */
  int32_t output_offset;
  nn_activation activation;
} nn_output_stage;

/* The taps, as rows x columns runs of `run` values each. */
typedef struct {
  int32_t rows, columns, run;
  int32_t input_row, input_column, filter_row, filter_column; /* distances between runs */
  int32_t filter_channel;                                     /* ... between output channels */
  int32_t input_offset;
  int32_t start; /* initial value of every sum */
} nn_runs;

void nn_channel_sums(const nn_runs *runs, const nn_output_stage *stage, const int8_t *input,
                     const int8_t *filter, int32_t o, int32_t end, int8_t *output);

void nn_store_channel(const nn_output_stage *stage, int32_t sum, int32_t o, int8_t *output);

#endif
