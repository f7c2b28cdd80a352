#include "change.h"

#include "tensorflow/lite/schema/schema_generated.h"

namespace fuzz {
namespace {

constexpr size_t kMostOperators = 12; /* that Join and copies may lead to */
constexpr size_t kMostTensors = 64;
constexpr size_t kMostDimensions = 10;

const int32_t kOperators[] = {
#define X(method, op) tflite::BuiltinOperator_##op,
#include "tensorflow/lite/micro/kernels/micro_ops.inc"
#undef X
    tflite::BuiltinOperator_CUSTOM, tflite::BuiltinOperator_LSH_PROJECTION, 1000};

const int8_t kTypes[] = {tflite::TensorType_INT8,   tflite::TensorType_INT8,
                         tflite::TensorType_INT16,  tflite::TensorType_INT32,
                         tflite::TensorType_FLOAT32, tflite::TensorType_INT64,
                         tflite::TensorType_BOOL,   tflite::TensorType_UINT8,
                         tflite::TensorType_STRING, tflite::TensorType_INT4, 99};

template <typename T>
void InsertOrErase(Random &random, std::vector<T> *list, T value) {
  const size_t at = random.Below(list->size() + 1);
  if (random.OneIn(2) && at < list->size()) {
    list->erase(list->begin() + long(at));
  } else {
    list->insert(list->begin() + long(at), value);
  }
}

void ChangeDimensions(Random &random, ModelObject *model, TensorObject *tensor) {
  if (tensor->shape.empty() || random.OneIn(6)) {
    if (tensor->shape.size() < kMostDimensions) {
      InsertOrErase(random, &tensor->shape, int32_t(random.Below(3)));
    }
    return;
  }
  const size_t axis = random.Below(tensor->shape.size());
  const int32_t before = tensor->shape[axis], now = random.Integer(before);
  tensor->shape[axis] = now;
  if (random.OneIn(2)) return; /* else whatever had this size at this place has it again */
  for (TensorObject &other : model->tensors) {
    if (axis < other.shape.size() && other.shape[axis] == before) other.shape[axis] = now;
  }
}

void ChangeQuantisation(Random &random, ModelObject *model, TensorObject *tensor) {
  switch (random.Below(8)) {
    case 0:
      tensor->quantised = !tensor->quantised;
      break;
    case 1:
      InsertOrErase(random, &tensor->scales, 0.5f);
      break;
    case 2:
      InsertOrErase(random, &tensor->zero_points, int64_t(0));
      break;
    case 3:
      tensor->dimension = random.Integer(tensor->dimension);
      break;
    case 4: {
      const TensorObject &other = random.Of(model->tensors);
      tensor->scales = other.scales;
      tensor->zero_points = other.zero_points;
      break;
    }
    case 5:
      if (!tensor->zero_points.empty()) {
        int64_t &zero_point = random.Of(tensor->zero_points);
        zero_point = random.OneIn(4) ? random.Integer(int32_t(zero_point))
                                     : int64_t(random.Below(256)) - 128;
      }
      break;
    default:
      if (!tensor->scales.empty()) {
        float &scale = random.Of(tensor->scales);
        scale = random.Scale(scale);
      }
  }
}

/* The bytes of a constant: some of them, or how many. */
void ChangeBuffer(Random &random, ModelObject *model) {
  if (model->buffers.empty() || random.OneIn(20)) {
    model->buffers.emplace_back(random.Below(64));
    return;
  }
  Bytes &buffer = random.Of(model->buffers);
  if (buffer.empty() || random.OneIn(8)) {
    const size_t size = random.OneIn(4) ? 0 : buffer.size() + 8 - random.Below(16);
    buffer.resize(size < (1u << 20) ? size : 0);
  } else if (buffer.size() >= 4 && random.OneIn(2)) { /* an axis, a size, a bias */
    uint8_t *place = &buffer[4 * random.Below(buffer.size() / 4)];
    int32_t value;
    memcpy(&value, place, sizeof value);
    value = random.Integer(value);
    memcpy(place, &value, sizeof value);
  } else {
    for (uint32_t i = random.Below(8) + 1; i; --i) random.Of(buffer) = uint8_t(random.Next());
  }
}

void ChangeTensor(Random &random, ModelObject *model) {
  if (model->tensors.empty()) return;
  TensorObject &tensor = random.Of(model->tensors);
  switch (random.Below(12)) {
    case 0:
      tensor.type = kTypes[random.Below(sizeof kTypes)];
      break;
    case 1:
      tensor.buffer = random.OneIn(4) ? uint32_t(random.Integer(int32_t(tensor.buffer)))
                                      : random.Below(model->buffers.size() + 1);
      break;
    case 2:
      tensor.variable = !tensor.variable;
      break;
    case 3:
      tensor.name.assign(random.Below(400), char(random.Next()));
      break;
    case 4: {
      const TensorObject copy = random.Of(model->tensors);
      (random.OneIn(2) ? tensor.shape : random.Of(model->tensors).shape) = copy.shape;
      break;
    }
    case 5:
    case 6:
    case 7:
      ChangeDimensions(random, model, &tensor);
      break;
    default:
      ChangeQuantisation(random, model, &tensor);
  }
}

int32_t AnyTensor(Random &random, const ModelObject &model, int32_t now) {
  if (random.OneIn(8)) return random.Integer(now);
  return int32_t(random.Below(model.tensors.size() + 1)) - random.OneIn(8);
}

void ChangeIndices(Random &random, const ModelObject &model, std::vector<int32_t> *indices) {
  if (indices->empty() || random.OneIn(3)) {
    InsertOrErase(random, indices, AnyTensor(random, model, 0));
  } else {
    int32_t &index = random.Of(*indices);
    index = AnyTensor(random, model, index);
  }
}

void ChangeOptions(Random &random, OptionsObject *options) {
  if (random.OneIn(16)) options->present = !options->present;
  if (!options->places.empty() && random.OneIn(8)) {
    uint16_t &place = random.Of(options->places);
    place = random.OneIn(2) ? 0 : uint16_t(random.Below(options->fields.size() + 8));
    return;
  }
  if (options->fields.size() < 4) {
    InsertOrErase(random, &options->places, uint16_t(4));
    options->fields.resize(options->fields.size() + 4);
    return;
  }
  uint8_t *word = &options->fields[4 * random.Below(options->fields.size() / 4)];
  if (random.OneIn(2)) { /* of one byte are enumerations and truth values */
    word[random.Below(4)] = uint8_t(random.OneIn(4) ? random.Next() : random.Below(5));
    return;
  }
  int32_t number;
  float real;
  memcpy(&number, word, sizeof number);
  memcpy(&real, word, sizeof real);
  number = random.Integer(number);
  real = random.Scale(real);
  if (random.OneIn(6)) {
    memcpy(word, &real, sizeof real);
  } else {
    memcpy(word, &number, sizeof number);
  }
}

void ChangeCode(Random &random, ModelObject *model) {
  if (model->codes.empty() || random.OneIn(8)) model->codes.push_back({0, 0, 1, ""});
  OperatorCodeObject &code = random.Of(model->codes);
  code.now = kOperators[random.Below(sizeof kOperators / sizeof kOperators[0])];
  code.before = int8_t(code.now < 127 ? code.now : 127);
  if (code.now == tflite::BuiltinOperator_CUSTOM) code.custom = "Custom";
}

void ChangeOperator(Random &random, ModelObject *model) {
  if (model->operators.empty()) return;
  OperatorObject &one = random.Of(model->operators);
  switch (random.Below(16)) {
    case 0:
    case 1:
      return ChangeIndices(random, *model, &one.inputs);
    case 2:
      return ChangeIndices(random, *model, &one.outputs);
    case 3:
      return ChangeCode(random, model);
    case 4:
      one.code = random.OneIn(4) ? random.Next() : random.Below(model->codes.size() + 1);
      return;
    case 5: {
      const OperatorObject copy = one;
      InsertOrErase(random, &model->operators, copy);
      return;
    }
    case 6:
      std::swap(random.Of(model->operators), one);
      return;
    case 7:
      one.options = OptionsObject(random.Of(model->operators).options);
      return;
    case 8:
      one.custom_options.resize(random.Below(20));
      return;
    default:
      return ChangeOptions(random, &one.options);
  }
}

void ChangeGraph(Random &random, ModelObject *model) {
  switch (random.Below(12)) {
    case 0:
      model->version = random.Below(5);
      break;
    case 1:
      model->subgraphs = random.Below(3);
      break;
    case 2:
    case 3:
      if (!model->tensors.empty() && model->tensors.size() < kMostTensors) {
        InsertOrErase(random, &model->tensors, TensorObject(random.Of(model->tensors)));
      }
      break;
    case 4:
    case 5:
    case 6:
      ChangeIndices(random, *model, &model->inputs);
      break;
    default:
      ChangeIndices(random, *model, &model->outputs);
  }
}

}  // namespace

void Change(Random &random, ModelObject *model) {
  switch (random.Below(16)) {
    case 0:
      return ChangeGraph(random, model);
    case 1:
    case 2:
    case 3:
      return ChangeBuffer(random, model);
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
      return ChangeOperator(random, model);
    default:
      return ChangeTensor(random, model);
  }
}

void Join(Random &random, ModelObject *model, const ModelObject &other) {
  if (model->operators.size() + other.operators.size() > kMostOperators) return;
  if (model->tensors.size() + other.tensors.size() > kMostTensors) return;
  const int32_t tensors = int32_t(model->tensors.size());
  const uint32_t codes = uint32_t(model->codes.size()), buffers = uint32_t(model->buffers.size());
  const auto moved = [tensors](std::vector<int32_t> indices) {
    for (int32_t &index : indices) {
      if (index >= 0) index = int32_t(uint32_t(index) + uint32_t(tensors));
    }
    return indices;
  };
  model->codes.insert(model->codes.end(), other.codes.begin(), other.codes.end());
  model->buffers.insert(model->buffers.end(), other.buffers.begin(), other.buffers.end());
  for (TensorObject tensor : other.tensors) {
    tensor.buffer += buffers;
    model->tensors.push_back(tensor);
  }
  for (OperatorObject one : other.operators) {
    one.code += codes;
    one.inputs = moved(one.inputs);
    one.outputs = moved(one.outputs);
    model->operators.push_back(one);
  }
  const std::vector<int32_t> inputs = moved(other.inputs), outputs = moved(other.outputs);
  const bool feed = !inputs.empty() && !model->outputs.empty() && !random.OneIn(4);
  model->inputs.insert(model->inputs.end(), inputs.begin() + feed, inputs.end());
  if (feed) { /* the other's first input is the tensor that this one computes, in its shape */
    const int32_t from = random.Of(model->outputs), to = inputs[0];
    if (from >= 0 && from < tensors && to >= 0 && size_t(to) < model->tensors.size()) {
      model->tensors[size_t(from)].shape = model->tensors[size_t(to)].shape;
      for (OperatorObject &one : model->operators) {
        for (int32_t &index : one.inputs) index = index == to ? from : index;
      }
    }
  }
  model->outputs.insert(model->outputs.end(), outputs.begin(), outputs.end());
}

}  // namespace fuzz
