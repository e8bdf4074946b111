import Matrices
import Training

extension PrivacyLedger {
  /// As a record: what was given away is never forgotten.
  package var parts: Record {
    func list(_ numbers: [Double]) -> Value { .list(numbers.map { .number($0) }) }
    var parts = Record([
      ("clip", .number(settings.clip)), ("delta", .number(settings.delta)),
      ("rate", .number(mechanism.rate)), ("deviation", .number(mechanism.noise)),
      ("orders", list(loss.orders)), ("bounds", list(loss.bounds)),
      ("steps", .number(Double(steps))), ("insecure", .boolean(isInsecure)),
    ])
    switch settings.amount {
    case .noise(let noise): parts["noise"] = .number(noise)
    case .epsilon(let epsilon): parts["epsilon"] = .number(epsilon)
    }
    if let seed = settings.insecureSeed { parts["insecure_seed"] = .number(Double(seed)) }
    return parts
  }

  package init(_ parts: Parts) throws {
    func list(_ name: String) throws -> [Double] {
      try parts(name, as: [Value].self).compactMap(Double.from)
    }
    let noise: Double? = try parts("noise")
    let amount: PrivacySettings.Amount =
      if let noise { .noise(noise) } else { .epsilon(try parts("epsilon")) }
    let (orders, bounds) = (try list("orders"), try list("bounds"))
    // The bounds of later runs are added order by order.
    guard orders == PrivacyLoss.usualOrders, bounds.count == orders.count,
      bounds.allSatisfy({ $0 >= 0 })
    else { throw Parts.damage("the account of what was given away is not complete") }
    self.init(
      PrivacySettings(
        amount, clip: try parts("clip"), delta: try parts("delta"),
        insecureSeed: try parts("insecure_seed")),
      SampledGaussian(rate: try parts("rate"), noise: try parts("deviation")),
      loss: PrivacyLoss(orders: orders, bounds: bounds), steps: try parts.count("steps"),
      isInsecure: try parts("insecure"))
  }
}

extension PrivacyLedger {
  /// What can be asked of it.
  package var record: Record {
    let found = guarantee
    return Record([
      ("epsilon", .number(found.epsilon)), ("delta", .number(found.delta)),
      ("noise", .number(mechanism.noise)), ("clip", .number(settings.clip)),
      ("rate", .number(mechanism.rate)), ("steps", .number(Double(steps))),
      ("order", .number(found.order)), ("classic", .number(found.classic)),
      ("insecure", .boolean(isInsecure)),
    ])
  }
}
