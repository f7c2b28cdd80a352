/* The mailbox itself, in initialised data, so that the host can find and fill it in the loaded ELF. */
#include "mailbox.h"

__attribute__((section(".mailbox"), used)) volatile struct mailbox mailbox = {
    .magic = MAILBOX_MAGIC,
    .version = MAILBOX_VERSION,
};
