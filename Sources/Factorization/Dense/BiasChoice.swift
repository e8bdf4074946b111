import Vocabulary

/// What `bias=` may be: whether there is one, or which.
package struct BiasChoice: Argument, Returnable {
  /// Which one, where that was said.
  package var core: CoreBias?
  package var isWanted: Bool

  static let usual = BiasChoice(core: nil, isWanted: true)

  package static var takes: String { "true, false, \"lines\" or \"symmetric\"" }
  package static var kinds: Set<ValueKind>? { [.boolean, .matrix, .text] }

  package static func from(_ value: Value) -> BiasChoice? {
    if let wanted = Bool.from(value) { return BiasChoice(core: nil, isWanted: wanted) }
    guard let text = String.from(value), let core = CoreBias(rawValue: text) else { return nil }
    return BiasChoice(core: core, isWanted: core != .none)
  }

  package var value: Value { core.map { .text($0.rawValue) } ?? .boolean(isWanted) }
}
