/* A model in memory: this header directly precedes it, in flash or where it was loaded. */
#ifndef CFUFORGE_DEVICE_IMAGE_H
#define CFUFORGE_DEVICE_IMAGE_H

#include "crc32.h"

namespace device {

struct ImageHeader {
  uint32_t magic, size, crc; /* of the model's bytes */
  uint32_t reserved[5];      /* 0; they make the header 32 bytes: the model has its alignment */

  const uint8_t *model() const { return reinterpret_cast<const uint8_t *>(this + 1); }
  bool is_whole(size_t room) const {
    return magic == kMagic && size <= room && Crc32(model(), size) == crc;
  }

  static constexpr uint32_t kMagic = 0x4c444d43; /* "CMDL" */
};
static_assert(sizeof(ImageHeader) == 32, "cfuforge.sw.image mirrors it");

}  // namespace device
#endif
