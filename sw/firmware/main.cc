/* The firmware: runs the model that the mailbox names once, and reports the result. */
#include "dram.h"
#include "flash.h"
#include "message.h"
#include "platform.h"
#include "soc.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_log.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

namespace {

char message[256]; /* the runtime's first message: the reason for a failure */

template <typename T>
T *At(uint32_t address) {
  return reinterpret_cast<T *>(address);
}

[[noreturn]] void Stop(mailbox_status status) {
  mailbox.status = status;
  finish(status);
}

/* The operators in this firmware: all, or those of one model. */
class Resolver final : public tflite::MicroMutableOpResolver<tflite::kBuiltinOpCount> {
 public:
  Resolver() {
#define X(method, op) Add##method();
#include "operators.inc" /* generated */
#undef X
  }
};

/* Records the cycles of each operator's Eval, and the cycle at which the first begins. */
class LayerProfiler final : public tflite::MicroProfilerInterface {
 public:
  LayerProfiler(mailbox_layer *layers, uint32_t limit) : layers_(layers), limit_(limit) {}

  uint32_t BeginEvent(const char *) override { return mcycle_low(); }
  void EndEvent(uint32_t begin) override {
    const uint32_t end = mcycle_low();
    if (count_ < limit_) layers_[count_++].cycles = end - begin;
    mailbox.layer_count = count_; /* the host then reads the outputs */
  }
  uint32_t count() const { return count_; }

 private:
  mailbox_layer *layers_;
  uint32_t limit_, count_ = 0;
};

void CopyInputs(tflite::MicroInterpreter &interpreter) {
  uint32_t wanted = 0;
  for (uint32_t i = 0; i < interpreter.inputs_size(); ++i) wanted += interpreter.input(i)->bytes;
  if (mailbox.input_size != wanted) {
    tflite::PrintMessage("the input has %u bytes, the model takes %u", unsigned(mailbox.input_size),
                unsigned(wanted));
    Stop(MAILBOX_ERROR);
  }
  const uint8_t *from = At<const uint8_t>(mailbox.input);
  for (uint32_t i = 0; i < interpreter.inputs_size(); ++i) {
    TfLiteTensor *tensor = interpreter.input(i);
    __builtin_memcpy(tensor->data.data, from, tensor->bytes);
    from += tensor->bytes;
  }
}

void CopyOutputs(tflite::MicroInterpreter &interpreter) {
  uint32_t size = 0;
  for (uint32_t i = 0; i < interpreter.outputs_size(); ++i) size += interpreter.output(i)->bytes;
  mailbox.output_bytes = size;
  if (mailbox.output_size < size) {
    tflite::PrintMessage("the outputs have %u bytes, there is room for %u", unsigned(size),
                unsigned(mailbox.output_size));
    Stop(MAILBOX_ERROR);
  }
  uint8_t *to = At<uint8_t>(mailbox.output);
  for (uint32_t i = 0; i < interpreter.outputs_size(); ++i) {
    const TfLiteTensor *tensor = interpreter.output(i);
    __builtin_memcpy(to, tensor->data.data, tensor->bytes);
    to += tensor->bytes;
  }
}

void ReportLayers(const tflite::MicroInterpreter &interpreter, const LayerProfiler &profiler) {
  mailbox_layer *layers = At<mailbox_layer>(mailbox.layers);
  for (uint32_t i = 0; i < profiler.count(); ++i) {
    layers[i].builtin = uint32_t(interpreter.builtin_code(int(i)));
    layers[i].ran = uint32_t(uintptr_t(interpreter.nodes()[i].ran));
    layers[i].scratch_bytes = uint32_t(interpreter.scratch_bytes(int(i)));
  }
}

}  // namespace

extern "C" void DebugLog(const char *line) {
  if (!mailbox.message) {
    mailbox.message = uint32_t(uintptr_t(message));
    for (uint32_t i = 0; i < sizeof message - 1 && line[i]; ++i) message[i] = line[i];
  }
  print_line(line);
}

extern "C" [[noreturn]] void firmware_main() {
  if (!StartDram()) Stop(MAILBOX_ERROR);
  StartFlash();
  const void *file = At<const void>(mailbox.model);
  if (!tflite::VerifyModel(file, mailbox.model_size)) Stop(MAILBOX_ERROR);
  const Resolver resolver;
  LayerProfiler profiler(At<mailbox_layer>(mailbox.layers), mailbox.layer_limit);
  tflite::MicroInterpreter interpreter(tflite::GetModel(file), resolver, At<uint8_t>(mailbox.arena),
                                       mailbox.arena_size, nullptr, &profiler);
  if (interpreter.AllocateTensors() != kTfLiteOk) Stop(MAILBOX_ERROR);
  mailbox.arena_used = interpreter.arena_used_bytes();
  mailbox.context = uint32_t(uintptr_t(&interpreter.context()));
  CopyInputs(interpreter);
  asm volatile("" ::: "memory"); /* the context's fields are in memory now */
  mailbox.layer_count = 0; /* the host observes what is written from now on */
  asm volatile("nop\n nop"); /* until the bus is free, so that only the inference is counted */

  const uint64_t begin = mcycle();
  const TfLiteStatus status = interpreter.Invoke();
  const uint64_t cycles = mcycle() - begin;

  mailbox.invoke_cycles_low = uint32_t(cycles);
  mailbox.invoke_cycles_high = uint32_t(cycles >> 32);
  ReportLayers(interpreter, profiler);
  if (status != kTfLiteOk) Stop(MAILBOX_ERROR);
  CopyOutputs(interpreter);
  MicroPrintf("cfuforge: %d operators in %llu cycles on %s", interpreter.nodes_size(),
              (unsigned long long)cycles, SOC_NAME);
  Stop(MAILBOX_DONE);
}
