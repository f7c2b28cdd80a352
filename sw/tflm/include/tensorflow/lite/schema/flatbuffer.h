/* Accessors that read a flatbuffer in place. They do not check that offsets stay inside the file:
 * VerifyModel has done so for every offset that they follow, and has checked alignment: 8-byte numbers to 4
 * bytes, others to their own size. */
#ifndef CFUFORGE_FLATBUFFER_H
#define CFUFORGE_FLATBUFFER_H

#include <stddef.h>
#include <stdint.h>

namespace tflite::flat {

template <typename T>
T Load(const void *address) {
  constexpr size_t kAlignment = sizeof(T) < 4 ? sizeof(T) : 4;
  T value;
  __builtin_memcpy(&value, __builtin_assume_aligned(address, kAlignment), sizeof value);
  return value;
}

/* An object in the file: it has no members, only an address. */
class Place {
 protected:
  const uint8_t *start() const { return reinterpret_cast<const uint8_t *>(this); }
};

/* A vector of scalars (`T` by value) or of bytes: a count, then the elements. */
template <typename T>
class Vector : public Place {
 public:
  uint32_t size() const { return Load<uint32_t>(this); }
  const T *data() const { return reinterpret_cast<const T *>(start() + 4); }
  T Get(uint32_t index) const { return Load<T>(start() + 4 + index * sizeof(T)); }
  T operator[](uint32_t index) const { return Get(index); }
};

/* A zero-terminated string after its length. */
class String : public Vector<char> {
 public:
  const char *c_str() const { return data(); }
};

/* A vector of offsets to tables. */
template <typename T>
class TableVector : public Place {
 public:
  uint32_t size() const { return Load<uint32_t>(this); }
  const T *Get(uint32_t index) const {
    const uint8_t *slot = start() + 4 + 4 * index;
    return reinterpret_cast<const T *>(slot + Load<uint32_t>(slot));
  }
  const T *operator[](uint32_t index) const { return Get(index); }
};

/* A table: the distance to its vtable, which has the offset of each field, 0 for an absent one. */
class Table : public Place {
 public:
  /* The address of a field of 1, 2 or 4 bytes; null if it is absent, does not fit into the table or is not
   * aligned. */
  const uint8_t *Field(uint32_t id, uint32_t width) const;

 protected:
  template <typename T>
  T Scalar(uint32_t id, T otherwise) const {
    const uint8_t *field = Field(id, sizeof(T));
    return field ? Load<T>(field) : otherwise;
  }
  template <typename T>
  const T *Pointer(uint32_t id) const {
    return static_cast<const T *>(Target(id));
  }
  const void *Target(uint32_t id) const; /* the target of an offset field, or null */
};

}  // namespace tflite::flat
#endif
