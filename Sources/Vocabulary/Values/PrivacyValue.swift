import Matrices
import Training

/// Settings of private training as a value of the language: what `dp(…)` gives.
package final class PrivacyValue: Object {
  package let settings: PrivacySettings

  package init(_ settings: PrivacySettings) { self.settings = settings }

  package let kind = "privacy"

  package var fieldNames: [String] {
    switch settings.amount {
    case .noise: ["noise", "clip", "delta"]
    case .epsilon: ["epsilon", "clip", "delta"]
    }
  }

  package func field(_ name: String) -> Value? {
    switch (name, settings.amount) {
    case ("noise", .noise(let noise)): .number(noise)
    case ("epsilon", .epsilon(let epsilon)): .number(epsilon)
    case ("clip", _): .number(settings.clip)
    case ("delta", _): .number(settings.delta)
    default: nil
    }
  }

  package func summary(width: Int) -> String { settings.title }
}

extension PrivacySettings {
  /// The call that makes them.
  package var title: String {
    let amount =
      switch amount {
      case .noise(let noise): "noise=\(NumberFormat.short(noise))"
      case .epsilon(let epsilon): "epsilon=\(NumberFormat.short(epsilon))"
      }
    let seed = insecureSeed.map { ", insecure_seed=\($0)" } ?? ""
    return
      "dp(\(amount), clip=\(NumberFormat.short(clip)), delta=\(NumberFormat.short(delta))\(seed))"
  }
}

extension PrivacyValue: Argument, Returnable {
  package static var takes: String { "privacy" }
  package static var hint: String? { "write private=dp(noise=1.1) or private=dp(epsilon=3)" }
  package static func from(_ value: Value) -> PrivacyValue? {
    if case .object(let object) = value { object as? PrivacyValue } else { nil }
  }
  package var value: Value { .object(self) }
}

extension PrivacyLoss.Guarantee {
  /// What there is to say of how ε was found, where it was found badly.
  package var warning: String? {
    isAtEnd ? "the best order, \(NumberFormat.short(order)), is the last one tried" : nil
  }
}
