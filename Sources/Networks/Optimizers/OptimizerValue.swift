import Vocabulary

/// An optimizer as a value of the language.
package final class OptimizerValue: Object {
  package let optimizer: any Optimizer

  package init(_ optimizer: any Optimizer) { self.optimizer = optimizer }

  package let kind = "optimizer"
  package let fieldNames = ["name", "rate"]

  package func field(_ name: String) -> Value? {
    switch name {
    case "name": .text(optimizer.name)
    case "rate": .number(optimizer.rate)
    default: nil
    }
  }

  package func summary(width: Int) -> String { optimizer.title }
}

extension OptimizerValue: Storable {
  package static let storedKind = "optimizer"
  package var stored: Record { optimizer.call.parts }
  package static func restored(from parts: Parts, _ context: Context) throws -> OptimizerValue {
    try Call(parts).repeated(in: NetworksLibrary.library, context)
  }
}

extension OptimizerValue: Argument, Returnable {
  package static var takes: String { "optimizer" }
  package static var hint: String? { "write optimizer=adam(0.001) or optimizer=sgd(0.01)" }
  /// An optimizer; or the name of one in letters of either case, or the function that makes it, for its usual settings.
  package static func from(_ value: Value) -> OptimizerValue? {
    switch value {
    case .object(let object): object as? OptimizerValue
    case .text(let name): usual[name.lowercased()]
    case .function(let callable): usual[callable.signature.name]
    case .nothing, .boolean, .number, .matrix, .range, .list, .record: nil
    }
  }

  /// The optimizers as they are without arguments, by name.
  private static let usual: [String: OptimizerValue] = {
    let context = Context(output: { _ in })
    let made = NetworksLibrary.optimizers.compactMap { builtin -> (String, OptimizerValue)? in
      guard case .object(let object)? = try? builtin.call(Arguments(), context) else { return nil }
      return (object as? OptimizerValue).map { (builtin.name, $0) }
    }
    return Dictionary(made) { first, _ in first }
  }()
  package var value: Value { .object(self) }
}
