/* The model: loaded block by block, checked, prepared, and run on an input that is kept. */
#ifndef CFUFORGE_DEVICE_RUNNER_H
#define CFUFORGE_DEVICE_RUNNER_H

#include "buffer.h"
#include "image.h"
#include "port.h"
#include "tensorflow/lite/micro/micro_interpreter.h"

namespace device {

/* Records the cycles of each operator's Eval. */
class LayerProfiler final : public tflite::MicroProfilerInterface {
 public:
  void Start(uint32_t *cycles, uint32_t limit) {
    cycles_ = cycles;
    limit_ = limit;
  }
  void Rewind() { count_ = 0; }
  uint32_t BeginEvent(const char *) override { return uint32_t(Cycles()); }
  void EndEvent(uint32_t begin) override {
    const uint32_t end = uint32_t(Cycles());
    if (count_ < limit_) cycles_[count_++] = end - begin;
  }
  uint32_t cycles(uint32_t layer) const { return cycles_[layer]; }

 private:
  uint32_t *cycles_ = nullptr;
  uint32_t limit_ = 0, count_ = 0;
};

/* On failure these functions report the reason with Error and return false. */
class Runner {
 public:
  /* Picks up a model that was put into memory before, if there is one, and forgets any other. */
  void Start();

  /* Makes room for a model of `size` bytes; discards the previous one. */
  bool Begin(uint32_t size, uint32_t crc);
  /* Stores a block of it; the last one makes it check and prepare the model, and sets *done. */
  bool Load(uint32_t offset, const uint8_t *bytes, size_t count, bool *done);

  /* The input of the next inferences, all tensors one after another. SetInput stores a block of it. */
  bool SetInput(uint32_t offset, const uint8_t *bytes, size_t count);
  /* Null if there is no model. */
  Buffer *input();

  /* Runs the model on the input, which is kept for the next run. */
  bool Infer();

  /* Runs it and notifies `observer` of each operator; the input must be complete. Keeps the cycles of the
   * last inference. */
  bool Observe(tflite::MicroProfilerInterface &observer);

  /* Resets variables to their initial values; the outputs are lost. */
  bool Reset();

  /* Prepares the model, if necessary. */
  bool Ready();

  /* Before its memory is used for something else. */
  void Forget();

  /* After a trap: only the model's own bytes are assumed to be intact. */
  void Distrust();

  bool has_outputs() const { return has_outputs_; }
  uint64_t invoke_cycles() const { return invoke_cycles_; }
  uint32_t layer_cycles(int layer) const { return profiler_.cycles(uint32_t(layer)); }
  tflite::MicroInterpreter &interpreter() { return *interpreter_; }

  const ImageHeader *image() const { return image_; } /* null: no model */
  size_t model_room() const;
  size_t arena_room() const { return arena_.size; }
  size_t arena_used() const { return arena_used_; }

 private:
  bool Prepare();
  bool PrepareInArena();
  bool KeepInput();
  void CopyInput();
  Room LeftByModel() const;
  uint8_t *PlaceOfModel() const;

  const ImageHeader *image_ = nullptr;
  Buffer loading_ = {};
  uint32_t crc_ = 0;
  tflite::MicroInterpreter *interpreter_ = nullptr; /* null: to be prepared */
  LayerProfiler profiler_;
  Room arena_ = {};
  size_t arena_used_ = 0;
  Buffer input_ = {};
  uint64_t invoke_cycles_ = 0;
  bool has_outputs_ = false;
};

}  // namespace device
#endif
