import Factorization
import Matrices
import Training

/// Matrices whose factors are known.
enum Planted {
  /// Non-negative factors with about a third of zeros.
  static func factors(_ m: Int, _ n: Int, rank: Int, seed: UInt64) -> (w: Matrix, h: Matrix) {
    var random = Random(seed: seed)
    let draw = { (rows: Int, columns: Int) in
      (random.uniform(rows, columns) - 0.33).clamped(0, .infinity)
    }
    return (draw(m, rank), draw(rank, n))
  }

  /// Their product.
  static func matrix(_ m: Int, _ n: Int, rank: Int, seed: UInt64, noise: Double = 0) -> Matrix {
    let (w, h) = factors(m, n, rank: rank, seed: seed)
    var random = Random(seed: seed, stream: 1)
    return w * h + noise * random.uniform(m, n)
  }

  /// A start for rank k with positive entries.
  static func start(_ m: Int, _ n: Int, rank: Int, seed: UInt64) -> NMFFactors {
    var random = Random(seed: seed, stream: 2)
    return NMFFactors(w: random.uniform(m, rank) + 0.1, ht: random.uniform(n, rank) + 0.1)
  }
}

/// A run of `nmf` without a user.
func fitted(
  _ x: Matrix, rank: Int, iterations: Int = 100, tolerance: Double = 0, seed: Int = 1,
  start: NMFFactors? = nil, _ change: (inout NMFOptions) -> Void = { _ in }
) throws -> NMFModel {
  var options = NMFOptions(rank: rank)
  options.iterations = iterations
  options.tolerance = tolerance
  options.seed = seed
  change(&options)
  return try NMFModel.fit(x, options, loop: TrainingLoop(), start: start)
}

extension NMFModel {
  /// A column of the history.
  func past(_ name: String) -> [Double] {
    guard case .matrix(let column)? = history[name] else { return [] }
    return column.elements
  }
}
