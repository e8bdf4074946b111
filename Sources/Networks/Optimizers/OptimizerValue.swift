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
  package static func from(_ value: Value) -> OptimizerValue? {
    if case .object(let object) = value { object as? OptimizerValue } else { nil }
  }
  package var value: Value { .object(self) }
}
