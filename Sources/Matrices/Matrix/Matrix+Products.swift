extension Matrix {
  /// The matrix product of an m×k and a k×n matrix: one `gemm`, one new matrix. Transposes cost
  /// nothing. Cost 2mkn flops.
  package static func * (a: Matrix, b: Matrix) -> Matrix {
    var result = Matrix(
      uninitialized: Shape(a.rows, b.columns), Precision.joined(a.precision, b.precision))
    product(a, b, into: &result)
    return result
  }

  /// `result ← scale · a · b + keep · result`, in the storage of `result` when it is not shared.
  package static func product(
    _ a: Matrix, _ b: Matrix, into result: inout Matrix, scale: Double = 1, keep: Double = 0
  ) {
    precondition(a.columns == b.rows && result.rows == a.rows && result.columns == b.columns)
    let (a, b) = (a.converted(to: result.precision), b.converted(to: result.precision))
    switch result.precision {
    case .double: multiply(a, b, into: &result, scale: scale, keep: keep)
    case .single: multiply(a, b, into: &result, scale: Float(scale), keep: Float(keep))
    }
  }

  private static func multiply<S: Scalar>(
    _ a: Matrix, _ b: Matrix, into result: inout Matrix, scale: S, keep: S
  ) {
    // A result that lies column after column is the transposed product.
    if result.isTransposed {
      var flipped = result.transposed
      result = Matrix.zeros(0, 0)
      multiply(b.transposed, a.transposed, into: &flipped, scale: scale, keep: keep)
      result = flipped.transposed
      return
    }
    let (m, n, k) = (a.rows, b.columns, a.columns)
    result.write(S.self) { c in
      a.read(S.self) { x in
        b.read(S.self) { y in
          BLAS.gemm(
            S.self, rows: m, columns: n, inner: k, alpha: scale,
            a: x, aTransposed: a.isTransposed, lda: a.isTransposed ? m : k,
            b: y, bTransposed: b.isTransposed, ldb: b.isTransposed ? k : n,
            beta: keep, c: c, ldc: n)
        }
      }
    }
    result.isLogical = false
  }
}
