#include "model_object.h"

#include <string.h>

#include "tensorflow/lite/schema/schema_generated.h"

namespace fuzz {
namespace {

template <typename T, typename V>
std::vector<T> Values(const V *vector) {
  std::vector<T> values;
  for (uint32_t i = 0; vector && i < vector->size(); ++i) values.push_back(vector->Get(i));
  return values;
}

Bytes ByteValues(const tflite::flat::Vector<uint8_t> *vector) {
  return vector ? Bytes(vector->data(), vector->data() + vector->size()) : Bytes();
}

std::string Text(const tflite::flat::String *text) {
  return text ? std::string(text->c_str(), text->size()) : std::string();
}

OptionsObject Options(const tflite::flat::Table *table) {
  OptionsObject options = {};
  if (!table) return options;
  const uint8_t *bytes = reinterpret_cast<const uint8_t *>(table);
  const uint8_t *vtable = bytes - tflite::flat::Load<int32_t>(bytes);
  const uint16_t vtable_size = tflite::flat::Load<uint16_t>(vtable);
  for (uint32_t at = 4; at + 2 <= vtable_size; at += 2) {
    options.places.push_back(tflite::flat::Load<uint16_t>(vtable + at));
  }
  options.fields.assign(bytes + 4, bytes + tflite::flat::Load<uint16_t>(vtable + 2));
  options.present = true;
  return options;
}

TensorObject OneTensor(const tflite::Tensor *from) {
  TensorObject tensor = {};
  tensor.shape = Values<int32_t>(from->shape());
  tensor.type = from->type();
  tensor.buffer = from->buffer();
  tensor.name = Text(from->name());
  tensor.variable = from->is_variable();
  if (const tflite::QuantizationParameters *quantisation = from->quantization()) {
    tensor.quantised = true;
    tensor.scales = Values<float>(quantisation->scale());
    tensor.zero_points = Values<int64_t>(quantisation->zero_point());
    tensor.dimension = quantisation->quantized_dimension();
  }
  return tensor;
}

/* Writes from the front: what an offset leads to lies behind it, as a flatbuffer wants it. */
class Writer {
 public:
  explicit Writer(Bytes *out) : out_(*out) {}

  size_t size() const { return out_.size(); }
  void Align(size_t alignment, size_t before = 0) {
    while ((out_.size() + before) % alignment) out_.push_back(0);
  }
  template <typename T>
  void Append(T value) {
    const uint8_t *bytes = reinterpret_cast<const uint8_t *>(&value);
    out_.insert(out_.end(), bytes, bytes + sizeof value);
  }
  void Append(const void *data, size_t bytes) {
    const uint8_t *from = static_cast<const uint8_t *>(data);
    out_.insert(out_.end(), from, from + bytes);
  }
  template <typename T>
  void Set(size_t place, T value) {
    memcpy(&out_[place], &value, sizeof value);
  }
  /* The offset at `link` leads to what is written next. */
  void Link(size_t link) { Set(link, uint32_t(out_.size() - link)); }

  template <typename T>
  void Vector(size_t link, const std::vector<T> &values) {
    Align(16, 4);
    Link(link);
    Append(uint32_t(values.size()));
    Append(values.data(), sizeof(T) * values.size());
  }
  void String(size_t link, const std::string &text) {
    Align(4);
    Link(link);
    Append(uint32_t(text.size()));
    Append(text.c_str(), text.size() + 1);
  }
  /* A vector of `count` offsets; returns the place of the first. */
  size_t Offsets(size_t link, size_t count) {
    Align(4);
    Link(link);
    Append(uint32_t(count));
    const size_t first = out_.size();
    out_.resize(first + 4 * count);
    return first;
  }

 private:
  Bytes &out_;
};

/* A table of fields of up to 8 bytes. */
class TableWriter {
 public:
  TableWriter(Writer &writer, size_t link, uint32_t fields) : writer_(writer) {
    writer.Align(8, (4 + 2 * fields) % 8);
    vtable_ = writer.size();
    writer.Append(uint16_t(4 + 2 * fields));
    writer.Append(uint16_t(8 + 8 * fields));
    for (uint32_t i = 0; i < fields; ++i) writer.Append(uint16_t(0));
    table_ = writer.size();
    writer.Link(link);
    writer.Append(int32_t(table_ - vtable_));
    for (uint32_t i = 0; i < 1 + 2 * fields; ++i) writer.Append(uint32_t(0));
  }
  /* The place of field `id`, which is then there. */
  size_t Field(uint32_t id) {
    writer_.Set(vtable_ + 4 + 2 * id, uint16_t(8 + 8 * id));
    return table_ + 8 + 8 * id;
  }
  template <typename T>
  void Put(uint32_t id, T value) {
    writer_.Set(Field(id), value);
  }
  template <typename T>
  void Vector(uint32_t id, const std::vector<T> &values) {
    writer_.Vector(Field(id), values);
  }
  void String(uint32_t id, const std::string &text) { writer_.String(Field(id), text); }

