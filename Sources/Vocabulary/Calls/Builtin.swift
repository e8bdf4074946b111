import Matrices

/// Where a builtin stands in the manual.
package enum Family: String, Sendable, CaseIterable {
  case make, ask, reduce, map, decompose, factorize, layers, losses, optimizers, train, data, look,
    text, time
}

/// A runnable example: the code, and what an echo of its last line shows.
package struct Example: Sendable, Equatable {
  package var code: String
  package var output: String

  package init(_ code: String, prints output: String) {
    self.code = code
    self.output = output
  }
}

/// One parameter of a builtin. One without default is required and may be given by position; one
/// with a default, or of optional type, is given by name unless it is declared `positional`.
package struct Parameter<T: Argument>: Sendable {
  let info: ParameterInfo

  package init(_ name: String, _ summary: String, choices: [String] = [], in bounds: Bounds? = nil)
  {
    info = ParameterInfo(
      name, summary, takes: T.takes, isOptional: T.isOptional, isPositional: !T.isOptional,
      takesRest: T.takesRest, choices: choices, bounds: bounds)
  }

  /// An optional parameter that may be given by position.
  package init(
    positional name: String, _ summary: String, choices: [String] = [], in bounds: Bounds? = nil
  ) {
    info = ParameterInfo(
      name, summary, takes: T.takes, isOptional: T.isOptional, choices: choices, bounds: bounds)
  }

  package init(
    _ name: String, _ summary: String, default standard: T, choices: [String] = [],
    in bounds: Bounds? = nil, positional: Bool = false
  ) where T: Returnable {
    info = ParameterInfo(
      name, summary, takes: T.takes, standard: standard.value, isPositional: positional,
      choices: choices, bounds: bounds)
  }

  /// What is known of the parameter, with what the checker asks of an argument.
  var checked: ParameterInfo {
    var info = info
    info.kinds = T.takesRest ? nil : T.kinds
    info.refusal = { value in
      do { _ = try take(value) } catch { return error as? Problem }
      return nil
    }
    return info
  }

  /// The bound value as Swift sees it.
  func take(_ value: Value?) throws -> T {
    guard let value else {
      if let absent = T.absent { return absent }
      throw Problem(.type, "'\(info.name)' is missing", at: info.name)
    }
    guard let taken = T.from(value) else {
      throw Problem(
        .type, "'\(info.name)' needs \(Self.article(T.needs))", at: info.name, label: value.label,
        help: T.hint)
    }
    if !info.choices.isEmpty, case .text(let text) = value, !info.choices.contains(text) {
      let nearest = Spelling.nearest(text, among: info.choices)
      throw Problem(
        .value,
        "'\(info.name)' is one of \(info.choices.map { "\"\($0)\"" }.joined(separator: ", "))",
        at: info.name, label: value.label, help: nearest.map { "did you mean \"\($0)\"?" })
    }
    if let bounds = info.bounds, let number = Double.from(value), !bounds.contains(number) {
      throw Problem(
        .value, "'\(info.name)' must be \(bounds)", at: info.name, label: value.label)
    }
    return taken
  }

  private static func article(_ noun: String) -> String {
    if noun == "text" || noun == "values" || noun.hasPrefix("true") { return noun }
    // An abbreviation is read letter by letter: an nmf model, an mf model.
    let first = noun.split(separator: " ").first.map(String.init) ?? noun
    let vowel = ["nmf", "mf"].contains(first) || "aeiou".contains(noun.prefix(1))
    return vowel ? "an \(noun)" : "a \(noun)"
  }
}

/// What the checker learns of a call that looks at the world outside the program.
package enum Foresight: Sendable {
  /// It will fail.
  case problem(Problem)
  /// It will fail unless somebody makes what is not there yet.
  case missing(Problem)
  /// A value of the same kind and shape as the result; its contents may be others by then.
  case value(Value)
  case shape(Shape)
}

