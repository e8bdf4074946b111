import Glibc

/// One step of private training, as the accountant sees it: every example takes part with the
/// probability `rate`, and normal noise of `noise` times the largest contribution is added.
package struct SampledGaussian: Sendable, Equatable {
  /// The probability q with which an example takes part.
  package var rate: Double
  /// The deviation σ of the noise, in units of the largest contribution.
  package var noise: Double

  package init(rate: Double, noise: Double) {
    self.rate = rate
    self.noise = noise
  }

  /// A bound of the Rényi divergence of order α between the results with and without one example
  /// (Mironov, Talwar & Zhang 2019, arXiv 1908.10530, §3.3): `log A(α) / (α − 1)`, where A is the
  /// moment of the ratio of the two densities. Infinite where nothing is bounded.
  package func divergence(order alpha: Double) -> Double {
    if rate == 0 { return 0 }
    if noise == 0 { return .infinity }
    if rate >= 1 { return alpha / (2 * noise * noise) }
    let moment =
      alpha == alpha.rounded() ? wholeMoment(Int(alpha)) : fractionalMoment(alpha)
    return moment.isNaN ? .infinity : max(0, moment) / (alpha - 1)
  }

  /// `log Σᵢ C(α, i) (1 − q)^{α−i} qⁱ e^{(i² − i) / 2σ²}`, i from 0 to α.
  private func wholeMoment(_ alpha: Int) -> Double {
    var sum = -Double.infinity
    let order = Double(alpha)
    for index in 0...alpha {
      let i = Double(index)
      let binomial = lgamma(order + 1) - lgamma(i + 1) - lgamma(order - i + 1)
      let term =
        binomial + i * log(rate) + (order - i) * log1p(-rate)
        + (i * i - i) / (2 * noise * noise)
      sum = Self.logSum(sum, term)
    }
    return sum
  }

  /// `log E[((1 − q) + q e^{(2z − 1) / 2σ²})^α]` over z ~ N(0, σ²), the definition itself, by the
  /// trapezoidal rule. The integrand is analytic up to a distance of πσ² from the real line, so the
  /// error falls exponentially with the step (Trefethen & Weideman, SIAM Review 56, 2014, §5); the
  /// series of the paper falls with a power of its length only, which for small orders is too slow.
  private func fractionalMoment(_ alpha: Double) -> Double {
    let variance = noise * noise
    let strip = min(0.9 * Double.pi * variance, 6 * noise)
    let step = Double.pi * strip / (40 + strip * strip / (2 * variance))
    // Beyond, the integrand is less than e⁻⁵⁰ of where it is largest: at 0, at α or in between.
    let (first, last) = (-10 * noise, alpha + 10 * noise)
    let count = ((last - first) / step).rounded(.up)
    guard count < Self.mostPoints else { return chord(alpha) }
    let (rest, share) = (log1p(-rate), log(rate))
    let unit = step / (noise * (2 * Double.pi).squareRoot())
    let parts = (0...Int(count)).map { place in
      let z = first + Double(place) * step
      let mixture = Self.logSum(rest, share + (2 * z - 1) / (2 * variance))
      return (power: alpha * mixture, density: -z * z / (2 * variance))
    }
    let largest = parts.reduce(0) { max($0, $1.power + $1.density) }
    if largest < 1 {
      // What the moment exceeds 1 by, of which its logarithm keeps all digits.
      return log1p(
        parts.reduce(0) { sum, part in
          sum + unit
            * (part.power < 1
              ? exp(part.density) * expm1(part.power)
              : exp(part.density + part.power) - exp(part.density))
        })
    }
    return largest + log(unit * parts.reduce(0) { $0 + exp($1.power + $1.density - largest) })
  }

  /// Between two whole orders the logarithm of the moment lies below their chord: it is convex.
  private func chord(_ alpha: Double) -> Double {
    let below = alpha.rounded(.down)
    let (low, high) = (wholeMoment(Int(below)), wholeMoment(Int(below) + 1))
    return low + (alpha - below) * (high - low)
  }

  /// With so many points noise is below 0.03, and nothing is private any more.
  private static let mostPoints = 65_536.0

  /// `log(eᵃ + eᵇ)`.
  private static func logSum(_ a: Double, _ b: Double) -> Double {
    let (high, low) = (max(a, b), min(a, b))
    return low == -.infinity ? high : high + log1p(exp(low - high))
  }
}
