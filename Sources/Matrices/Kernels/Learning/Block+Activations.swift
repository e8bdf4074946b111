import Glibc

/// What a layer does to every element, or to every row, of its linear part.
package enum Activation: String, Sendable, CaseIterable {
  case linear, relu, sigmoid, tanh, softmax
  case leakyRelu = "leaky_relu"
  case elu, softplus, gelu, silu

  /// Whether its derivative can't be told from the output alone.
  package var needsInputs: Bool { self == .gelu || self == .silu }
}

extension Block {
  /// `z ← f(z + bias)` in one pass, where `bias` is a 1×n block or nothing.
  package func activate(_ activation: Activation, bias: Block? = nil) {
    assert(bias.map { $0.columns == columns } ?? true)
    switch precision {
    case .double: activate(activation, bias, Double.self)
    case .single: activate(activation, bias, Float.self)
    }
  }

  private func activate<S: Scalar>(_ activation: Activation, _ bias: Block?, _: S.Type) {
    let shift = bias?.pointer(S.self)
    for row in 0..<rows {
      let z = self.row(row, S.self)
      if let shift, activation != .relu { Kernels.merge(z, shift, columns) { $0 + $1 } }
      switch activation {
      case .linear: break
      case .relu:
        // Written so that NaN stays NaN.
        if let shift {
          Kernels.merge(z, shift, columns) { S.larger(S.Vector(repeating: 0), $0 + $1) }
        } else {
          Kernels.transform(z, columns) { S.larger(S.Vector(repeating: 0), $0) }
        }
      case .sigmoid: Kernels.transform(z, columns, S.sigmoid)
      case .tanh: Kernels.transform(z, columns, S.tanh)
      case .leakyRelu:
        let slope = S.Vector(repeating: S(0.01))
        Kernels.transform(z, columns) { S.larger($0, slope * $0) }
      case .elu:
        let zero = S.Vector()
        Kernels.transform(z, columns) {
          S.larger(zero, $0) + (S.exp(S.smaller(zero, $0)) - 1)
        }
      case .softplus:
        Kernels.transform(z, columns) {
          S.larger(S.Vector(), $0) + S.log(1 + S.exp(-S.larger($0, -$0)))
        }
      case .silu: Kernels.transform(z, columns) { $0 * S.sigmoid($0) }
      case .gelu:
        for i in 0..<columns { z[i] = S(Double(z[i]) * normalShare(Double(z[i]))) }
      case .softmax:
        let factor = 1 / Kernels.exponentials(of: z, into: z, columns).total
        for i in 0..<columns { z[i] *= factor }
      }
    }
  }

  /// `dy ← dy · f′`, where `outputs` are the values `y = f(z)` of the forward pass, and `inputs`
  /// are z where the activation needs them.
  package func pullBack(_ activation: Activation, outputs: Block, inputs: Block? = nil) {
    assert(rows == outputs.rows && columns == outputs.columns)
    assert(inputs != nil || !activation.needsInputs)
    switch precision {
    case .double: pullBack(activation, outputs, inputs ?? outputs, Double.self)
    case .single: pullBack(activation, outputs, inputs ?? outputs, Float.self)
    }
  }

  private func pullBack<S: Scalar>(
    _ activation: Activation, _ outputs: Block, _ inputs: Block, _: S.Type
  ) {
    if activation == .linear { return }
    for row in 0..<rows {
      let (d, y) = (self.row(row, S.self), outputs.row(row, S.self))
      let z = inputs.row(row, S.self)
      switch activation {
      case .linear: break
      case .relu: Kernels.merge(d, y, columns) { S.keeping($0, whereAboveZero: $1) }
      case .sigmoid: Kernels.merge(d, y, columns) { $0 * ($1 * (1 - $1)) }
      case .tanh: Kernels.merge(d, y, columns) { $0 * (1 - $1 * $1) }
      case .leakyRelu:
        let slope = S.Vector(repeating: S(0.01))
        Kernels.merge(d, y, columns) {
          S.keeping((1 - slope) * $0, whereAboveZero: $1) + slope * $0
        }
      case .elu:
        Kernels.merge(d, y, columns) { $0 * (1 + S.smaller(S.Vector(), $1)) }
      case .softplus: Kernels.merge(d, y, columns) { $0 * (1 - S.exp(-$1)) }
      case .silu:
        Kernels.merge(d, z, columns) {
          let share = S.sigmoid($1)
          return $0 * (share + $1 * (share * (1 - share)))
        }
      case .gelu:
        for i in 0..<columns {
          let x = Double(z[i])
          let density = exp(-x * x / 2) * 0.3989422804014327
          d[i] *= S(normalShare(x) + x * density)
        }
      case .softmax:
        var mean: S = 0
        for i in 0..<columns { mean.addProduct(d[i], y[i]) }
        for i in 0..<columns { d[i] = y[i] * (d[i] - mean) }
      }
    }
  }

