extension Matrix {
  /// The eigenvalues of a small symmetric matrix, largest first, and its eigenvectors as columns,
  /// in 64 bits: cyclic rotations (Jacobi 1846), exact to rounding. For k×k systems of a few
  /// hundred rows; cost about 40 n³ flops.
  package func rotatedToDiagonal() -> (values: [Double], vectors: Matrix) {
    precondition(rows == columns)
    var matrix = Kernels.copied(converted(to: .double).rowMajor())
    var vectors = Matrix.identity(rows)
    Kernels.rotate(&matrix, &vectors)
    let diagonal = (0..<rows).map { matrix[$0, $0] }
    let order = diagonal.indices.sorted { (diagonal[$0], $1) > (diagonal[$1], $0) }
    // The rotations kept the eigenvectors as rows.
    return (order.map { diagonal[$0] }, vectors.selecting(rows: order).transposed)
  }

  /// The inverse of the upper triangular R with `RᵀR = self + shift·I`, in 64 bits, for a small
  /// symmetric positive semidefinite matrix; the shift keeps the root of rounding away.
  package func inverseCholesky(shift: Double) -> Matrix {
    precondition(rows == columns)
    var inverse = Matrix.zeros(rows, rows)
    Kernels.invertRoot(converted(to: .double).rowMajor(), shift, into: &inverse)
    return inverse
  }
}

extension Kernels {
  fileprivate static func rotate(_ matrix: inout Matrix, _ vectors: inout Matrix) {
    let n = matrix.rows
    matrix.write(Double.self) { a in
      vectors.write(Double.self) { v in
        var size = 0.0
        for i in 0..<n * n { size += a[i] * a[i] }
        for _ in 0..<30 {
          var rest = 0.0
          for p in 0..<n { for q in p + 1..<max(n, p + 1) { rest += a[p * n + q] * a[p * n + q] } }
          if rest <= 1e-30 * size { return }
          for p in 0..<n {
            if Interrupt.abandonsKernels { return }
            for q in p + 1..<max(n, p + 1) {
              let coupling = a[p * n + q]
              if coupling * coupling <= 1e-34 * size { continue }
              let theta = (a[q * n + q] - a[p * n + p]) / (2 * coupling)
              let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
              let c = 1 / (t * t + 1).squareRoot()
              let s = t * c
              mixRows(a + p * n, a + q * n, n, c, s)
              for i in 0..<n {
                let (x, y) = (a[i * n + p], a[i * n + q])
                a[i * n + p] = c * x - s * y
                a[i * n + q] = s * x + c * y
              }
              mixRows(v + p * n, v + q * n, n, c, s)
            }
          }
        }
      }
    }
  }

  /// `(x, y) ← (c·x − s·y, s·x + c·y)`.
  @inline(__always)
  private static func mixRows(
    _ x: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int, _ c: Double,
    _ s: Double
  ) {
    var i = 0
    while i + 8 <= count {
      let (u, v) = (load(UnsafePointer(x), i), load(UnsafePointer(y), i))
      store(c * u - s * v, x, i)
      store(s * u + c * v, y, i)
      i += 8
    }
    while i < count {
      (x[i], y[i]) = (c * x[i] - s * y[i], s * x[i] + c * y[i])
      i += 1
    }
  }

  fileprivate static func invertRoot(_ matrix: Matrix, _ shift: Double, into inverse: inout Matrix)
  {
    let n = matrix.rows
    let root = UnsafeMutablePointer<Double>.allocate(capacity: max(n * n, 1))
    defer { root.deallocate() }
    matrix.read(Double.self) { g in
      for i in 0..<n {
        for j in i..<n {
          var sum = g[i * n + j] + (i == j ? shift : 0)
          for p in 0..<i { sum -= root[p * n + i] * root[p * n + j] }
          if i == j {
            root[i * n + i] = max(sum, shift).squareRoot()
          } else {
            root[i * n + j] = sum / root[i * n + i]
          }
        }
      }
    }
    inverse.write(Double.self) { x in
      for column in 0..<n {
        for i in stride(from: column, through: 0, by: -1) {
          var sum = i == column ? 1.0 : 0.0
          for p in i + 1..<max(column + 1, i + 1) { sum -= root[i * n + p] * x[p * n + column] }
          x[i * n + column] = sum / root[i * n + i]
        }
      }
    }
  }
}
