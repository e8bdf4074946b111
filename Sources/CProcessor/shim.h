// What the processor can do, asked of the processor itself: a microsecond, and no file is read.
#pragma once
#include <stdbool.h>

#if defined(__x86_64__)
#include <cpuid.h>

// Whether AVX2 and FMA are there and the system keeps their registers.
static inline bool mfs_processor_has_avx2_and_fma(void) {
  unsigned a, b, c, d, low, high;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return false;
  const unsigned fma = 1u << 12, saves = 1u << 27;
  if ((c & (fma | saves)) != (fma | saves)) return false;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 6) != 6) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 5)) != 0;
}

// Whether AVX-512 F, BW, CD, DQ and VL are there and the system keeps their registers.
static inline bool mfs_processor_has_avx512(void) {
  unsigned a, b, c, d, low, high;
  if (!mfs_processor_has_avx2_and_fma()) return false;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 0xe6) != 0xe6) return false;
  const unsigned needed = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & needed) == needed;
}
#else
static inline bool mfs_processor_has_avx2_and_fma(void) { return false; }
static inline bool mfs_processor_has_avx512(void) { return false; }
#endif
