/* What MLPerf Tiny sends and wants back, by the model that is loaded: its input's and output's sizes tell
 * which benchmark it is. */
#ifndef CFUFORGE_DEVICE_BENCHMARK_H
#define CFUFORGE_DEVICE_BENCHMARK_H

#include "runner.h"

namespace device {

/* What the bytes are that the host sends as an input. */
enum Sent {
  kElements, /* the input tensors' own, one tensor after the other */
  kPixels,   /* uint8, of which 128 is subtracted */
  kWindow,   /* float32, little-endian, to be quantised; the result is one mean squared error */
};

struct Benchmark {
  char name[6];
  uint32_t inputs, outputs; /* elements, int8 */
  Sent sent;
};

/* The one that a model is for; null for another model, whose input is sent as kElements. */
const Benchmark *BenchmarkOf(tflite::MicroInterpreter &interpreter);

/* Takes what the host sent over as the input of the next inferences. */
bool TakeInput(Runner &runner, const Buffer &sent);

/* What an inference gave. */
class Results {
 public:
  /* To be called after it. Of a window that was `sent` (null: the input came in another way) the
   * mean squared error is computed, since the next one takes its place. */
  void Keep(Runner &runner, const Buffer *sent);

  /* Sends m-results-[...]: the mean squared error, or the outputs without quantisation. */
  void Send(Runner &runner) const;

 private:
  bool is_error_ = false;
  float error_ = 0;
};

}  // namespace device
#endif
