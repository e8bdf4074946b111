import Autodiff
import Glibc
import Matrices

/// The numbers that weights start with.
enum Initial {
  /// Before relu and its like normal with deviation `√(2 / inputs)` (He et al., ICCV 2015), else
  /// uniform within `±√(6 / (inputs + outputs))` (Glorot & Bengio, AISTATS 2010). For filters the
  /// inputs are the numbers of a window, the outputs those that a number goes into.
  static func weights(
    _ rows: Int, _ columns: Int, inputs: Int? = nil, outputs: Int? = nil,
    before activation: Activation, _ random: inout Random
  ) -> Matrix {
    let (inputs, outputs) = (inputs ?? rows, outputs ?? columns)
    if activation.startsWide { return random.normal(rows, columns) * sqrt(2 / Double(inputs)) }
    let limit = sqrt(6 / Double(inputs + outputs))
    return random.uniform(rows, columns) * (2 * limit) - limit
  }

  /// A matrix with orthonormal columns (Saxe et al., ICLR 2014): what recurrent weights start with,
  /// so that nothing grows or fades over time.
  static func orthogonal(_ size: Int, _ random: inout Random) -> Matrix {
    let drawn = random.normal(size, size)
    guard let (q, r) = try? drawn.factoredQR() else { return .identity(size) }
    // With the signs of the diagonal, all orthogonal matrices are equally likely.
    let signs = (0..<size).map { r[$0, $0] < 0 ? -1.0 : 1.0 }
    return q.times(Matrix(row: signs))
  }
}

extension Activation {
  /// Whether half of its inputs, or about that, come out as 0.
  fileprivate var startsWide: Bool {
    switch self {
    case .relu, .leakyRelu, .elu, .gelu, .silu: true
    case .linear, .sigmoid, .tanh, .softmax, .softplus: false
    }
  }
}
