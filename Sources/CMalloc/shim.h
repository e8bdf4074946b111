// How the C library's allocator gives large blocks back to the system.
#pragma once
#include <malloc.h>
