import Matrices

/// Powers of two by which a whole matrix and its parameters are brought near 1, where squares would
/// leave the range of the arithmetic: `X = s X'`, both factors by a and everything else by s, with
/// `s = a²` for W H and `s = a³` for W H Wᵀ.
struct DenseScaling {
  /// a.
  private let unit: Double
  /// How many factors a product has.
  private let power: Int

  /// A largest element of this size needs no scaling.
  private static let comfortable = 1e-6...1e9

  /// `nil` where X is of a comfortable size, or 0, or where a given length of steps is for X as it is.
  init?(_ x: Matrix, _ form: MFForm, _ options: MFOptions) {
    let largest = max(x.total(.maximum), -x.total(.minimum))
    guard options.rate == nil, largest.isNormal, !Self.comfortable.contains(largest) else {
      return nil
    }
    power = form == .uv ? 2 : 3
    let exponent = Int((Double(largest.exponent) / Double(power)).rounded(.down))
    unit = Double(sign: .plus, exponent: exponent, significand: 1)
  }

  func scaled(_ x: Matrix) -> Matrix {
    // s itself may be too small for its inverse.
    (0..<power).reduce(x.converted(to: .double)) { x, _ in x * (1 / unit) }
  }

  /// The options for X'; the penalty is that of the factors beside a loss of squares.
  func scaled(_ options: MFOptions) -> MFOptions {
    var options = options
    guard options.l2 > 0 else { return options }
    for _ in 0..<2 * power - 2 { options.l2 /= unit }
    options.l2 = min(options.l2, Self.overwhelming)
    return options
  }

  /// A penalty that leaves nothing of the factors.
  private static let overwhelming = 1e30

  /// The parameters for X from those for X'.
  func restored(_ parameters: [Matrix]) -> [Matrix] {
    parameters.enumerated().map { place, parameter in
      (0..<(place < 2 ? 1 : power)).reduce(parameter) { parameter, _ in parameter * unit }
    }
  }

  /// The loss for X; infinite, or 0, where it leaves the range of the arithmetic.
  func restored(loss: Double) -> Double {
    (0..<2 * power).reduce(loss) { loss, _ in loss * unit }
  }
}
