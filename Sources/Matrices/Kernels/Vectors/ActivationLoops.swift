import KernelTables

/// Activations of rows and their derivatives.
extension Kernels {
  static func activate<S: VectorScalar>(
    _ curve: Curve, _ z: Plane<S>, bias: UnsafePointer<S>?, rows: Int, columns: Int
  ) {
    switch curve {
    case .linear: shifted(z, bias, rows, columns, S.same)
    case .relu: shifted(z, bias, rows, columns, S.relu)
    case .sigmoid: shifted(z, bias, rows, columns, S.sigmoid)
    case .tanh: shifted(z, bias, rows, columns, S.tanh)
    case .leakyRelu: shifted(z, bias, rows, columns, S.leakyRelu)
    case .elu: shifted(z, bias, rows, columns, S.elu)
    case .softplus: shifted(z, bias, rows, columns, S.softplus)
    case .silu: shifted(z, bias, rows, columns, S.silu)
    case .softmax:
      for row in 0..<rows {
        let line = z.row(row)
        if let bias { merge(line, bias, columns, +) }
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
    for row in 0..<rows {
      let line = z.row(row)
      var i = 0
      while i < columns {
        let lanes = min(S.Vector.scalarCount, columns - i)
        var x = loadPart(UnsafePointer(line), i, lanes)
        if let bias { x += loadPart(bias, i, lanes) }
        storePart(f(x), line, i, lanes)
        i += lanes
      }
    }
  }

  static func pullBack<S: VectorScalar>(
    _ curve: Curve, _ d: Plane<S>, outputs y: Plane<S>, inputs z: Plane<S>, rows: Int, columns: Int
  ) {
    switch curve {
    case .linear: break
    case .relu: merged(d, y, rows, columns, S.behindRelu)
    case .sigmoid: merged(d, y, rows, columns, S.behindSigmoid)
    case .tanh: merged(d, y, rows, columns, S.behindTanh)
    case .leakyRelu: merged(d, y, rows, columns, S.behindLeakyRelu)
    case .elu: merged(d, y, rows, columns, S.behindElu)
    case .softplus: merged(d, y, rows, columns, S.behindSoftplus)
    case .silu: merged(d, z, rows, columns, S.behindSilu)
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

/// Activations of a vector, and what stands before them of a derivative `d` that stands behind: by
/// the output y, but for `silu` by its input z.
extension VectorScalar {
  @inline(__always)
  fileprivate static func same(_ z: Vector) -> Vector { z }

  /// Written so that NaN stays NaN.
  @inline(__always)
  fileprivate static func relu(_ z: Vector) -> Vector { larger(Vector(), z) }
  @inline(__always)
  fileprivate static func behindRelu(_ d: Vector, _ y: Vector) -> Vector {
    keeping(d, whereAboveZero: y)
  }

  @inline(__always)
  fileprivate static func behindSigmoid(_ d: Vector, _ y: Vector) -> Vector { d * (y * (1 - y)) }

  @inline(__always)
  fileprivate static func behindTanh(_ d: Vector, _ y: Vector) -> Vector { d * (1 - y * y) }

  @inline(__always)
  private static var slopeOfLeaks: Vector { Vector(repeating: 0.01) }
  @inline(__always)
  fileprivate static func leakyRelu(_ z: Vector) -> Vector { larger(z, slopeOfLeaks * z) }
  @inline(__always)
  fileprivate static func behindLeakyRelu(_ d: Vector, _ y: Vector) -> Vector {
    keeping((1 - slopeOfLeaks) * d, whereAboveZero: y) + slopeOfLeaks * d
  }

  @inline(__always)
  fileprivate static func elu(_ z: Vector) -> Vector {
    larger(Vector(), z) + (exp(smaller(Vector(), z)) - 1)
  }
  @inline(__always)
  fileprivate static func behindElu(_ d: Vector, _ y: Vector) -> Vector {
    d * (1 + smaller(Vector(), y))
  }

  @inline(__always)
  fileprivate static func softplus(_ z: Vector) -> Vector {
    larger(Vector(), z) + log(1 + exp(-larger(z, -z)))
  }
  @inline(__always)
  fileprivate static func behindSoftplus(_ d: Vector, _ y: Vector) -> Vector { d * (1 - exp(-y)) }

  @inline(__always)
  fileprivate static func silu(_ z: Vector) -> Vector { z * sigmoid(z) }
  @inline(__always)
  fileprivate static func behindSilu(_ d: Vector, _ z: Vector) -> Vector {
    let share = sigmoid(z)
    return d * (share + z * (share * (1 - share)))
  }
}
