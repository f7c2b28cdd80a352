/* Memory that the host fills from its start on. */
#ifndef CFUFORGE_DEVICE_BUFFER_H
#define CFUFORGE_DEVICE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

namespace device {

struct Buffer {
  uint8_t *data;
  size_t size;     /* bytes that are expected */
  size_t received; /* of them are there */

  bool is_complete() const { return size && received == size; }

  /* False when the bytes do not fit, or would leave a gap. A block that is sent again takes the place
   * of what was there from its offset on. */
  bool Put(size_t offset, const uint8_t *bytes, size_t count) {
    if (offset > received || count > size - offset) return false;
    __builtin_memcpy(data + offset, bytes, count);
    received = offset + count;
    return true;
  }
};

}  // namespace device
#endif
