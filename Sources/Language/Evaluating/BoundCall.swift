import Matrices
import Vocabulary

/// A call of a builtin whose arguments are bound before the program runs. Shared, so that a call
/// counts one reference.
final class BoundCall {
  let builtin: Builtin
  let binding: Binding
  /// Whether the arguments come in the order of their parameters.
  let isAscending: Bool

  /// `nil` where arguments are gathered in a list, or do not fit: what is wrong is said when the call
  /// is made.
  init?(_ builtin: Builtin, _ arguments: [ArgumentNode]) {
    guard let binding = try? builtin.signature.binding(of: arguments.map(\.name)),
      binding.rest == nil
    else { return nil }
    self.builtin = builtin
    self.binding = binding
    isAscending = zip(binding.places, binding.places.dropFirst()).allSatisfy(<)
  }

  /// The arguments of a call that was made, as they were written.
  func arguments(_ given: [Value?], _ names: [String?]) -> Arguments {
    var arguments = Arguments()
    for (name, place) in zip(names, binding.places) {
      guard let value = given[place] else { continue }
      if let name {
        arguments.named.append((name, value))
      } else {
        arguments.positional.append(value)
      }
    }
    return arguments
  }
}

/// A call of a builtin that is a code in the record of a gradient.
enum SmallCall {
  case function(ElementwiseFunction)
  case total(SmallStep)

  /// With a single argument; `nil` for a builtin that has no code.
  init?(_ builtin: Builtin) {
    if let function = builtin.elementwise, builtin.hasRule {
      self = .function(function)
    } else if let total = builtin.total {
      self = .total(total)
    } else {
      return nil
    }
  }
}
