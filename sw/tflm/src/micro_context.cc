#include "tensorflow/lite/micro/micro_context.h"

#include "message.h"
#include "no_prepare.h"
#include "tensors.h"
#include "tensorflow/lite/micro/micro_log.h"

namespace tflite {
namespace {

void *AllocatePersistentBuffer(TfLiteContext *context, size_t bytes) {
  return GetMicroContext(context)->AllocatePersistentBuffer(bytes);
}

TfLiteStatus RequestScratchBufferInArena(TfLiteContext *context, size_t bytes, int *buffer_index) {
  return GetMicroContext(context)->RequestScratchBufferInArena(bytes, buffer_index);
}

void *GetScratchBuffer(TfLiteContext *context, int buffer_index) {
  return GetMicroContext(context)->GetScratchBuffer(buffer_index);
}

TfLiteEvalTensor *GetEvalTensor(const TfLiteContext *context, int tensor_index) {
  return GetMicroContext(context)->GetEvalTensor(tensor_index);
}

void ReportError(TfLiteContext *context, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  GetMicroContext(context)->VReportError(format, arguments);
  va_end(arguments);
}

}  // namespace

MicroContext::MicroContext(const Model *model, uint8_t *arena, size_t arena_size)
    : context_{this,
               tflite::AllocatePersistentBuffer,
               tflite::RequestScratchBufferInArena,
               tflite::GetScratchBuffer,
               tflite::GetEvalTensor,
               tflite::ReportError},
      model_(model),
      arena_(arena, arena_size) {}

void MicroContext::VReportError(const char *format, va_list arguments) {
  if (reported_) return; /* the first message has the reason */
  reported_ = true;
  Message message;
  if (current_ >= 0) message.Add("%.40s (operator %d): ", nodes_[current_].name, current_);
  message.VAdd(format, arguments);
  if (current_ >= 0 && loaded_) {
    AddTensors(nodes_[current_].inputs, "; inputs:", &message);
    AddTensors(nodes_[current_].outputs, "; outputs:", &message);
  }
  message.Print();
}

void MicroContext::AddTensors(const TfLiteIntArray *indices, const char *kind, Message *message) {
  constexpr int kFew = 6; /* for more there is no room for names */
  message->Add("%s%s", kind, indices->size > kFew ? " tensors" : "");
  for (int i = 0; i < indices->size; ++i) {
    const int index = indices->data[i];
    message->Add(i ? ", " : " ");
    if (index < 0) {
      message->Add("none");
    } else if (indices->size > kFew) {
      message->Add("%d", index);
    } else {
      message->Add("tensor %d '%.24s'", index, TensorName(subgraph_, index));
    }
  }
}

void *MicroContext::AllocatePersistentBuffer(size_t bytes, size_t alignment) {
  void *memory = arena_.AllocatePersistent(bytes, alignment);
  if (!memory) ReportArena(false);
  return memory;
}

void MicroContext::ReportArena(bool exact) {
  loaded_ = false; /* whatever its tensors are */
  context_.ReportError(
      &context_,
      exact ? "the tensor arena of %zu bytes is too small: the model needs %zu bytes"
            : "the tensor arena of %zu bytes is too small: the model needs at least %zu bytes; "
              "cfuforge model inspect says how many",
      arena_.size(), arena_.needed());
}

TfLiteStatus MicroContext::RequestScratchBufferInArena(size_t bytes, int *buffer_index) {
  void *memory = AllocatePersistentBuffer(sizeof(ScratchRequest));
  if (!memory) return kTfLiteError;
  ScratchRequest *request = static_cast<ScratchRequest *>(memory);
  *request = {scratch_requests_, bytes, current_};
  scratch_requests_ = request;
  *buffer_index = scratch_count_++;
  return kTfLiteOk;
}

KernelMemory *MicroContext::NewKernelMemory() {
  if (!kernel_memory_) {
    kernel_memory_ = static_cast<KernelMemory *>(
        AllocatePersistentBuffer(sizeof(KernelMemory) * subgraph_->operators()->size()));
  }
  if (!kernel_memory_) return nullptr;
  KernelMemory &memory = kernel_memory_[current_];
  if (!memory.invoke) memory.invoke = nodes_[current_].invoke;
  nodes_[current_].invoke = InvokeKeeper;
  finish_ = FinishPreparedLayers;
  return &memory;
}

/* The address of a tensor's elements; null if there is no such tensor. */
void *MicroContext::DataOf(const TfLiteIntArray *indices, int index) const {
  const bool there = index < indices->size && indices->data[index] >= 0;
  return there ? tensors_[indices->data[index]].data.data : nullptr;
}

/* Has layers computed without their kernels from now on. */
void MicroContext::FinishPreparedLayers(MicroContext &micro, int nodes) {
  for (int i = 0; i < nodes; ++i) {
    const KernelMemory &memory = micro.kernel_memory_[i];
    if (!memory.prepared) continue;
    MicroNode &node = micro.nodes_[i];
    memory.prepared->input1 = micro.DataOf(node.inputs, memory.input);
    memory.prepared->input2 = micro.DataOf(node.inputs, memory.input + 1);
    memory.prepared->output = micro.DataOf(node.outputs, 0);
    node.user_data = memory.prepared;
    const bool hands_over = i + 1 == nodes || !micro.kernel_memory_[i + 1].prepared;
    node.invoke = hands_over ? InvokePreparedAndHandOver : InvokePrepared;
  }
}

/* In place of the operator's own function, so that operators that keep nothing cost nothing. */
TfLiteStatus MicroContext::InvokeKeeper(TfLiteContext *context, TfLiteNode *node) {
  MicroContext &micro = *GetMicroContext(context);
  const KernelMemory &memory = micro.kernel_memory_[micro.current_];
  micro.persistent_ = memory.persistent;
  micro.persistent_bytes_ = memory.bytes;
  const TfLiteStatus status = memory.invoke(context, node);
  micro.persistent_ = nullptr;
  micro.persistent_bytes_ = 0;
  const size_t next = size_t(micro.current_) + 1;
  if (next == micro.subgraph_->operators()->size() || !micro.kernel_memory_[next].prepared) nn_hand_over();
  return status;
}

TfLiteStatus MicroContext::InvokePrepared(TfLiteContext *, TfLiteNode *node) {
  const PreparedLayer *layer = static_cast<const PreparedLayer *>(node->user_data);
  layer->compute(layer + 1, layer->input1, layer->input2, layer->output);
  return kTfLiteOk;
}

TfLiteStatus MicroContext::InvokePreparedAndHandOver(TfLiteContext *context, TfLiteNode *node) {
  InvokePrepared(context, node);
  nn_hand_over();
  return kTfLiteOk;
}

const void *MicroContext::ConstantInput(const TfLiteNode *node, int index) const {
  const int tensor = index < node->inputs->size ? node->inputs->data[index] : kTfLiteOptionalTensor;
  if (tensor < 0) return nullptr;
  const Tensor *source = subgraph_->tensors()->Get(uint32_t(tensor));
  return ConstantData(model_, source) ? tensors_[tensor].data.data : nullptr;
}

size_t MicroContext::ScratchBytes(int node) const {
  size_t bytes = 0;
  for (const ScratchRequest *request = scratch_requests_; request; request = request->next) {
    if (request->node == node) bytes += request->bytes;
  }
  return bytes;
}

TfLiteTensor *MicroContext::AllocateTempInputTensor(const TfLiteNode *node, int index) {
  return AllocateTemp(node->inputs, index);
}

TfLiteTensor *MicroContext::AllocateTempOutputTensor(const TfLiteNode *node, int index) {
  return AllocateTemp(node->outputs, index);
}

TfLiteTensor *MicroContext::AllocateTemp(const TfLiteIntArray *indices, int index) {
  if (index >= indices->size || indices->data[index] < 0) return nullptr;
  void *memory = arena_.AllocateTemp(sizeof(TfLiteTensor));
  if (!memory) ReportArena(false);
  return memory ? Describe(indices->data[index], static_cast<TfLiteTensor *>(memory)) : nullptr;
}

TfLiteTensor *MicroContext::AllocatePersistentTensor(int tensor_index) {
  void *memory = AllocatePersistentBuffer(sizeof(TfLiteTensor));
  return memory ? Describe(tensor_index, static_cast<TfLiteTensor *>(memory)) : nullptr;
}

TfLiteTensor *MicroContext::Describe(int tensor_index, TfLiteTensor *tensor) {
  const TfLiteEvalTensor &eval = tensors_[tensor_index];
  const Tensor *source = subgraph_->tensors()->Get(uint32_t(tensor_index));
  *tensor = {};
  tensor->type = eval.type;
  tensor->data = eval.data;
  tensor->dims = eval.dims;
  tensor->bytes = TensorBytes(eval);
  tensor->is_variable = source->is_variable();
  tensor->allocation_type = source->is_variable()                     ? kTfLiteArenaRwPersistent
                            : ConstantData(model_, source) != nullptr ? kTfLiteMmapRo
                                                                      : kTfLiteArenaRw;
  tensor->name = TensorName(subgraph_, tensor_index);
  const QuantizationParameters *quantization = source->quantization();
  if (quantization && quantization->scale() && quantization->scale()->size() > 0) {
    tensor->params.scale = quantization->scale()->Get(0);
    if (quantization->zero_point() && quantization->zero_point()->size() > 0) {
      tensor->params.zero_point = int32_t(quantization->zero_point()->Get(0));
    }
    tensor->quantization.type = kTfLiteAffineQuantization;
    tensor->quantization.affine = {
        reinterpret_cast<const TfLiteFloatArray *>(quantization->scale()),
        quantization->quantized_dimension()};
  }
  return tensor;
}

}  // namespace tflite
