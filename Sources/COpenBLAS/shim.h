// OpenBLAS and LAPACKE as Swift sees them. Complex routines are not used: without this the
// C99 complex types of LAPACKE would leak into the module.
#pragma once
#define lapack_complex_float struct { float re, im; }
#define lapack_complex_double struct { double re, im; }
#include <cblas.h>
#include <lapacke.h>

// Ends the threads that OpenBLAS starts when it is loaded, where it has any.
int blas_thread_shutdown_(void) __attribute__((weak));
static inline void mfs_stop_openblas_threads(void) {
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}
