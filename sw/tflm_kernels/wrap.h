/* Wraps an operator of TFLM: the nn library computes int8 layers, TFLM's own kernel all others.
 *
 * A file such as conv.cc replaces TFLM's file of that name. It includes that file, with the registration
 * under another name, so that no code of TFLM is copied.
 */
#ifndef CFUFORGE_WRAP_H
#define CFUFORGE_WRAP_H

#include <string.h>

#include "nn/no_prepare.h"
#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/kernels/internal/common.h"
#include "tensorflow/lite/micro/kernels/kernel_util.h"
#include "tensorflow/lite/micro/micro_common.h"

#if TFLITE_SINGLE_ROUNDING
#error "the nn library rounds twice, as TFLM does unless TFLITE_SINGLE_ROUNDING is set"
#endif

namespace cfuforge {

/* An operator's tensors; bias is null if there is none. */
struct Tensors {
  const TfLiteEvalTensor *input, *filter, *bias;
  TfLiteEvalTensor *output;

  Tensors(const TfLiteContext *context, const TfLiteNode *node)
      : input(At(context, node, 0)),
        filter(At(context, node, 1)),
        bias(At(context, node, 2)),
        output(tflite::micro::GetEvalOutput(context, node, 0)) {}

  /* Whether inputs (a filter counts as one) and output are int8 and not empty, and a bias int32. */
  bool AreInt8(bool has_filter) const {
    return IsInt8(input) && IsInt8(output) && (!has_filter || (filter && IsInt8(filter))) &&
           (!bias || bias->type == kTfLiteInt32);
  }

  static int32_t Elements(const TfLiteEvalTensor *tensor) {
    int32_t elements = 1;
    for (int i = 0; i < tensor->dims->size; ++i) elements *= tensor->dims->data[i];
    return elements;
  }

 private:
  static const TfLiteEvalTensor *At(const TfLiteContext *context, const TfLiteNode *node, int i) {
    const bool there = i < node->inputs->size && node->inputs->data[i] >= 0;
    return there ? tflite::micro::GetEvalInput(context, node, i) : nullptr;
  }
  static bool IsInt8(const TfLiteEvalTensor *tensor) {
    return tensor->type == kTfLiteInt8 && Elements(tensor) > 0;
  }
};

/* The elements of an operator's constant inputs in Prepare, null for others; the filter counts as one only if a
 * bias does. */
struct Constants {
  const int8_t *input, *filter;
  const int32_t *bias;

  Constants(TfLiteContext *context, const TfLiteNode *node)
      : input(At<int8_t>(context, node, 0)),
        filter(At<int8_t>(context, node, 1)),
        bias(At<int32_t>(context, node, 2)) {
    if (!bias && 2 < node->inputs->size && node->inputs->data[2] >= 0) filter = nullptr;
  }

 private:
  template <typename T>
  static const T *At(TfLiteContext *context, const TfLiteNode *node, int i) {
    if (i >= node->inputs->size || node->inputs->data[i] < 0) return nullptr;
    tflite::MicroContext *micro = tflite::GetMicroContext(context);
    TfLiteTensor *tensor = micro->AllocateTempInputTensor(node, i);
    if (!tensor) return nullptr;
    const bool constant = tensor->allocation_type == kTfLiteMmapRo;
    const void *elements = constant ? tensor->data.data : nullptr;
    micro->DeallocateTempTfLiteTensor(tensor);
    return static_cast<const T *>(elements);
  }
};

/* False for any number of dimensions other than four. */
inline bool Dims4(const TfLiteEvalTensor *tensor, nn_dims *dims) {
  if (tensor->dims->size != 4) return false;
  const int *sizes = tensor->dims->data;
  *dims = {sizes[0], sizes[1], sizes[2], sizes[3]};
  return true;
}

/* TFLM's multipliers and shifts of the output channels, in the nn library's form. */
inline bool ChannelQuant(TfLiteContext *context, const int32_t *multiplier, const int32_t *shift,
                         int32_t channels, nn_channel_quant *quant) {
  auto *narrow =
      static_cast<int8_t *>(context->AllocatePersistentBuffer(context, size_t(channels)));
  if (!narrow) return false;
  for (int32_t i = 0; i < channels; ++i) narrow[i] = int8_t(shift[i]);
  *quant = {multiplier, narrow};
  return true;
}

/* `Op` has
 *   OpData               the type of the user_data of TFLM's own kernel,
 *   Tflm()               its registration,
 *   bool Take(context, node, tensors, data)
 *                        after TFLM's own Prepare: whether this layer is one for the nn library;
 *                        keeps what Run needs,
 *   int32_t Scratch()    bytes of scratch memory that Run wants,
 *   nn_status Keep(kernel, constants)  calls the kernel's prepare function; unless it returns NN_OK, this
 *                        layer is left to TFLM's kernel,
 *   nn_status Run(kernel, tensors)  the layer; after NN_UNSUPPORTED TFLM's kernel computes it. */
template <typename Op>
class Wrapped {
 public:
  static TFLMRegistration Registration() {
    TFLMRegistration registration = Op::Tflm();
    registration.init = Init;
    registration.prepare = Prepare;
    registration.invoke = Eval;
    return registration;
  }

