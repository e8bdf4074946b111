import COpenBLAS

/// The decompositions of LAPACK, in 64 bits, on matrices that lie column after column and are
/// overwritten. Every function gives back LAPACK's verdict: 0 where all went well.
///
/// OpenBLAS works on one thread here (`BLAS.prepare`): its results do not depend on the machine.
enum LAPACK {
  private static let layout = LAPACK_COL_MAJOR

  /// `x` as LAPACK wants it: 64 bits, column after column; a copy is made by the first write. Numbers
  /// too small for full precision are 0, as everywhere here: LAPACK compares them with 0 by arithmetic
  /// that takes them for it, and copies them by none.
  static func input(_ x: Matrix) -> Matrix {
    BLAS.prepare()
    let columns = x.converted(to: .double).transposed.rowMajor()
    let hasTiny = columns.read(Double.self) { x in
      (0..<columns.count).contains { x[$0].isSubnormal }
    }
    if !hasTiny { return columns.transposed }
    var result = Kernels.copied(columns)
    result.write(Double.self) { x in
      for i in 0..<columns.count where x[i].isSubnormal { x[i] = 0 }
    }
    return result.transposed
  }

  /// Runs a decomposition of a matrix of this shape. A large one runs on a thread of its own, so
  /// that a request to stop is heard; what it would have returned is then lost.
  static func listening<Result: Sendable>(
    _ shape: Shape, _ body: @escaping @Sendable () throws -> Result
  ) throws -> Result {
    if shape.count * min(shape.rows, shape.columns) < 1 << 25 { return try body() }
    guard let result = LongCall.run({ Swift.Result(catching: body) }) else { throw Interrupted() }
    return try result.get()
  }

  /// A matrix that a routine fills, column after column.
  static func output(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix.zeros(columns, rows).transposed
  }

  private static func size(_ n: Int) -> Int32 { Int32(n) }
  private static func stride(_ n: Int) -> Int32 { Int32(max(n, 1)) }

  /// `P·A = L·U`; A becomes both, `pivots` the row swaps counted from 1.
  static func factorLU(_ a: inout Matrix, _ pivots: inout [Int32]) -> Int {
    let (m, n) = (a.rows, a.columns)
    pivots = [Int32](repeating: 0, count: max(min(m, n), 1))
    return a.write(Double.self) { a in
      Int(LAPACKE_dgetrf(layout, size(m), size(n), a, stride(m), &pivots))
    }
  }

  /// The reciprocal condition number of a matrix factored by `factorLU`, from its 1-norm.
  static func reciprocalCondition(lu: Matrix, norm: Double) -> Double {
    var result = 0.0
    let n = lu.rows
    lu.read(Double.self) { a in
      _ = LAPACKE_dgecon(layout, CChar(UInt8(ascii: "1")), size(n), a, stride(n), norm, &result)
    }
    return result
  }

  /// Solves with a factored matrix, in place.
  static func solve(lu: Matrix, _ pivots: [Int32], _ b: inout Matrix) -> Int {
    let (n, k) = (lu.rows, b.columns)
    return b.write(Double.self) { b in
      lu.read(Double.self) { a in
        Int(
          LAPACKE_dgetrs(
            layout, CChar(UInt8(ascii: "N")), size(n), size(k), a, stride(n), pivots, b, stride(n)))
      }
    }
  }

  /// The inverse from the factors, in place.
  static func invert(lu: inout Matrix, _ pivots: [Int32]) -> Int {
    let n = lu.rows
    return lu.write(Double.self) { a in
      Int(LAPACKE_dgetri(layout, size(n), a, stride(n), pivots))
    }
  }

  /// `A = L·Lᵀ`; the lower triangle of A becomes L.
  static func factorCholesky(_ a: inout Matrix) -> Int {
    let n = a.rows
    return a.write(Double.self) { a in
      Int(LAPACKE_dpotrf(layout, CChar(UInt8(ascii: "L")), size(n), a, stride(n)))
    }
  }

  /// Solves with a factor of `factorCholesky`, in place.
  static func solve(cholesky: Matrix, _ b: inout Matrix) -> Int {
    let (n, k) = (cholesky.rows, b.columns)
    return b.write(Double.self) { b in
      cholesky.read(Double.self) { a in
        Int(
          LAPACKE_dpotrs(
            layout, CChar(UInt8(ascii: "L")), size(n), size(k), a, stride(n), b, stride(n)))
      }
    }
  }

