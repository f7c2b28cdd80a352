/* The model: loaded block by block, checked, prepared, and run on a kept input. */
#ifndef CFUFORGE_DEVICE_RUNNER_H
#define CFUFORGE_DEVICE_RUNNER_H

#include "buffer.h"
#include "image.h"
#include "port.h"
#include "tensorflow/lite/micro/micro_interpreter.h"

namespace device {

/* Notes the cycles of each operator's Eval. */
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

/* What fails says why with Error and returns false. */
class Runner {
 public:
  /* Takes the model that is in memory since before the start, if there is one. */
  void Start();

  /* Makes room for a model of `size` bytes; the one that was there is gone. */
  bool Begin(uint32_t size, uint32_t crc);
  /* A block of it; after the last one the model is checked and prepared, and *done is true. */
  bool Load(uint32_t offset, const uint8_t *bytes, size_t count, bool *done);

  /* The input of the next inferences, all tensors one after the other. Set: a block of it. */
  bool SetInput(uint32_t offset, const uint8_t *bytes, size_t count);
  /* Null where there is no model. */
  Buffer *input();

  /* Runs the model on the input, which stays for the next time. */
  bool Infer();

  /* Runs it and tells `observer` of the operators; the input is complete. The last inference's cycles
   * stay. */
  bool Observe(tflite::MicroProfilerInterface &observer);

  /* Gives variables their first values; the outputs are no more. */
  bool Reset();

  /* Prepares the model if that has to be done (again). */
  bool Ready();

  /* After a trap: nothing is taken to be whole but the model's own bytes. */
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
