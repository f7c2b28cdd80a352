/* Random choices of the mutator: what a loader may have forgotten is likelier than the rest. */
#ifndef CFUFORGE_FUZZ_RANDOM_H
#define CFUFORGE_FUZZ_RANDOM_H

#include <stdint.h>
#include <string.h>

#include <vector>

namespace fuzz {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint32_t Next() { /* splitmix64 */
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return uint32_t((z ^ z >> 31) >> 32);
  }
  uint32_t Below(size_t limit) { return limit ? uint32_t(Next() % limit) : 0; }
  bool OneIn(uint32_t count) { return Below(count) == 0; }
  template <typename T>
  T &Of(std::vector<T> &list) {
    return list[Below(list.size())];
  }

  /* Near the one there is, small, or at a border. */
  int32_t Integer(int32_t now) {
    static const uint32_t kBorders[] = {0x7fffffff, 0x80000000, 0xffffffff, 0x7ffffffe, 0x40000000,
                                        0x10000,    0xffff,     0x8000,     0x7fff,     0x4000,
                                        1u << 20,   1u << 30,   255,        256,        127,
                                        128,        16384,      16383,      65536,      46341};
    switch (Below(8)) {
      case 0:
        return int32_t(kBorders[Below(sizeof kBorders / sizeof kBorders[0])]);
      case 1:
        return -int32_t(Below(10));
      case 2:
        return int32_t(Next());
      case 3:
        return int32_t(uint32_t(now) * 2);
      case 4:
        return int32_t(uint32_t(now) + 1);
      case 5:
        return int32_t(uint32_t(now) - 1);
      default:
        return int32_t(Below(10));
    }
  }

  float Scale(float now) {
    static const float kOdd[] = {0.0f,  -1.0f, 1e-38f, 1e-45f, 3.4e38f, 1e30f, 1e-30f, 1.0f / 256,
                                 0.25f, 1.0f,  2.0f,   1e-9f,  1e9f,    1e-5f, 1e5f,   0.0078125f};
    switch (Below(6)) {
      case 0:
        return kOdd[Below(sizeof kOdd / sizeof kOdd[0])];
      case 1: {
        const uint32_t bits = Next();
        float value;
        memcpy(&value, &bits, sizeof value);
        return value;
      }
      case 2:
        return now * float(1 + Below(1 << 20));
      case 3:
        return now / float(1 + Below(1 << 20));
      default:
        return now * (0.5f + float(Below(1000)) / 500);
    }
  }

 private:
  uint64_t state_;
};

}  // namespace fuzz
#endif
