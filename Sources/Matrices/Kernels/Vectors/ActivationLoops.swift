import KernelTables

/// Activations of rows and their derivatives.
extension Kernels {
  static func activate<S: VectorScalar>(
    _ curve: Curve, _ z: Plane<S>, bias: UnsafePointer<S>?, rows: Int, columns: Int
  ) {
    let zero = S.Vector()
    switch curve {
    case .linear: shifted(z, bias, rows, columns) { $0 }
    // Written so that NaN stays NaN.
    case .relu: shifted(z, bias, rows, columns) { S.larger(zero, $0) }
    case .sigmoid: shifted(z, bias, rows, columns) { S.sigmoid($0) }
    case .tanh: shifted(z, bias, rows, columns) { S.tanh($0) }
    case .leakyRelu:
      let slope = S.Vector(repeating: 0.01)
      shifted(z, bias, rows, columns) { S.larger($0, slope * $0) }
    case .elu:
      shifted(z, bias, rows, columns) {
        S.larger(zero, $0) + (S.exp(S.smaller(zero, $0)) - 1)
      }
    case .softplus:
      shifted(z, bias, rows, columns) {
        S.larger(zero, $0) + S.log(1 + S.exp(-S.larger($0, -$0)))
      }
    case .silu: shifted(z, bias, rows, columns) { $0 * S.sigmoid($0) }
    case .softmax:
      for row in 0..<rows {
        let line = z.row(row)
        if let bias { merge(line, bias, columns) { $0 + $1 } }
        softmaxRow(UnsafePointer(line), line, columns)
      }
    }
  }

  /// `z ← f(z + bias)` in one pass.
  @inline(__always)
  private static func shifted<S: VectorScalar>(
    _ z: Plane<S>, _ bias: UnsafePointer<S>?, _ rows: Int, _ columns: Int,
    _ f: (S.Vector) -> S.Vector
  ) {
    if let bias {
      for row in 0..<rows { merge(z.row(row), bias, columns) { f($0 + $1) } }
    } else {
      for row in 0..<rows { transform(z.row(row), columns, f) }
    }
  }

  static func pullBack<S: VectorScalar>(
    _ curve: Curve, _ d: Plane<S>, outputs y: Plane<S>, inputs z: Plane<S>, rows: Int, columns: Int
  ) {
    switch curve {
    case .linear: break
    case .relu: merged(d, y, rows, columns) { S.keeping($0, whereAboveZero: $1) }
    case .sigmoid: merged(d, y, rows, columns) { $0 * ($1 * (1 - $1)) }
    case .tanh: merged(d, y, rows, columns) { $0 * (1 - $1 * $1) }
    case .leakyRelu:
      let slope = S.Vector(repeating: 0.01)
      merged(d, y, rows, columns) {
        S.keeping((1 - slope) * $0, whereAboveZero: $1) + slope * $0
      }
    case .elu: merged(d, y, rows, columns) { $0 * (1 + S.smaller(S.Vector(), $1)) }
    case .softplus: merged(d, y, rows, columns) { $0 * (1 - S.exp(-$1)) }
    case .silu:
      merged(d, z, rows, columns) {
        let share = S.sigmoid($1)
        return $0 * (share + $1 * (share * (1 - share)))
      }
    case .softmax:
      for row in 0..<rows {
        let (slope, value) = (d.row(row), y.row(row))
        var mean: S = 0
        for i in 0..<columns { mean.addProduct(slope[i], value[i]) }
        for i in 0..<columns { slope[i] = value[i] * (slope[i] - mean) }
      }
    }
  }

  @inline(__always)
  private static func merged<S: VectorScalar>(
    _ d: Plane<S>, _ y: Plane<S>, _ rows: Int, _ columns: Int,
    _ f: (S.Vector, S.Vector) -> S.Vector
  ) {
    for row in 0..<rows {
      merge(d.row(row), UnsafePointer(y.row(row)), columns, f)
    }
  }
}