 private:
  Writer &writer_;
  size_t vtable_, table_;
};

void WriteTensor(Writer &writer, size_t link, const TensorObject &tensor) {
  TableWriter table(writer, link, 6);
  table.Vector(0, tensor.shape);
  table.Put(1, tensor.type);
  table.Put(2, tensor.buffer);
  table.String(3, tensor.name);
  table.Put(5, uint8_t(tensor.variable));
  if (!tensor.quantised) return;
  TableWriter quantisation(writer, table.Field(4), 7);
  quantisation.Vector(2, tensor.scales);
  quantisation.Vector(3, tensor.zero_points);
  quantisation.Put(6, tensor.dimension);
}

void WriteOptions(Writer &writer, size_t link, const OptionsObject &options) {
  const size_t vtable_size = 4 + 2 * options.places.size();
  writer.Align(8, vtable_size);
  const size_t vtable = writer.size();
  writer.Append(uint16_t(vtable_size));
  writer.Append(uint16_t(4 + options.fields.size()));
  writer.Append(options.places.data(), 2 * options.places.size());
  writer.Link(link);
  writer.Append(int32_t(writer.size() - vtable));
  writer.Append(options.fields.data(), options.fields.size());
}

void WriteOperator(Writer &writer, size_t link, const OperatorObject &from) {
  TableWriter table(writer, link, 6);
  table.Put(0, from.code);
  table.Vector(1, from.inputs);
  table.Vector(2, from.outputs);
  if (from.options.present) WriteOptions(writer, table.Field(4), from.options);
  if (!from.custom_options.empty()) table.Vector(5, from.custom_options);
}

}  // namespace

bool Unpack(const uint8_t *data, size_t size, ModelObject *object) {
  if (!tflite::VerifyModel(data, size)) return false;
  const tflite::Model *model = tflite::GetModel(data);
  const auto *codes = model->operator_codes();
  const auto *buffers = model->buffers();
  if (!model->subgraphs() || !model->subgraphs()->size()) return false;
  const tflite::SubGraph *graph = model->subgraphs()->Get(0);
  *object = {};
  object->version = model->version();
  for (uint32_t i = 0; codes && i < codes->size(); ++i) {
    const tflite::OperatorCode *code = codes->Get(i);
    object->codes.push_back({int8_t(code->deprecated_builtin_code()), code->builtin_code(),
                             code->version(), Text(code->custom_code())});
  }
  for (uint32_t i = 0; buffers && i < buffers->size(); ++i) {
    object->buffers.push_back(ByteValues(buffers->Get(i)->data()));
  }
  object->subgraphs = model->subgraphs()->size();
  for (uint32_t i = 0; graph->tensors() && i < graph->tensors()->size(); ++i) {
    object->tensors.push_back(OneTensor(graph->tensors()->Get(i)));
  }
  object->inputs = Values<int32_t>(graph->inputs());
  object->outputs = Values<int32_t>(graph->outputs());
  for (uint32_t i = 0; graph->operators() && i < graph->operators()->size(); ++i) {
    const tflite::Operator *from = graph->operators()->Get(i);
    object->operators.push_back({from->opcode_index(), Values<int32_t>(from->inputs()),
                                 Values<int32_t>(from->outputs()),
                                 Options(from->builtin_options()),
                                 ByteValues(from->custom_options())});
  }
  return true;
}

Bytes Pack(const ModelObject &model) {
  Bytes out;
  Writer writer(&out);
  writer.Append(uint32_t(0));
  writer.Append("TFL3", 4);
  TableWriter root(writer, 0, 5);
  root.Put(0, model.version);
  size_t link = writer.Offsets(root.Field(1), model.codes.size());
  for (const OperatorCodeObject &code : model.codes) {
    TableWriter table(writer, link, 4);
    table.Put(0, code.before);
    if (!code.custom.empty()) table.String(1, code.custom);
    table.Put(2, code.version);
    table.Put(3, code.now);
    link += 4;
  }
  link = writer.Offsets(root.Field(4), model.buffers.size());
  for (const Bytes &buffer : model.buffers) {
    TableWriter table(writer, link, 1);
    if (!buffer.empty()) table.Vector(0, buffer);
    link += 4;
  }
  link = writer.Offsets(root.Field(2), model.subgraphs);
  if (!model.subgraphs) return out;
  TableWriter graph(writer, link, 4);
  const size_t table = link + tflite::flat::Load<uint32_t>(&out[link]);
  for (uint32_t i = 1; i < model.subgraphs; ++i) {
    writer.Set(link + 4 * i, uint32_t(table - link - 4 * i));
  }
  graph.Vector(1, model.inputs);
  graph.Vector(2, model.outputs);
  link = writer.Offsets(graph.Field(0), model.tensors.size());
  for (const TensorObject &tensor : model.tensors) {
    WriteTensor(writer, link, tensor);
    link += 4;
  }
  link = writer.Offsets(graph.Field(3), model.operators.size());
  for (const OperatorObject &one : model.operators) {
    WriteOperator(writer, link, one);
    link += 4;
  }
  return out;
}

}  // namespace fuzz
