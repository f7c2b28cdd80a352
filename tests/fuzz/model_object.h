/* A model as plain data that can be changed, and back to the bytes of a .tflite file. */
#ifndef CFUFORGE_FUZZ_MODEL_OBJECT_H
#define CFUFORGE_FUZZ_MODEL_OBJECT_H

#include <stddef.h>
#include <stdint.h>

#include <string>
#include <vector>

namespace fuzz {

using Bytes = std::vector<uint8_t>;

struct TensorObject {
  std::vector<int32_t> shape;
  int8_t type;
  uint32_t buffer;
  std::string name;
  bool quantised, variable;
  std::vector<float> scales;
  std::vector<int64_t> zero_points;
  int32_t dimension;
};

/* A table of scalars as it lies: the places of its fields, and what is behind its first four bytes. */
struct OptionsObject {
  bool present;
  std::vector<uint16_t> places;
  Bytes fields;
};

struct OperatorObject {
  uint32_t code;
  std::vector<int32_t> inputs, outputs;
  OptionsObject options;
  Bytes custom_options;
};

struct OperatorCodeObject {
  int8_t before;
  int32_t now, version;
  std::string custom;
};

/* With one subgraph, which the file may name several times. */
struct ModelObject {
  uint32_t version;
  std::vector<OperatorCodeObject> codes;
  uint32_t subgraphs;
  std::vector<TensorObject> tensors;
  std::vector<int32_t> inputs, outputs;
  std::vector<OperatorObject> operators;
  std::vector<Bytes> buffers;
};

/* False for a file that VerifyModel refuses, or that has no subgraph. */
bool Unpack(const uint8_t *data, size_t size, ModelObject *model);

/* The file; tensors' data and all other vectors lie on multiples of 16 bytes. */
Bytes Pack(const ModelObject &model);

}  // namespace fuzz
#endif