/// The one declaration of a callable thing: name, family, documentation, typed parameters, runnable
/// examples and the body. Arity and type errors, keyword arguments, completion, help, the manual
/// and the tests all come from it.
package final class Builtin: Callable {
  package let signature: Signature
  package let family: Family
  /// One line, a full sentence.
  package let summary: String
  /// What goes in and what comes out: `m×n → n×m`, in the grammar of `ShapeRule`.
  package let shapes: String
  /// The kind of its result, where that is always the same.
  package let resultKind: ValueKind?
  /// The formula or update rule, and where it comes from.
  package let math: String
  package let seeAlso: [String]
  package let examples: [Example]
  /// The function of elements that it is, where it is one: such calls can be computed together
  /// with the operations around them.
  package let elementwise: ElementwiseFunction?
  /// What it does with values that a gradient is taken in; without one it refuses them.
  package let derivative: Derivative?
  /// Which number it makes of all elements when it gets nothing but a matrix, where it is a sum.
  package let total: SmallStep?
  /// What can be told of a call before the program runs, where it depends on more than the
  /// arguments: on what a file holds.
  package let foresight: (@Sendable ([Value?], Context) -> Foresight?)?
  /// What it does with sparse matrices; without it its body has to take them.
  private let sparse: SparseBody?
  private let body: @Sendable ([Value?], Context) throws -> Value

  package var name: String { signature.name }
  package var documentation: String { summary }

  /// A builtin whose result depends on its arguments alone.
  package convenience init<each P: Argument, R: Returnable>(
    _ name: String, in family: Family, _ summary: String,
    _ parameters: repeat Parameter<each P>,
    shapes: String = "", math: String = "", seeAlso: [String] = [], examples: [Example] = [],
    elementwise: ElementwiseFunction? = nil,
    body: @escaping @Sendable (repeat each P) throws -> R
  ) {
    self.init(
      name, in: family, summary, repeat each parameters, shapes: shapes, math: math,
      seeAlso: seeAlso, examples: examples, elementwise: elementwise,
      using: { (_: Context, taken: repeat each P) in try body(repeat each taken) })
  }

  /// A builtin that also asks its surroundings: for chance, output, files, observers.
  package init<each P: Argument, R: Returnable>(
    _ name: String, in family: Family, _ summary: String,
    _ parameters: repeat Parameter<each P>,
    shapes: String = "", math: String = "", seeAlso: [String] = [], examples: [Example] = [],
    elementwise: ElementwiseFunction? = nil,
    using body: @escaping @Sendable (Context, repeat each P) throws -> R
  ) {
    var infos: [ParameterInfo] = []
    for parameter in repeat each parameters { infos.append(parameter.checked) }
    signature = Signature(name, infos)
    self.family = family
    self.summary = summary
    self.shapes = shapes
    resultKind = R.kind
    self.math = math
    self.seeAlso = seeAlso
    self.examples = examples
    self.elementwise = elementwise
    derivative = nil
    total = nil
    foresight = nil
    sparse = nil
    let wanted = (repeat each parameters)
    self.body = { values, context in
      var next = values.makeIterator()
      return try body(context, repeat (each wanted).take(next.next() ?? nil)).value
    }
  }

  /// The same builtin with a derivative, with more that it does with sparse matrices, with more that
  /// is known before it runs, or with another body.
  package init(
    _ other: Builtin, derivative: Derivative? = nil, total: SmallStep? = nil,
    sparse: SparseBody? = nil,
    foresight: (@Sendable ([Value?], Context) -> Foresight?)? = nil,
    body: (@Sendable ([Value?], Context) throws -> Value)? = nil
  ) {
    signature = other.signature
    family = other.family
    summary = other.summary
    shapes = other.shapes
    resultKind = other.resultKind
    math = other.math
    seeAlso = other.seeAlso
    examples = other.examples
    elementwise = other.elementwise
    self.body = body ?? other.body
    self.derivative = derivative ?? other.derivative
    self.total = total ?? other.total
    self.sparse = sparse ?? other.sparse
    self.foresight = foresight ?? other.foresight
  }

  /// Whether a rule leads back to what it is calculated from.
  package var hasRule: Bool { if case .rule? = derivative { true } else { false } }

  package func call(_ arguments: Arguments, _ context: Context) throws -> Value {
    let values = try signature.bind(arguments)
    if context.tape != nil, Self.holdTraced(values) {
      return try differentiated(values, context)
    }
    return try calculate(values, context)
  }

  /// Runs the body, whatever the values are.
  package func calculate(_ values: [Value?], _ context: Context) throws -> Value {
    if let sparse, Self.holdSparse(values),
      let result = try sparse(
        SparseCall(signature: signature, values: values, context: context))
    {
      return result
    }
    do { return try body(values, context) } catch let problem as Problem {
      throw refusal(of: values, problem)
    }
  }
}
