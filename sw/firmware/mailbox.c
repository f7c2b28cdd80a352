/* The mailbox itself: in the initialised data, so that the host finds and fills it in the loaded
 * ELF. */
#include "mailbox.h"

__attribute__((section(".mailbox"), used)) volatile struct mailbox mailbox = {
    .magic = MAILBOX_MAGIC,
    .version = MAILBOX_VERSION,
};
