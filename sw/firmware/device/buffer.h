/* Memory that the host fills from the beginning. */
#ifndef CFUFORGE_DEVICE_BUFFER_H
#define CFUFORGE_DEVICE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

namespace device {

struct Buffer {
  uint8_t *data;
  size_t size;     /* expected bytes */
  size_t received; /* bytes received so far */

  bool is_complete() const { return size && received == size; }

  /* Returns false if the bytes do not fit, or would leave a gap. A block that is sent again overwrites what
   * was at its offset. */
  bool Put(size_t offset, const uint8_t *bytes, size_t count) {
    if (offset > received || count > size - offset) return false;
    __builtin_memcpy(data + offset, bytes, count);
    received = offset + count;
    return true;
  }
};

}  // namespace device
#endif