  /// Solves with a triangular matrix, in place.
  static func solve(triangular a: Matrix, isLower: Bool, _ b: inout Matrix) -> Int {
    let (n, k) = (a.rows, b.columns)
    let part = CChar(UInt8(ascii: isLower ? "L" : "U"))
    return b.write(Double.self) { b in
      a.read(Double.self) { a in
        Int(
          LAPACKE_dtrtrs(
            layout, part, CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: "N")), size(n), size(k), a,
            stride(n), b, stride(n)))
      }
    }
  }

  /// The least-squares solution of smallest norm: `b`, which has max(m, n) rows, becomes it.
  static func solveLeastSquares(_ a: inout Matrix, _ b: inout Matrix, tolerance: Double) -> Int {
    let (m, n, k, height) = (a.rows, a.columns, b.columns, b.rows)
    var order = [Int32](repeating: 0, count: max(n, 1))
    var rank: Int32 = 0
    return a.write(Double.self) { a in
      b.write(Double.self) { b in
        Int(
          LAPACKE_dgelsy(
            layout, size(m), size(n), size(k), a, stride(m), b, stride(height), &order, tolerance,
            &rank))
      }
    }
  }

  /// `A = Q·R`: A becomes R above the diagonal, reflections below it.
  static func factorQR(_ a: inout Matrix, _ scales: inout [Double]) -> Int {
    let (m, n) = (a.rows, a.columns)
    scales = [Double](repeating: 0, count: max(min(m, n), 1))
    return a.write(Double.self) { a in
      Int(LAPACKE_dgeqrf(layout, size(m), size(n), a, stride(m), &scales))
    }
  }

  /// The first columns of Q from the reflections, in place.
  static func expandQ(_ a: inout Matrix, _ scales: [Double]) -> Int {
    let (m, n) = (a.rows, a.columns)
    return a.write(Double.self) { a in
      Int(LAPACKE_dorgqr(layout, size(m), size(n), size(n), a, stride(m), scales))
    }
  }

  /// Eigenvalues in ascending order; a symmetric A becomes its eigenvectors.
  static func factorSymmetric(_ a: inout Matrix, _ values: inout [Double]) -> Int {
    let n = a.rows
    values = [Double](repeating: 0, count: max(n, 1))
    return a.write(Double.self) { a in
      Int(
        LAPACKE_dsyevd(
          layout, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), size(n), a, stride(n),
          &values))
    }
  }

  /// Real and imaginary parts of the eigenvalues, and the right eigenvectors.
  static func factorGeneral(
    _ a: inout Matrix, _ real: inout [Double], _ imaginary: inout [Double],
    _ vectors: inout Matrix
  ) -> Int {
    let n = a.rows
    real = [Double](repeating: 0, count: max(n, 1))
    imaginary = real
    return a.write(Double.self) { a in
      vectors.write(Double.self) { vectors in
        Int(
          LAPACKE_dgeev(
            layout, CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: "V")), size(n), a, stride(n),
            &real, &imaginary, nil, 1, vectors, stride(n)))
      }
    }
  }

  /// `A = U·diag(s)·Vᵀ`, thin. A is destroyed.
  static func factorSVD(
    _ a: inout Matrix, _ u: inout Matrix, _ s: inout [Double], _ vTransposed: inout Matrix
  ) -> Int {
    let (m, n, k) = (a.rows, a.columns, min(a.rows, a.columns))
    s = [Double](repeating: 0, count: max(k, 1))
    return a.write(Double.self) { a in
      u.write(Double.self) { u in
        vTransposed.write(Double.self) { v in
          Int(
            LAPACKE_dgesdd(
              layout, CChar(UInt8(ascii: "S")), size(m), size(n), a, stride(m), &s, u, stride(m),
              v, stride(k)))
        }
      }
    }
  }

  /// Singular values alone. A is destroyed.
  static func singularValues(_ a: inout Matrix, _ s: inout [Double]) -> Int {
    let (m, n, k) = (a.rows, a.columns, min(a.rows, a.columns))
    s = [Double](repeating: 0, count: max(k, 1))
    return a.write(Double.self) { a in
      Int(
        LAPACKE_dgesdd(
          layout, CChar(UInt8(ascii: "N")), size(m), size(n), a, stride(m), &s, nil, stride(m),
          nil, stride(k)))
    }
  }
}
