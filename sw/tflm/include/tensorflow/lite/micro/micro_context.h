/* The implementation of TfLiteContext: the tensors, the arena, and the running operator. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_CONTEXT_H_
#define TENSORFLOW_LITE_MICRO_MICRO_CONTEXT_H_

#include <stdarg.h>

#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/micro/arena_allocator.h"
#include "tensorflow/lite/micro/micro_common.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {

/* An operator of the model, ready to run. */
struct MicroNode {
  TfLiteStatus (*invoke)(TfLiteContext *context, TfLiteNode *node); /* the registration's */
  const char *name;                       /* CONV_2D, or a custom operator's */
  const TfLiteIntArray *inputs, *outputs; /* in the model */
  void *user_data;                        /* what init returned, or Prepare set */
  const char *ran; /* the kernel that computed it last, e.g. "reference/conv_s8"; or null */
};

/* A request for memory while an operator runs; a list, newest first. */
struct ScratchRequest {
  ScratchRequest *next;
  size_t bytes;
  int node;
};

/* How a layer is computed without its kernel. What the kernel keeps comes directly behind it, so that its first
 * bytes are in the same line of a cache. */
struct PreparedLayer {
  void (*compute)(const void *persistent, const void *input1, const void *input2, void *output);
  const void *input1, *input2;
  void *output;
};

/* What an operator's kernel keeps from Prepare on. */
struct KernelMemory {
  void *persistent; /* null if it asked for none */
  int32_t bytes;
  const int8_t *table; /* of nn_lookup_s8, if it is made once; or null */
  TfLiteStatus (*invoke)(TfLiteContext *context, TfLiteNode *node); /* the registration's */
  PreparedLayer *prepared; /* null if the kernel computes the layer */
  int32_t input;           /* number of the operator's input that is the kernel's first */
};

class Message;

class MicroContext {
 public:
  MicroContext(const Model *model, uint8_t *arena, size_t arena_size);
  MicroContext(const MicroContext &) = delete;

  /* A tensor with its quantisation, for the duration of Prepare; null for an absent optional one,
   * for an index past the node's tensors, and when the arena is full. */
  TfLiteTensor *AllocateTempInputTensor(const TfLiteNode *node, int index);
  TfLiteTensor *AllocateTempOutputTensor(const TfLiteNode *node, int index);
  /* Does nothing: temporary memory is freed when Prepare returns. */
  void DeallocateTempTfLiteTensor(TfLiteTensor *) {}

  /* The same, for as long as the interpreter lives. */
  TfLiteTensor *AllocatePersistentTensor(int tensor_index);

  void *AllocatePersistentBuffer(size_t bytes, size_t alignment = alignof(void *));
  TfLiteStatus RequestScratchBufferInArena(size_t bytes, int *buffer_index);
  void *GetScratchBuffer(int buffer_index) { return scratch_buffers_[buffer_index]; }
  TfLiteEvalTensor *GetEvalTensor(int tensor_index) { return &tensors_[tensor_index]; }

  /* Reports one line: the name and index of the operator being prepared or run, this text, and the indices
   * and names of its tensors. */
  void VReportError(const char *format, va_list arguments);

  /* Scratch memory that an operator asked for in Prepare. */
  size_t ScratchBytes(int node) const;

  /* All scratch requests, newest first; the newest has the largest index for GetScratchBuffer. */
  const ScratchRequest *scratch_requests() const { return scratch_requests_; }
  int scratch_count() const { return scratch_count_; }

  /* For the operator being prepared; null if the arena is full. */
  KernelMemory *NewKernelMemory();

  /* The last step of AllocateTensors, once the addresses of all tensors are known. */
  void Finish(int nodes) {
    if (finish_) finish_(*this, nodes);
  }

  /* What the kernel of the operator that runs keeps; null or 0 for nothing. */
  void *persistent() const { return persistent_; }
  int32_t persistent_bytes() const { return persistent_bytes_; }
  const int8_t *table() const { return kernel_memory_ ? kernel_memory_[current_].table : nullptr; }

  /* The same of any operator. */
  const void *Persistent(int node) const {
    return kernel_memory_ ? kernel_memory_[node].persistent : nullptr;
  }
  bool IsPrepared(int node) const { return kernel_memory_ && kernel_memory_[node].prepared; }
  int32_t PersistentBytes(int node) const { return kernel_memory_ ? kernel_memory_[node].bytes : 0; }

  /* The elements of a constant input; null for any other. */
  [[gnu::pure]] const void *ConstantInput(const TfLiteNode *node, int index) const;

  /* The lowest address of the persistent part, at the end of the arena. */
  const void *lasting() const { return arena_.lasting(); }

  /* Records which kernel has just run, for the profile. */
  void SetRan(const char *ran) { nodes_[current_].ran = ran; }

  TfLiteContext *context() { return &context_; }

 private:
  friend class MicroInterpreter;
  friend class ActivationPlan;

  static TfLiteStatus InvokeKeeper(TfLiteContext *context, TfLiteNode *node);
  static TfLiteStatus InvokePrepared(TfLiteContext *context, TfLiteNode *node);
  static TfLiteStatus InvokePreparedAndHandOver(TfLiteContext *context, TfLiteNode *node);
  static void FinishPreparedLayers(MicroContext &micro, int nodes);
  void *DataOf(const TfLiteIntArray *indices, int index) const;
  void ReportArena(bool exact);
  void AddTensors(const TfLiteIntArray *indices, const char *kind, Message *message);
  TfLiteTensor *Describe(int tensor_index, TfLiteTensor *tensor);
  TfLiteTensor *AllocateTemp(const TfLiteIntArray *indices, int index);

  TfLiteContext context_;
  const Model *model_;
  const SubGraph *subgraph_ = nullptr;
  ArenaAllocator arena_;
  TfLiteEvalTensor *tensors_ = nullptr;
  MicroNode *nodes_ = nullptr;
  int current_ = -1; /* the operator being prepared or run */
  bool reported_ = false, loaded_ = false; /* loaded_: the operators' tensors match the model */
  ScratchRequest *scratch_requests_ = nullptr;
  int scratch_count_ = 0;
  void **scratch_buffers_ = nullptr;
  KernelMemory *kernel_memory_ = nullptr; /* one for each operator; null if no kernel keeps anything */
  void *persistent_ = nullptr;
  int32_t persistent_bytes_ = 0;
  void (*finish_)(MicroContext &micro, int nodes) = nullptr; /* set if a kernel keeps anything */
};

inline MicroContext *GetMicroContext(const TfLiteContext *context) {
  return static_cast<MicroContext *>(context->impl_);
}

}  // namespace tflite
#endif
