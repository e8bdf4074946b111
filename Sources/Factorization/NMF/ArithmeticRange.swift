import Matrices

/// What is made of numbers in a run, and must stay within the range of the arithmetic.
enum ArithmeticUse {
  /// Their squares, summed over a matrix.
  case squares
  /// Squares of squares, as products of Gram matrices with factors are.
  case products
  /// What weights do to those.
  case weights
}

extension Precision {
  /// The sizes of numbers of which that stays exact. In 32 bits the range ends before the fourth power
  /// of any number does harm, in 64 bits it depends on the use.
  func sizes(for use: ArithmeticUse) -> ClosedRange<Double> {
    switch (self, use) {
    case (.single, _): 1e-15...1e15
    case (.double, .squares): 1e-140...1e140
    case (.double, .products): 1e-60...1e60
    case (.double, .weights): 1e-30...1e30
    }
  }
}
