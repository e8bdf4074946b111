import Matrices

/// How far factors are from rest under steps that move them by less than they want: a multiplicative
/// step leaves an entry that is nearly 0 nearly there, however much the loss would fall beyond it.
///
/// Once a step has moved no component by more than the tolerance, what components want is looked at
/// too, where numerator and denominator of the next step are there anyhow; until then the movement
/// says enough, and costs less.
struct WantedChange: Sendable {
  private let options: NMFOptions
  private var isNearRest = false
  private var largest = 0.0

  init(_ options: NMFOptions) { self.options = options }

  /// Takes numerator and denominator of the step that W is about to make.
  mutating func look(_ factors: NMFFactors, w sums: (above: Matrix, below: Matrix)) {
    look(factors.w, sums, factors.ht, options.terms.w)
  }

  /// The same of H.
  mutating func look(_ factors: NMFFactors, h sums: (above: Matrix, below: Matrix)) {
    look(factors.ht, sums, factors.w, options.terms.h)
  }

  private mutating func look(
    _ factor: Matrix, _ sums: (above: Matrix, below: Matrix), _ other: Matrix, _ terms: FactorTerms
  ) {
    guard isNearRest, !factor.isEmpty else { return }
    let below = sums.below.rows == factor.rows ? sums.below : sums.below.repeated(to: factor.shape)
    let target = Observations.target(
      of: factor, (sums.above, below.converted(to: factor.precision)), other, terms, options.loss)
    largest = max(largest, target.change(from: factor))
  }

  /// The largest relative change that a component made or wants, at the end of an iteration that
  /// made `moved`.
  mutating func change(_ moved: Double) -> Double {
    defer { (isNearRest, largest) = (moved <= options.tolerance, 0) }
    return max(moved, largest)
  }
}
