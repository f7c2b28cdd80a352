/* Runs a model. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_INTERPRETER_H_
#define TENSORFLOW_LITE_MICRO_MICRO_INTERPRETER_H_

#include "tensorflow/lite/kernels/internal/tensor_ctypes.h"
#include "tensorflow/lite/micro/micro_context.h"
#include "tensorflow/lite/micro/micro_op_resolver.h"
#include "tensorflow/lite/micro/micro_profiler_interface.h"
#include "tensorflow/lite/portable_type_to_tflitetype.h"

namespace tflite {

class MicroResourceVariables; /* not supported yet: pass null */

class MicroInterpreter {
 public:
  /* Model, resolver and arena are used in place and must outlive the interpreter. With
   * `preserve_all_tensors` no two tensors share memory, so that all can be read after Invoke. */
  MicroInterpreter(const Model *model, const MicroOpResolver &op_resolver, uint8_t *tensor_arena,
                   size_t tensor_arena_size, MicroResourceVariables *resource_variables = nullptr,
                   MicroProfilerInterface *profiler = nullptr, bool preserve_all_tensors = false);

  /* Checks the model, prepares its operators, and allocates every tensor. An error is one line through
   * MicroPrintf. */
  TfLiteStatus AllocateTensors();

  /* Runs all operators. Inputs must be written before each call, because their memory is reused. */
  TfLiteStatus Invoke();

  /* Null for an index that the model does not have. */
  TfLiteTensor *input(size_t index) { return index < inputs_size() ? inputs_[index] : nullptr; }
  TfLiteTensor *output(size_t index) { return index < outputs_size() ? outputs_[index] : nullptr; }
  size_t inputs_size() const { return input_count_; }
  size_t outputs_size() const { return output_count_; }
  TfLiteTensor *input_tensor(size_t index) { return input(index); }
  TfLiteTensor *output_tensor(size_t index) { return output(index); }
  /* Also null for a tensor of another type. */
  template <typename T>
  T *typed_input_tensor(int index) {
    return Typed<T>(input(size_t(index)));
  }
  template <typename T>
  T *typed_output_tensor(int index) {
    return Typed<T>(output(size_t(index)));
  }
  /* The tensor indices of the inputs and outputs. */
  const flat::Vector<int32_t> &inputs() const;
  const flat::Vector<int32_t> &outputs() const;
  TfLiteEvalTensor *GetTensor(int tensor_index, int subgraph_index = 0);

  /* Resets the model's variables to their values before the first inference. */
  TfLiteStatus Reset();

  bool preserve_all_tensors() const { return preserve_all_; }
  TfLiteStatus initialization_status() const { return status_; }
  /* Bytes of the arena that this model uses, while it is prepared or runs: an arena of this size,
   * with the same alignment, is enough. */
  size_t arena_used_bytes() const { return micro_.arena_.needed(); }

  /* Beyond TFLM: the operators of the model in order, and their number. */
  const MicroNode *nodes() const { return micro_.nodes_; }
  int nodes_size() const { return node_count_; }
  BuiltinOperator builtin_code(int node) const;
  MicroContext &context() { return micro_; }
  /* Sets the profiler to notify of operators from now on; null for none. */
  void set_profiler(MicroProfilerInterface *profiler) { profiler_ = profiler; }
  /* Scratch memory that an operator asked for in Prepare. */
  size_t scratch_bytes(int node) const { return micro_.ScratchBytes(node); }
  /* Memory that its kernel keeps from Prepare on. */
  size_t persistent_bytes(int node) const { return size_t(micro_.PersistentBytes(node)); }

 private:
  template <typename T>
  static T *Typed(TfLiteTensor *tensor) {
    return tensor && tensor->type == typeToTfLiteType<T>() ? GetTensorData<T>(tensor) : nullptr;
  }
  TfLiteStatus CheckModel();
  TfLiteStatus LoadTensors();
  TfLiteStatus LoadNodes();
  TfLiteStatus CheckIndices(const char *what, const TfLiteIntArray *indices, int lowest);
  const TFLMRegistration *RegistrationOf(int index) const;
  TfLiteNode NodeOf(int index) const;
  TfLiteStatus PrepareNodes();
  TfLiteStatus Describe(const flat::Vector<int32_t> *indices, TfLiteTensor ***tensors,
                        size_t *count);
  void FindData(const flat::Vector<int32_t> *indices, TfLiteTensor **tensors);

  MicroContext micro_;
  const MicroOpResolver &resolver_;
  MicroProfilerInterface *profiler_;
  bool preserve_all_, allocated_ = false;
  TfLiteStatus status_ = kTfLiteOk;
  int tensor_count_ = 0, node_count_ = 0;
  TfLiteTensor **inputs_ = nullptr, **outputs_ = nullptr;
  size_t input_count_ = 0, output_count_ = 0;
};

}  // namespace tflite
#endif
