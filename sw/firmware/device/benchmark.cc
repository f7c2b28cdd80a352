#include "benchmark.h"

#include "nn.h"
#include "reply.h"
#include "tensors.h"

namespace device {
namespace {

constexpr Benchmark kBenchmarks[] = {
    {"kws01", 49 * 10, 12, kElements},    {"vww01", 96 * 96 * 3, 2, kPixels},
    {"ic01", 32 * 32 * 3, 10, kPixels},   {"ad01", 640, 640, kWindow},
    {"sww01", 30 * 40, 3, kElements},
};

/* An element as a number; integers are not dequantised. */
float Value(const TfLiteTensor &tensor, size_t index) {
  int32_t value = 0;
  switch (tensor.type) {
    case kTfLiteFloat32:
      return tensor.data.f[index];
    case kTfLiteInt8:
      value = tensor.data.int8[index];
      break;
    case kTfLiteUInt8:
      value = tensor.data.uint8[index];
      break;
    case kTfLiteInt16:
      value = tensor.data.i16[index];
      break;
    case kTfLiteInt32:
      value = tensor.data.i32[index];
      break;
    default: /* bool */
      value = tensor.data.uint8[index];
  }
  if (tensor.params.scale == 0) return float(value);
  return tensor.params.scale * float(value - tensor.params.zero_point);
}

/* Computed as in the benchmark's reference: in floats, from the first element to the last. */
float MeanSquaredError(const TfLiteTensor &output, const float *window) {
  float sum = 0;
  for (size_t i = 0; i < output.bytes; ++i) {
    const float difference = Value(output, i) - window[i];
    sum += difference * difference;
  }
  return sum / float(output.bytes);
}

}  // namespace

const Benchmark *BenchmarkOf(tflite::MicroInterpreter &interpreter) {
  if (interpreter.inputs_size() != 1 || interpreter.outputs_size() != 1) return nullptr;
  const TfLiteTensor &input = *interpreter.input(0), &output = *interpreter.output(0);
  if (input.type != kTfLiteInt8 || output.type != kTfLiteInt8) return nullptr;
  for (const Benchmark &each : kBenchmarks) {
    if (input.bytes == each.inputs && output.bytes == each.outputs) return &each;
  }
  return nullptr;
}

bool TakeInput(Runner &runner, const Buffer &sent) {
  Buffer *const input = runner.input();
  if (!input) return false;
  const Benchmark *const benchmark = BenchmarkOf(runner.interpreter());
  const Sent kind = benchmark ? benchmark->sent : kElements;
  const size_t wanted = kind == kWindow ? input->size * sizeof(float) : input->size;
  if (!sent.is_complete()) {
    return Error("the buffer has %u of %u bytes: load an input", unsigned(sent.received),
                 unsigned(sent.size));
  }
  if (sent.size != wanted) {
    return Error("the buffer has %u bytes, the model takes %u", unsigned(sent.size),
                 unsigned(wanted));
  }
  if (kind == kWindow) {
    const TfLiteTensor &tensor = *runner.interpreter().input(0);
    nn_context context = {};
    nn_quantize_f32(&context, tensor.params.scale, tensor.params.zero_point, int32_t(input->size),
                    reinterpret_cast<const float *>(sent.data),
                    reinterpret_cast<int8_t *>(input->data));
  } else {
    const uint8_t flip = kind == kPixels ? 0x80 : 0; /* x - 128 in eight bits */
    for (size_t i = 0; i < wanted; ++i) input->data[i] = sent.data[i] ^ flip;
  }
  input->received = input->size;
  return true;
}

void Results::Keep(Runner &runner, const Buffer *sent) {
  const Benchmark *const benchmark = BenchmarkOf(runner.interpreter());
  is_error_ = benchmark && benchmark->sent == kWindow && sent;
  if (!is_error_) return;
  const TfLiteTensor &output = *runner.interpreter().output(0);
  error_ = MeanSquaredError(output, reinterpret_cast<const float *>(sent->data));
}

void Results::Send(Runner &runner) const {
  if (!runner.has_outputs()) {
    Error("there are no results: infer first");
    return;
  }
  if (is_error_) {
    Reply("m-results-[%0.3f]", double(error_));
    return;
  }
  tflite::MicroInterpreter &interpreter = runner.interpreter();
  const char *between = "m-results-[";
  for (size_t i = 0; i < interpreter.outputs_size(); ++i) {
    const TfLiteTensor &tensor = *interpreter.output(i);
    const size_t element = tflite::ElementBytes(tensor.type);
    for (size_t j = 0; j * element < tensor.bytes; ++j, between = ",") {
      Print("%s%0.3f", between, double(Value(tensor, j)));
    }
  }
  Reply("]");
}

}  // namespace device
