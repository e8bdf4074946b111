import Vocabulary

/// A function of several parameters that gets them as one list: `train(f, {W, H})` with `f(W, H)`.
final class SpreadFunction: Callable {
  private let inner: any Callable

  private init(_ inner: any Callable) { self.inner = inner }

  /// The function itself, or spread where its parameters are as many as those of the list.
  static func of(_ function: any Callable, _ given: Value, takesData: Bool) -> any Callable {
    var list = given
    if case .object(let object) = given, let model = object as? FittedModel {
      list = model.parameters
    }
    guard case .list(let parts) = list else { return function }
    let own = function.signature.parameters.filter(\.isPositional)
    let count = parts.count + (takesData ? 1 : 0)
    let needed = own.filter { !$0.isOptional }.count
    guard needed > (takesData ? 2 : 1), needed <= count, count <= own.count else {
      return function
    }
    return SpreadFunction(function)
  }

  var signature: Signature { inner.signature }
  var documentation: String { inner.documentation }
  var place: String { inner.place }

  func call(_ arguments: Arguments, _ context: Context) throws -> Value {
    guard case .list(let parts)? = arguments.positional.first else {
      return try inner.call(arguments, context)
    }
    return try inner.call(Arguments(parts + arguments.positional.dropFirst()), context)
  }
}
