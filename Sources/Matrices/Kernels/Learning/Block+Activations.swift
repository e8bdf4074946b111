import Glibc
import KernelTables

/// What a layer does to every element, or to every row, of its linear part.
package enum Activation: String, Sendable, CaseIterable {
  case linear, relu, sigmoid, tanh, softmax
  case leakyRelu = "leaky_relu"
  case elu, softplus, gelu, silu

  /// Whether its derivative can't be told from the output alone.
  package var needsInputs: Bool { self == .gelu || self == .silu }

  /// Its kernel; gelu has none, since the normal distribution comes from the C library.
  var curve: Curve? {
    switch self {
    case .linear: .linear
    case .relu: .relu
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .softmax: .softmax
    case .leakyRelu: .leakyRelu
    case .elu: .elu
    case .softplus: .softplus
    case .silu: .silu
    case .gelu: nil
    }
  }
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
    let shift = bias.map { UnsafePointer($0.pointer(S.self)) }
    S.chosenKernels.activate(activation.curve ?? .linear, plane(S.self), shift, rows, columns)
    if activation != .gelu { return }
    for row in 0..<rows {
      let z = self.row(row, S.self)
      for i in 0..<columns { z[i] = S(Double(z[i]) * normalShare(Double(z[i]))) }
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
    if let curve = activation.curve {
      return S.chosenKernels.pullBack(
        curve, plane(S.self), outputs.plane(S.self), inputs.plane(S.self), rows, columns)
    }
    for row in 0..<rows {
      let (d, z) = (self.row(row, S.self), inputs.row(row, S.self))
      for i in 0..<columns {
        let x = Double(z[i])
        let density = exp(-x * x / 2) * 0.3989422804014327
        d[i] *= S(normalShare(x) + x * density)
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
