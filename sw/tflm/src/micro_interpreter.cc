#include "tensorflow/lite/micro/micro_interpreter.h"

#include "activation_plan.h"
#include "check_tensor.h"
#include "message.h"
#include "tensors.h"

namespace tflite {
namespace {

const int kNoNumbers[1] = {0}; /* an empty TfLiteIntArray */

const TfLiteIntArray *IntArray(const flat::Vector<int32_t> *vector) {
  return vector ? reinterpret_cast<const TfLiteIntArray *>(vector)
                : reinterpret_cast<const TfLiteIntArray *>(kNoNumbers);
}

const flat::Vector<int32_t> &Numbers(const flat::Vector<int32_t> *vector) {
  return vector ? *vector : *reinterpret_cast<const flat::Vector<int32_t> *>(kNoNumbers);
}

/* Whether an operator may have several outputs; one that writes only some would leave the others unset. A
 * custom operator may do as it likes. */
bool HasSeveralOutputs(BuiltinOperator code) {
  return code == BuiltinOperator_SPLIT || code == BuiltinOperator_SPLIT_V ||
         code == BuiltinOperator_UNPACK || code == BuiltinOperator_CUSTOM;
}

const char *NameOf(const OperatorCode *code) {
  if (code->builtin_code() != BuiltinOperator_CUSTOM) {
    return EnumNameBuiltinOperator(code->builtin_code());
  }
  return code->custom_code() ? code->custom_code()->c_str() : "CUSTOM";
}

/* The initial value of a variable's bytes: zero, or an int8's zero point. */
int FirstByte(const Tensor *variable) {
  const QuantizationParameters *quantization = variable->quantization();
  if (variable->type() != TensorType_INT8 || !quantization) return 0;
  const flat::Vector<int64_t> *zero_points = quantization->zero_point();
  return zero_points && zero_points->size() > 0 ? int(zero_points->Get(0)) : 0;
}

}  // namespace

MicroInterpreter::MicroInterpreter(const Model *model, const MicroOpResolver &op_resolver,
                                   uint8_t *tensor_arena, size_t tensor_arena_size,
                                   MicroResourceVariables *resource_variables,
                                   MicroProfilerInterface *profiler, bool preserve_all_tensors)
    : micro_(model, tensor_arena, tensor_arena_size),
      resolver_(op_resolver),
      profiler_(profiler),
      preserve_all_(preserve_all_tensors) {
  status_ = CheckModel();
  if (resource_variables) {
    PrintMessage("resource variables are not supported");
    status_ = kTfLiteError;
  }
}

TfLiteStatus MicroInterpreter::CheckModel() {
  const Model *model = micro_.model_;
  if (model->version() != TFLITE_SCHEMA_VERSION) {
    PrintMessage("the model's schema version must be %d, not %u", TFLITE_SCHEMA_VERSION,
                unsigned(model->version()));
    return kTfLiteError;
  }
  const uint32_t subgraphs = model->subgraphs() ? model->subgraphs()->size() : 0;
  if (subgraphs != 1) {
    PrintMessage("the model must have 1 subgraph, not %u", unsigned(subgraphs));
    return kTfLiteError;
  }
  micro_.subgraph_ = model->subgraphs()->Get(0);
  tensor_count_ = micro_.subgraph_->tensors() ? int(micro_.subgraph_->tensors()->size()) : 0;
  node_count_ = micro_.subgraph_->operators() ? int(micro_.subgraph_->operators()->size()) : 0;
  return kTfLiteOk;
}

TfLiteStatus MicroInterpreter::AllocateTensors() {
  if (allocated_ || status_ != kTfLiteOk) return status_;
  allocated_ = true;
  status_ = kTfLiteError; /* until everything has succeeded */
  TF_LITE_ENSURE_STATUS(LoadTensors());
  TF_LITE_ENSURE_STATUS(LoadNodes());
  TF_LITE_ENSURE_STATUS(PrepareNodes());
  TF_LITE_ENSURE_STATUS(Describe(micro_.subgraph_->inputs(), &inputs_, &input_count_));
  TF_LITE_ENSURE_STATUS(Describe(micro_.subgraph_->outputs(), &outputs_, &output_count_));
  TF_LITE_ENSURE_STATUS(PlanActivations(micro_, tensor_count_, node_count_, preserve_all_));
  FindData(micro_.subgraph_->inputs(), inputs_);
  FindData(micro_.subgraph_->outputs(), outputs_);
  micro_.Finish(node_count_);
  status_ = kTfLiteOk;
  return status_;
}

TfLiteStatus MicroInterpreter::LoadTensors() {
  micro_.tensors_ = static_cast<TfLiteEvalTensor *>(
      micro_.AllocatePersistentBuffer(sizeof(TfLiteEvalTensor) * size_t(tensor_count_)));
  if (!micro_.tensors_) return kTfLiteError;
  for (int i = 0; i < tensor_count_; ++i) {
    const Tensor *source = micro_.subgraph_->tensors()->Get(uint32_t(i));
    TfLiteEvalTensor &tensor = micro_.tensors_[i];
    tensor.type = TypeOf(source->type());
    tensor.dims = const_cast<TfLiteIntArray *>(IntArray(source->shape()));
    TF_LITE_ENSURE_STATUS(CheckTensor(micro_.model_, source, i));
    if (const flat::Vector<uint8_t> *constant = ConstantData(micro_.model_, source)) {
      tensor.data.data = const_cast<uint8_t *>(constant->data());
    } else if (source->is_variable()) {
      const size_t bytes = TensorBytes(tensor);
      tensor.data.data = micro_.AllocatePersistentBuffer(bytes, ArenaAllocator::kAlignment);
      if (!tensor.data.data) return kTfLiteError;
      __builtin_memset(tensor.data.data, FirstByte(source), bytes);
    }
  }
  return kTfLiteOk;
}

TfLiteStatus MicroInterpreter::CheckIndices(const char *what, const TfLiteIntArray *indices,
                                            int lowest) {
  for (int i = 0; i < indices->size; ++i) {
    if (indices->data[i] < lowest || indices->data[i] >= tensor_count_) {
      TF_LITE_KERNEL_LOG(micro_.context(), "%s %d is tensor %d, and the model has %d tensors", what,
                         i, indices->data[i], tensor_count_);
      return kTfLiteError;
    }
  }
  return kTfLiteOk;
}

TfLiteStatus MicroInterpreter::LoadNodes() {
  TF_LITE_ENSURE_STATUS(CheckIndices("the model's input", IntArray(micro_.subgraph_->inputs()), 0));
  TF_LITE_ENSURE_STATUS(
      CheckIndices("the model's output", IntArray(micro_.subgraph_->outputs()), 0));
  micro_.nodes_ = static_cast<MicroNode *>(
      micro_.AllocatePersistentBuffer(sizeof(MicroNode) * size_t(node_count_)));
  if (!micro_.nodes_) return kTfLiteError;
  const auto *codes = micro_.model_->operator_codes();
  for (int i = 0; i < node_count_; ++i) {
    const Operator *source = micro_.subgraph_->operators()->Get(uint32_t(i));
    MicroNode &node = micro_.nodes_[i];
    if (!codes || source->opcode_index() >= codes->size()) {
      PrintMessage("operator %d: the model has no operator code %u", i,
                  unsigned(source->opcode_index()));
      return kTfLiteError;
    }
    const OperatorCode *code = codes->Get(source->opcode_index());
    node.name = NameOf(code);
    const TFLMRegistration *registration = RegistrationOf(i);
    if (!registration) {
      PrintMessage("%.40s (operator %d) is not supported", node.name, i);
      return kTfLiteError;
    }
    node.invoke = registration->invoke;
    micro_.current_ = i;
    node.inputs = IntArray(source->inputs());
    node.outputs = IntArray(source->outputs());
    TF_LITE_ENSURE_STATUS(CheckIndices("input", node.inputs, kTfLiteOptionalTensor));
    TF_LITE_ENSURE_STATUS(CheckIndices("output", node.outputs, 0));
    if (node.outputs->size != 1 && !HasSeveralOutputs(code->builtin_code())) {
      TF_LITE_KERNEL_LOG(micro_.context(), "it must have 1 output, not %d", node.outputs->size);
      return kTfLiteError;
    }
    if (registration->init) {
      const TfLiteNode given = NodeOf(i);
      const bool custom = code->builtin_code() == BuiltinOperator_CUSTOM;
      const void *options = custom ? given.custom_initial_data : given.builtin_data;
      const int length = custom ? given.custom_initial_data_size : 0;
      node.user_data = registration->init(micro_.context(), static_cast<const char *>(options),
                                          size_t(length));
    }
    micro_.current_ = -1;
  }
  micro_.loaded_ = true;
  return kTfLiteOk;
}

BuiltinOperator MicroInterpreter::builtin_code(int index) const {
  const Operator *source = micro_.subgraph_->operators()->Get(uint32_t(index));
  return micro_.model_->operator_codes()->Get(source->opcode_index())->builtin_code();
}

const TFLMRegistration *MicroInterpreter::RegistrationOf(int index) const {
  const BuiltinOperator code = builtin_code(index);
  return code == BuiltinOperator_CUSTOM ? resolver_.FindOp(micro_.nodes_[index].name)
                                        : resolver_.FindOp(code);
}

/* The operator with its options, which only init and Prepare see. */
TfLiteNode MicroInterpreter::NodeOf(int index) const {
  const MicroNode &node = micro_.nodes_[index];
  const Operator *source = micro_.subgraph_->operators()->Get(uint32_t(index));
  TfLiteNode given = {};
  given.inputs = node.inputs;
  given.outputs = node.outputs;
  given.user_data = node.user_data;
  given.builtin_data = source->builtin_options();
  if (const auto *custom = source->custom_options()) {
    given.custom_initial_data = custom->data();
    given.custom_initial_data_size = int(custom->size());
  }
  return given;
}

TfLiteStatus MicroInterpreter::PrepareNodes() {
  for (int i = 0; i < node_count_; ++i) {
    MicroNode &node = micro_.nodes_[i];
    const TFLMRegistration *registration = RegistrationOf(i);
    if (!registration->prepare) continue;
    micro_.current_ = i;
    micro_.reported_ = false;
    TfLiteNode given = NodeOf(i);
    const TfLiteStatus status = registration->prepare(micro_.context(), &given);
    node.user_data = given.user_data;
    micro_.arena_.ResetTemp();
    if (status != kTfLiteOk && !micro_.reported_) {
      PrintMessage("%.40s (operator %d): Prepare failed", node.name, i);
    }
    /* An operator that goes on after the arena was full has not checked everything. */
    if (status != kTfLiteOk || micro_.reported_) return kTfLiteError;
  }
  micro_.current_ = -1;
  return kTfLiteOk;
}

TfLiteStatus MicroInterpreter::Describe(const flat::Vector<int32_t> *indices,
                                        TfLiteTensor ***tensors, size_t *count) {
  const size_t size = indices ? indices->size() : 0;
  *tensors = static_cast<TfLiteTensor **>(micro_.AllocatePersistentBuffer(sizeof(void *) * size));
  for (size_t i = 0; *tensors && i < size; ++i) {
    (*tensors)[i] = micro_.AllocatePersistentTensor(indices->Get(uint32_t(i)));
    if (!(*tensors)[i]) return kTfLiteError;
  }
  *count = size;
  return *tensors ? kTfLiteOk : kTfLiteError;
}

void MicroInterpreter::FindData(const flat::Vector<int32_t> *indices, TfLiteTensor **tensors) {
  for (uint32_t i = 0; indices && i < indices->size(); ++i) {
    tensors[i]->data = micro_.tensors_[indices->Get(i)].data;
  }
}

TfLiteStatus MicroInterpreter::Invoke() {
  if (status_ != kTfLiteOk) return status_;
  if (!allocated_) TF_LITE_ENSURE_STATUS(AllocateTensors());
  micro_.reported_ = false;
  TfLiteNode given = {};
  for (int i = 0; i < node_count_; ++i) {
    const MicroNode &node = micro_.nodes_[i];
    given.inputs = node.inputs;
    given.outputs = node.outputs;
    given.user_data = node.user_data;
    micro_.current_ = i;
    const uint32_t event = profiler_ ? profiler_->BeginEvent(node.name) : 0;
    const TfLiteStatus status = node.invoke(micro_.context(), &given);
    if (profiler_) profiler_->EndEvent(event);
    if (status != kTfLiteOk) return status;
  }
  return kTfLiteOk;
}

const flat::Vector<int32_t> &MicroInterpreter::inputs() const {
  return Numbers(micro_.subgraph_ ? micro_.subgraph_->inputs() : nullptr);
}

const flat::Vector<int32_t> &MicroInterpreter::outputs() const {
  return Numbers(micro_.subgraph_ ? micro_.subgraph_->outputs() : nullptr);
}

TfLiteStatus MicroInterpreter::Reset() {
  if (status_ != kTfLiteOk || !allocated_) return status_;
  for (int i = 0; i < tensor_count_; ++i) {
    const Tensor *source = micro_.subgraph_->tensors()->Get(uint32_t(i));
    if (source->is_variable()) {
      const TfLiteEvalTensor &tensor = micro_.tensors_[i];
      __builtin_memset(tensor.data.data, FirstByte(source), TensorBytes(tensor));
    }
  }
  return kTfLiteOk;
}

TfLiteEvalTensor *MicroInterpreter::GetTensor(int tensor_index, int subgraph_index) {
  if (!micro_.tensors_ || subgraph_index != 0) return nullptr;
  if (tensor_index < 0 || tensor_index >= tensor_count_) return nullptr;
  return &micro_.tensors_[tensor_index];
}

}  // namespace tflite
