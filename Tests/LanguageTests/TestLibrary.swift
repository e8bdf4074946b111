import Language
import Matrices
import Synchronization
import Vocabulary

/// A few builtins, enough to test the language without the real ones.
enum TestLibrary {
  static let library = Library(
    [
      Builtin(
        "print", in: .look, "Writes values.", Parameter<Rest>("values", "what to write"),
        using: { context, values in
          context.output(values.values.map(\.printed).joined(separator: " ") + "\n")
          return Value.nothing
        }),
      Builtin(
        "zeros", in: .make, "A matrix of zeros.",
        Parameter<Int>("rows", "how many rows", in: .atLeast(0)),
        Parameter<Int>("columns", "how many columns", in: .atLeast(0))
      ) { rows, columns in Matrix.zeros(rows, columns) },
      Builtin(
        "ones", in: .make, "A matrix of ones.",
        Parameter<Int>("rows", "how many rows", in: .atLeast(0)),
        Parameter<Int>("columns", "how many columns", in: .atLeast(0))
      ) { rows, columns in Matrix.ones(rows, columns) },
      Builtin("sum", in: .reduce, "The sum of all elements.", Parameter<Matrix>("x", "the numbers"))
      {
        x in x.elements.reduce(0, +)
      },
      Builtin("sqrt", in: .map, "The square root.", Parameter<Double>("x", "the number")) { x in
        x.squareRoot()
      },
      Builtin(
        "length", in: .ask, "The number of elements.", Parameter<Value>("x", "a value")
      ) { x in
        if case .list(let list) = x { list.count } else { x.shape?.count ?? 1 }
      },
      Builtin(
        "map", in: .text, "The results of a function for every element.",
        Parameter<Function>("f", "the function"), Parameter<[Value]>("list", "its arguments"),
        using: { context, f, list in
          try list.map { try f.callable.call(Arguments([$0]), context) }
        }),
      Builtin(
        "scaled", in: .map, "A matrix times a factor.", Parameter<Matrix>("x", "the matrix"),
        Parameter<Double>("factor", "what to multiply with", default: 2, in: .atLeast(0))
      ) { x, factor in x * factor },
      Builtin(
        "random", in: .make, "A random number.", using: { context in context.random.uniform() }),
      Builtin("type", in: .ask, "The type of a value.", Parameter<Value>("x", "a value")) { x in
        x.typeName
      },
    ], constants: ["pi": .number(.pi), "inf": .number(.infinity), "nan": .number(.nan)])
}

/// What a session has written.
final class Sink: Sendable {
  private let text = Mutex("")

  func write(_ part: String) { text.withLock { $0 += part } }

  /// Everything written since the last call.
  func take() -> String {
    text.withLock { text in
      defer { text = "" }
      return text
    }
  }
}

/// A session whose output can be read.
struct Lab: @unchecked Sendable {
  let sink = Sink()
  let session: Session

  init(width: Int = 80) {
    let sink = sink
    session = Session(
      library: TestLibrary.library, context: Context(output: { sink.write($0) }, width: width))
  }

  /// What an input at the prompt shows: its echo, or its error.
  func type(_ text: String, drawing: Drawing = .plain) -> String {
    do {
      try session.run(SourceText(name: "input", text: text), echo: true)
      return sink.take()
    } catch {
      return sink.take() + error.rendered(style: drawing)
    }
  }

  /// What a file prints, or its error.
  func run(_ text: String, name: String = "file.mfs") -> String {
    do {
      try session.run(SourceText(name: name, text: text), echo: false)
      return sink.take()
    } catch {
      return sink.take() + error.rendered(style: .plain)
    }
  }

  /// The value of the last statement, as it is echoed; or the title of the first error.
  func value(_ text: String) -> String {
    do {
      return try session.evaluate(SourceText(name: "input", text: text)).echo(width: 80, height: 60)
    } catch {
      return error.diagnostics.first.map { "error: \($0.title)" } ?? "interrupted"
    }
  }
}
