import Glibc
import Matrices

/// Adam (Kingma & Ba, ICLR 2015): `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`,
/// `x ← x − η m̂ / (√v̂ + ε)`; factors that must not be below 0 are set back to it.
package struct AdamDescent: DenseRule {
  private let task: DenseTask
  package private(set) var parameters: [Matrix]
  package private(set) var squares: Double
  private var slope: [Matrix]
  private var means: [Matrix]
  private var variances: [Matrix]
  private var steps = 0
  private var steepness = 1.0
  private let first: Double
  private let rate: Double

  package init(_ task: DenseTask) {
    self.task = task
    parameters = task.start
    let here = task.evaluate(parameters)
    (squares, slope) = (here.squares, here.slope)
    means = parameters.map { .zeros($0.rows, $0.columns) }
    variances = means
    first = Self.norm(slope)
    // A hundredth of the size of a parameter, when nothing is said.
    let size = parameters[0].frobeniusNorm / Double(max(parameters[0].count, 1)).squareRoot()
    rate = task.options.rate ?? max(0.01 * size, 1e-6)
  }

  package func isDone(_ tolerance: Double) -> Bool { steepness <= tolerance }

  package mutating func step() {
    steps += 1
    let (a, b) = (1 - pow(0.9, Double(steps)), 1 - pow(0.999, Double(steps)))
    for place in parameters.indices {
      let g = slope[place]
      means[place] = 0.9 * means[place] + 0.1 * g
      variances[place] = 0.999 * variances[place] + 0.001 * g.times(g)
      let length = (1 / b * variances[place]).mapped(.sqrt) + 1e-12
      parameters[place].add((1 / a * means[place]).over(length), scale: -rate)
    }
    parameters = task.bounded(parameters)
    let here = task.evaluate(parameters)
    (squares, slope) = (here.squares, here.slope)
    steepness = first > 0 ? Self.norm(slope) / first : 0
  }

  private static func norm(_ matrices: [Matrix]) -> Double {
    matrices.reduce(0) { $0 + $1.sumOfSquares }.squareRoot()
  }
}
