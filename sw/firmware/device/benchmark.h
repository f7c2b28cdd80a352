/* The inputs and results of MLPerf Tiny's benchmarks. The loaded model's input and output sizes tell which
 * benchmark it is for. */
#ifndef CFUFORGE_DEVICE_BENCHMARK_H
#define CFUFORGE_DEVICE_BENCHMARK_H

#include "runner.h"

namespace device {

/* The format of the bytes that the host sends as an input. */
enum Sent {
  kElements, /* elements of the input tensors, one tensor after another */
  kPixels,   /* uint8, of which 128 is subtracted */
  kWindow,   /* float32, little-endian, to be quantised; the result is one mean squared error */
};

struct Benchmark {
  char name[6];
  uint32_t inputs, outputs; /* elements, int8 */
  Sent sent;
};

/* The benchmark of a model; null for any other model, whose input is sent as kElements. */
const Benchmark *BenchmarkOf(tflite::MicroInterpreter &interpreter);

/* Makes the bytes that the host sent the input of the next inferences. */
bool TakeInput(Runner &runner, const Buffer &sent);

/* The result of an inference. */
class Results {
 public:
  /* Call it after an inference. Computes the mean squared error of a window that was `sent`, before the
   * next one replaces it; null if the input came in another way. */
  void Keep(Runner &runner, const Buffer *sent);

  /* Sends m-results-[...]: the mean squared error, or the outputs, dequantised. */
  void Send(Runner &runner) const;

 private:
  bool is_error_ = false;
  float error_ = 0;
};

}  // namespace device
#endif