  /// Dropout: draws a mask that is 0 with probability `rate` and `1 / (1 − rate)` else, and writes
  /// `input · mask`. The mask of a row depends on the seed, the stream and the row's number alone.
  package func dropOut(
    _ input: Block, mask: Block, rate: Double, seed: UInt64, stream: UInt32, firstRow: UInt64
  ) {
    switch precision {
    case .double: dropOut(input, mask, rate, seed, stream, firstRow, Double.self)
    case .single: dropOut(input, mask, rate, seed, stream, firstRow, Float.self)
    }
  }

  private func dropOut<S: Scalar>(
    _ input: Block, _ mask: Block, _ rate: Double, _ seed: UInt64, _ stream: UInt32,
    _ firstRow: UInt64, _: S.Type
  ) {
    let threshold = UInt32(min(rate * 0x1p32, 0x1p32 - 1))
    let kept = S(1 / (1 - rate))
    let blocks = UInt64((columns + 3) / 4)
    for row in 0..<rows {
      let (x, y) = (input.row(row, S.self), self.row(row, S.self))
      let m = mask.row(row, S.self)
      let start = (firstRow &+ UInt64(row)) &* blocks
      var column = 0
      while column < columns {
        let bits = Random.block(seed: seed, stream: stream, position: start &+ UInt64(column / 4))
        for lane in 0..<min(4, columns - column) {
          m[column + lane] = bits[lane] < threshold ? 0 : kept
        }
        column += 4
      }
      y.update(from: x, count: columns)
      Kernels.merge(y, m, columns) { $0 * $1 }
    }
  }

  /// `self ← a ∘ b`, element by element.
  package func multiply(_ a: Block, _ b: Block) {
    assert(rows == a.rows && columns == a.columns && rows == b.rows && columns == b.columns)
    switch precision {
    case .double: multiply(a, b, Double.self)
    case .single: multiply(a, b, Float.self)
    }
  }

  private func multiply<S: Scalar>(_ a: Block, _ b: Block, _: S.Type) {
    for row in 0..<rows {
      let (x, y, z) = (a.row(row, S.self), b.row(row, S.self), self.row(row, S.self))
      z.update(from: x, count: columns)
      Kernels.merge(z, y, columns) { $0 * $1 }
    }
  }
}

/// The part of a normal distribution below x.
private func normalShare(_ x: Double) -> Double { 0.5 * erfc(-x * 0.7071067811865476) }

extension Kernels {
  /// Writes `exp(z − largest)` and returns the largest element and the sum of what was written.
  /// A NaN counts as the largest, so that it is never lost.
  @inline(__always)
  static func exponentials<S: Scalar>(
    of z: UnsafeMutablePointer<S>, into out: UnsafeMutablePointer<S>, _ count: Int
  ) -> (largest: S, total: S) {
    var largest = z[0]
    for i in 1..<max(count, 1) where !(z[i] <= largest) { largest = z[i] }
    let shift = S.Vector(repeating: largest)
    var sums = S.Vector()
    vectors(z, out, count) { vector, lanes in
      var powers = S.exp(vector - shift)
      for lane in lanes..<S.Vector.scalarCount { powers[lane] = 0 }
      sums += powers
      return powers
    }
    return (largest, sums.sum())
  }

  /// Writes `f(z)` over `z`.
  @inline(__always)
  static func transform<S: Scalar>(
    _ z: UnsafeMutablePointer<S>, _ count: Int, _ f: (S.Vector) -> S.Vector
  ) {
    vectors(z, z, count) { vector, _ in f(vector) }
  }

  /// Writes `f(x, y)` over `x`.
  @inline(__always)
  static func merge<S: Scalar>(
    _ x: UnsafeMutablePointer<S>, _ y: UnsafeMutablePointer<S>, _ count: Int,
    _ f: (S.Vector, S.Vector) -> S.Vector
  ) {
    let width = S.Vector.scalarCount
    var i = 0
    while i + width <= count {
      store(f(load(UnsafePointer(x), i), load(UnsafePointer(y), i)), x, i)
      i += width
    }
    if i < count {
      var (a, b) = (S.Vector(), S.Vector())
      for lane in 0..<count - i {
        a[lane] = x[i + lane]
        b[lane] = y[i + lane]
      }
      let found = f(a, b)
      for lane in 0..<count - i { x[i + lane] = found[lane] }
    }
  }

  /// Calls `f` for the elements a vector at a time, and for the rest with how many lanes count.
  @inline(__always)
  private static func vectors<S: Scalar>(
    _ z: UnsafeMutablePointer<S>, _ out: UnsafeMutablePointer<S>, _ count: Int,
    _ f: (S.Vector, Int) -> S.Vector
  ) {
    let width = S.Vector.scalarCount
    var i = 0
    while i + width <= count {
      store(f(load(UnsafePointer(z), i), width), out, i)
      i += width
    }
    if i < count {
      var rest = S.Vector()
      for lane in 0..<count - i { rest[lane] = z[i + lane] }
      let found = f(rest, count - i)
      for lane in 0..<count - i { out[i + lane] = found[lane] }
    }
  }
}
