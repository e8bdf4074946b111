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
  /// The operation on elements that it is of its first two parameters, where it is one.
  package let operation: ElementwiseOperation?
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
    elementwise: ElementwiseFunction? = nil, operation: ElementwiseOperation? = nil,
    body: @escaping @Sendable (repeat each P) throws -> R
  ) {
    self.init(
      name, in: family, summary, repeat each parameters, shapes: shapes, math: math,
      seeAlso: seeAlso, examples: examples, elementwise: elementwise,
      operation: operation,
      using: { (_: Context, taken: repeat each P) in try body(repeat each taken) })
  }

  /// A builtin that also asks its surroundings: for chance, output, files, observers.
  package init<each P: Argument, R: Returnable>(
    _ name: String, in family: Family, _ summary: String,
    _ parameters: repeat Parameter<each P>,
    shapes: String = "", math: String = "", seeAlso: [String] = [], examples: [Example] = [],
    elementwise: ElementwiseFunction? = nil, operation: ElementwiseOperation? = nil,
    using body: @escaping @Sendable (Context, repeat each P) throws -> R
  ) {
    var infos: [ParameterInfo] = []
    for parameter in repeat each parameters { infos.append(parameter.checked) }
    let demands = infos.map(Demand.init)
    signature = Signature(name, infos)
    self.family = family
    self.summary = summary
    self.shapes = shapes
    resultKind = R.kind
    self.math = math
    self.seeAlso = seeAlso
    self.examples = examples
    self.elementwise = elementwise
    self.operation = operation
    derivative = nil
    total = nil
    foresight = nil
    sparse = nil
    self.body = { values, context in
      var next = 0
      return try body(context, repeat Self.argument(of: values, demands, &next, as: (each P).self))
        .value
    }
  }

  /// The next of the bound values, as Swift sees it. Asked with nothing but the type itself: whatever
  /// is made of types, an optional or a parameter, would be looked up at every call.
  private static func argument<T: Argument>(
    of values: [Value?], _ demands: [Demand], _ next: inout Int, as _: T.Type
  ) throws -> T {
    let place = next
    next += 1
    return try T.taken(values[place], for: demands[place])
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
    operation = other.operation
    // Without `??`, which would wrap the body once more each time.
    if let body { self.body = body } else { self.body = other.body }
    self.derivative = derivative ?? other.derivative
    self.total = total ?? other.total
    self.sparse = sparse ?? other.sparse
    self.foresight = foresight ?? other.foresight
  }

  /// Whether a rule leads back to what it is calculated from.
  package var hasRule: Bool { if case .rule? = derivative { true } else { false } }

  package func call(_ arguments: Arguments, _ context: Context) throws -> Value {
    try call(bound: signature.bind(arguments), context)
  }

  /// A call whose arguments stand in the order of the parameters.
  package func call(bound values: [Value?], _ context: Context) throws -> Value {
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
