// OpenBLAS and LAPACKE as Swift sees them. Complex routines are not used: without this the
// C99 complex types of LAPACKE would leak into the module.
#pragma once
#define lapack_complex_float struct { float re, im; }
#define lapack_complex_double struct { double re, im; }
#include <cblas.h>
#include <lapacke.h>