 private:
  static void *Init(TfLiteContext *context, const char *buffer, size_t length) {
    auto *wrapped =
        static_cast<Wrapped *>(context->AllocatePersistentBuffer(context, sizeof(Wrapped)));
    if (wrapped) *wrapped = {Op::Tflm().init(context, buffer, length), false, -1, {}, {}};
    return wrapped;
  }

  static TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
    auto *wrapped = static_cast<Wrapped *>(node->user_data);
    TF_LITE_ENSURE(context, wrapped != nullptr);
    TF_LITE_ENSURE_STATUS(wrapped->CallTflm(Op::Tflm().prepare, context, node));
    const Tensors tensors(context, node);
    const auto &data = *static_cast<const typename Op::OpData *>(wrapped->data_);
    wrapped->taken_ =
        !IsCompressed(context, node) && wrapped->op_.Take(context, node, tensors, data);
    if (!wrapped->taken_) return kTfLiteOk;
    TF_LITE_ENSURE_STATUS(wrapped->Keep(context, Constants(context, node)));
    if (!wrapped->taken_) return kTfLiteOk;
    wrapped->kernel_.scratch_size = wrapped->op_.Scratch();
    if (wrapped->kernel_.scratch_size <= 0) return kTfLiteOk;
    return context->RequestScratchBufferInArena(context, size_t(wrapped->kernel_.scratch_size),
                                                &wrapped->scratch_);
  }

  /* Has the kernel fill its persistent memory, if it wants any; clears taken_ if it fails. */
  TfLiteStatus Keep(TfLiteContext *context, const Constants &constants) {
    nn_context asked = {};
    taken_ = op_.Keep(&asked, constants) == NN_OK;
    if (!taken_ || asked.persistent_size <= 0) return kTfLiteOk;
    const size_t bytes = size_t(asked.persistent_size);
    void *memory = context->AllocatePersistentBuffer(context, bytes);
    TF_LITE_ENSURE(context, memory != nullptr);
    memset(memory, 0, bytes);
    kernel_ = {nullptr, 0, memory, asked.persistent_size, nullptr, nullptr};
    nn_context filled = kernel_;
    taken_ = op_.Keep(&filled, constants) == NN_OK;
    kernel_.compute = filled.compute;
    return kTfLiteOk;
  }

  static TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
    auto *wrapped = static_cast<Wrapped *>(node->user_data);
    if (wrapped->taken_) {
      nn_context kernel = wrapped->kernel_;
      if (wrapped->scratch_ >= 0)
        kernel.scratch = context->GetScratchBuffer(context, wrapped->scratch_);
      const nn_status status = wrapped->Compute(&kernel, Tensors(context, node));
      if (kernel.persistent) nn_hand_over(); /* to whom, is not known here */
      if (status == NN_OK) return kTfLiteOk;
    }
    return wrapped->CallTflm(Op::Tflm().invoke, context, node);
  }

  nn_status Compute(nn_context *kernel, const Tensors &tensors) {
    if (!kernel->compute) return op_.Run(kernel, tensors);
    kernel->compute(kernel->persistent, tensors.input->data.data,
                    tensors.filter ? tensors.filter->data.data : nullptr, tensors.output->data.data);
    return NN_OK;
  }

  /* Calls a function of TFLM's kernel with its own user_data. */
  TfLiteStatus CallTflm(TfLiteStatus (*function)(TfLiteContext *, TfLiteNode *),
                        TfLiteContext *context, TfLiteNode *node) {
    node->user_data = data_;
    const TfLiteStatus status = function(context, node);
    node->user_data = this;
    return status;
  }

  static bool IsCompressed(const TfLiteContext *context, const TfLiteNode *node) {
#ifdef USE_TFLM_COMPRESSION
    for (int i = 0; i < node->inputs->size; ++i) {
      if (tflite::GetMicroContext(context)->IsTensorCompressed(node, i)) return true;
    }
#endif
    (void)context;
    (void)node;
    return false;
  }

 public: /* an aggregate: Init fills it */
  void *data_; /* user_data of TFLM's kernel */
  bool taken_;
  int scratch_;
  nn_context kernel_; /* without the address of the scratch memory */
  Op op_;
};

}  // namespace cfuforge
#endif
