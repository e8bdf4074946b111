#pragma once

/// How often this process has asked its allocator for memory, on all threads.
unsigned long allocationCount(void);
