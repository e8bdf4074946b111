import Glibc
import Matrices

/// What private training has given away: bounds of the Rényi divergence at several orders. Those of
/// steps add up, and each of them becomes an (ε, δ) guarantee; the smallest ε counts.
package struct PrivacyLoss: Sendable, Equatable {
  package let orders: [Double]
  package private(set) var bounds: [Double]

  /// Orders that the field uses (1.1 to 10.9, then 12 to 63), and a few for small ε.
  package static let usualOrders: [Double] =
    (11...109).map { Double($0) / 10 } + (12...63).map(Double.init)
    + [72, 80, 96, 112, 128, 160, 192, 256, 384, 512, 1024]

  /// Nothing given away yet.
  package init(orders: [Double] = Self.usualOrders) {
    self.orders = orders
    bounds = Array(repeating: 0, count: orders.count)
  }

  /// Bounds at the orders, as many.
  package init(orders: [Double], bounds: [Double]) {
    precondition(orders.count == bounds.count)
    self.orders = orders
    self.bounds = bounds
  }

  /// What a number of equal steps give away.
  package init(
    _ steps: Int, of mechanism: SampledGaussian, orders: [Double] = Self.usualOrders
  ) {
    self.orders = orders
    bounds = orders.map { steps == 0 ? 0 : Double(steps) * mechanism.divergence(order: $0) }
  }

  package static func += (loss: inout PrivacyLoss, other: PrivacyLoss) {
    for place in loss.bounds.indices { loss.bounds[place] += other.bounds[place] }
  }

  /// An (ε, δ) guarantee, and how it was found.
  package struct Guarantee: Sendable, Equatable {
    package var epsilon: Double
    package var delta: Double
    /// The order α that gives it.
    package var order: Double
    /// ε by the older conversion, which published tables use.
    package var classic: Double
    /// Whether the best order is the first or last, so that others might show a smaller ε.
    package var isAtEnd: Bool
  }

  /// The smallest ε for a δ: `ρ + log((α − 1)/α) − (log δ + log α)/(α − 1)` (Balle et al., AISTATS
  /// 2020, theorem 21; also Canonne, Kamath & Steinke 2020), and by the older conversion
  /// `ρ − log δ/(α − 1)` (Mironov, CSF 2017).
  package func guarantee(delta: Double) -> Guarantee {
    var best = Guarantee(
      epsilon: .infinity, delta: delta, order: .nan, classic: .infinity, isAtEnd: false)
    guard bounds.contains(where: { $0 > 0 }) else {
      best.epsilon = 0
      best.classic = 0
      return best
    }
    for (place, alpha) in orders.enumerated() where bounds[place].isFinite {
      let classic = bounds[place] - log(delta) / (alpha - 1)
      let epsilon = classic + log1p(-1 / alpha) - log(alpha) / (alpha - 1)
      best.classic = min(best.classic, classic)
      if epsilon < best.epsilon {
        best.epsilon = max(0, epsilon)
        best.order = alpha
        best.isAtEnd = place == 0 || place == orders.count - 1
      }
    }
    return best
  }

  /// The smallest noise (up to 0.01 %) with which so many steps, together with what was given away
  /// before them, keep to an ε; nothing where no noise does, because the orders cannot show so small
  /// an ε. Throws `Interrupted`.
  package static func noise(
    epsilon: Double, delta: Double, rate: Double, steps: Int, after earlier: PrivacyLoss? = nil
  ) throws -> Double? {
    func keeps(_ noise: Double) throws -> Bool {
      let mechanism = SampledGaussian(rate: rate, noise: noise)
      let bounds = try Self.usualOrders.map { order in
        try Interrupt.check()
        return steps == 0 ? 0 : Double(steps) * mechanism.divergence(order: order)
      }
      var loss = PrivacyLoss(orders: Self.usualOrders, bounds: bounds)
      if let earlier { loss += earlier }
      return loss.guarantee(delta: delta).epsilon <= epsilon
    }
    var (low, high) = (0.0, 1.0)
    while try !keeps(high) {
      low = high
      high *= 2
      if high > 1e7 { return nil }
    }
    while high - low > 1e-4 * high {
      let middle = (low + high) / 2
      if middle < 1e-3 { break }
      if try keeps(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
