#include "channels.h"

#include "blocking.h"
#include "requantise.h"

#define CHANNELS 4

void nn_channel_sums(const nn_runs *runs, const nn_output_stage *stage, const int8_t *input,
                     const int8_t *filter, int32_t o, int32_t end, int8_t *output) {
  const int32_t input_offset = runs->input_offset;
  for (; o < end; o += CHANNELS) {
    int32_t acc[CHANNELS], sum[CHANNELS];
    NN_UNROLL for (int c = 0; c < CHANNELS; ++c) acc[c] = runs->start;
    for (int32_t row = 0; row < runs->rows; ++row) {
      for (int32_t column = 0; column < runs->columns; ++column) {
        const int8_t *x = input + row * runs->input_row + column * runs->input_column;
        const int8_t *const last = x + runs->run, *w[CHANNELS];
        w[0] = filter + o * runs->filter_channel + row * runs->filter_row +
               column * runs->filter_column;
        NN_UNROLL for (int c = 1; c < CHANNELS; ++c) /* those beyond the last repeat it */
          w[c] = o + c < end ? w[c - 1] + runs->filter_channel : w[c - 1];
        while (x != last) {
          int32_t weight[CHANNELS], value = *x++;
          NN_UNROLL for (int c = 0; c < CHANNELS; ++c) weight[c] = *w[c]++;
          value += input_offset;
          NN_UNROLL for (int c = 0; c < CHANNELS; ++c) acc[c] += value * weight[c];
          NN_UNROLL for (int c = 0; c < CHANNELS; ++c) NN_HOLD(acc[c]);
        }
      }
    }
    NN_UNROLL for (int c = 0; c < CHANNELS; ++c) sum[c] = acc[c];
    for (int c = 0; c < CHANNELS && o + c < end; ++c)
      nn_store_channel(stage, sum[c], o + c, output);
  }
}

void nn_store_channel(const nn_output_stage *stage, int32_t sum, int32_t o, int8_t *output) {
  const int32_t q = stage->one_quant ? 0 : o;
  if (stage->bias) sum += stage->bias[o];
  output[o] = nn_requantise(sum, stage->multiplier[q], stage->shift[q], stage->output_offset,
                            stage->activation);
}
