import Matrices
import Vocabulary

/// What is said where no case of a builtin fits.
extension Checker {
  /// No case fits: says what the builtin takes, unless too little is known of the arguments.
  func refuse(
    _ builtin: Builtin, _ rules: [ShapeRule], _ given: [Given], _ bound: [Int?],
    _ calleeRange: SourceRange
  ) {
    let positional = given.filter { $0.name == nil }
    guard !positional.isEmpty, positional.allSatisfy({ $0.known.isNumeric }),
      !rules.contains(where: \.repeats)
    else { return }
    let patterns = rules.compactMap { rule -> String? in
      let shapes = rule.inputs.compactMap { $0.text }
      return shapes.isEmpty ? nil : shapes.joined(separator: ", ")
    }
    var distinct: [String] = []
    for pattern in patterns where !distinct.contains(pattern) { distinct.append(pattern) }
    guard !distinct.isEmpty else { return }
    if distinct == ["n×n"], let known = positional.first?.known, let extent = known.extent {
      let letters = letters(extent, extent)
      let sizes = Misfit.Sizes(extent, letters)
      report(
        .builtinSizes(
          Misfit(.square, sizes, sizes), callee: builtin.name,
          places: places(builtin.signature, given)), at: calleeRange)
      return
    }
    let mentions = places(builtin.signature, given).compactMap { place in
      place.parameter.map { Problem.Mention(parameter: $0, label: place.operand.short) }
    }
    // zeros(3)
    var isOneSize = false
    if mentions.count == 1, distinct.contains("m, n"), case .number? = positional.first?.known {
      isOneSize = true
    }
    let size = positional.first?.expression.range.text ?? ""
    report(
      .builtin(
        Problem(
          .shape, "'\(builtin.name)' takes \(distinct.joined(separator: " or "))",
          mentioning: mentions, help: isOneSize ? Problem.oneSize(builtin.name, size) : nil,
          remedy: isOneSize ? .rewriting(mentions[0].parameter, as: "$, $") : nil),
        callee: builtin.name,
        places: places(builtin.signature, given)), at: calleeRange)
  }
}

extension Checker {
  func refuseBroadcast(_ builtin: Builtin, _ given: [Given], _ calleeRange: SourceRange) {
    let extents = given.compactMap { $0.known.extent }
    guard extents.count >= 2 else { return }
    let (a, b) = (extents[0], extents[1])
    let letters = letters(a, b)
    report(
      .builtinSizes(
        Misfit(.broadcast, Misfit.Sizes(a, letters), Misfit.Sizes(b, letters)),
        callee: builtin.name, places: places(builtin.signature, given)), at: calleeRange)
  }
}

extension ShapeRule.Input {
  /// The pattern as it is written.
  var text: String? {
    switch self {
    case .matrix(let rows, let columns): "\(rows.text)×\(columns.text)"
    case .row(let names): "[\(names.map(\.text).joined(separator: ", "))]"
    case .count(let letter): letter
    case .kind(let words): words
    case .parameter: nil
    }
  }
}

extension ShapeRule.Size {
  fileprivate var text: String {
    switch self {
    case .literal(let number): "\(number)"
    case .name(let name): name
    case .sum(let parts): parts.map(\.text).joined(separator: "+")
    case .product(let parts): parts.map(\.text).joined(separator: "·")
    case .least(let a, let b): "min(\(a.text), \(b.text))"
    }
  }
}
