import Matrices
import Vocabulary

/// Calls of functions of the program and of the library.
extension Checker {
  /// An argument of a call with what is known of it.
  struct Given {
    var name: String?
    var nameRange: SourceRange?
    var expression: Expression
    var known: Known
  }

  func call(
    _ callee: Expression, _ first: Expression?, _ arguments: [CallArgument], _ range: SourceRange
  ) throws -> Known {
    var given: [Given] = []
    func evaluateArguments() throws {
      let before = wanted
      wanted = nil
      defer { wanted = before }
      if let first { given.append(Given(expression: first, known: try expression(first))) }
      for argument in arguments {
        given.append(
          Given(
            name: argument.name, nameRange: argument.nameRange, expression: argument.value,
            known: try expression(argument.value)))
      }
      for index in given.indices { given[index].known = reduced(given[index].known) }
    }
    if case .name(let name) = callee.kind, Resolver.intrinsics.contains(name), !isVariable(name) {
      try evaluateArguments()
      return intrinsic(name, given)
    }
    let function = reduced(try expression(callee))
    try evaluateArguments()
    switch function {
    case .function(.callable(let callable)):
      guard let builtin = callable as? Builtin else { return .anything }
      return try call(builtin, given, callee.range, range)
    case .function(.user(let function)): return try call(function, given, callee.range, range)
    case .function(.unknown), .anything, .object: return .anything
    default:
      report(.notCallable(operand(callee, function)), at: range)
      return .anything
    }
  }

  /// `error(…)` and `assert(…)`.
  private func intrinsic(_ name: String, _ given: [Given]) -> Known {
    guard let first = given.first else { return .anything }
    if name == "error" {
      guard given.count == 1 else { return .number(symbols.number()) }
      switch first.known {
      case .text, .record:
        state.isReachable = false
        return .anything
      default: return .anything
      }
    }
    switch first.known {
    case .boolean(false?): state.isReachable = false
    case .boolean, .matrix, .anything: break
    default:
      report(
        .condition(operand(first.expression, first.known)), at: first.expression.inner.range)
    }
    return .nothing
  }

  // MARK: Functions of the program

  /// A function where it is written, with what it captures.
  func function(_ syntax: FunctionSyntax, named name: String?) -> Known {
    var captured: [String: Known] = [:]
    if let locals = state.locals, let call = calls.last {
      captured = self.captured
      let survey = NameSurvey(call.function.syntax)
      for name in survey.assigned.keys { captured[name] = .anything }
      for (name, variable) in locals where variable.isSet {
        // What is assigned again may have changed when the function runs.
        let isFixed = !survey.reassigned.contains(name) && (loops.isEmpty)
        captured[name] = isFixed ? variable.known : .anything
      }
    } else {
      for name in loopNames { captured[name] = state.globals[name]?.known ?? .anything }
    }
    return .function(
      .user(
        CheckedFunction(
          syntax, name: name ?? syntax.name ?? "anonymous", captured: captured, home: home)))
  }

  func call(
    _ function: CheckedFunction, _ given: [Given], _ calleeRange: SourceRange,
    _ range: SourceRange
  ) throws -> Known {
    let syntax = function.syntax
    let signature = Signature(
      function.name,
      syntax.parameters.map { ParameterInfo($0.name, isOptional: $0.standard != nil) })
    let bound: [Int?]
    do { bound = try bind(signature, given) } catch {
      report(
        .argument(
          error, callee: signature, calleeRange: calleeRange, places: places(signature, given)),
        at: range)
      return .anything
    }
    guard calls.count < Self.deepestCalls,
      calls.count(where: { $0.function.syntax === syntax }) < 2
    else { return .anything }
    let before = (state.locals, captured, home, guards, loops, ends, wanted)
    (captured, home, guards, loops, ends, wanted) = (
      function.captured, function.home, 0, [], [], nil
    )
    state.locals = [:]
    calls.append(OpenCall(function: function, range: range))
    func leave() -> OpenCall? {
      (state.locals, captured, home, guards, loops, ends, wanted) = before
      return calls.popLast()
    }
    do {
      for (parameter, place) in zip(syntax.parameters, bound) {
        let known =
          try place.map { given[$0].known } ?? parameter.standard.map { try expression($0) }
        assign(
          parameter.name, known ?? .anything, at: place.map { given[$0].expression.range })
      }
      let value = try block(syntax.body)
      if state.isReachable { returned(value) }
    } catch {
      _ = leave()
      throw error
    }
    let returns = calls.last?.returns
    if let after = returns?.state { state = after } else { state.isReachable = false }
    _ = leave()
    return returns?.value ?? .anything
  }

  /// Which argument fills which parameter; those of a rest are not looked at.
  func bind(_ signature: Signature, _ given: [Given]) throws(CallError) -> [Int?] {
    let binding = try signature.binding(of: given.map(\.name))
    var bound = [Int?](repeating: nil, count: signature.parameters.count)
    for (index, place) in binding.places.enumerated() where place != binding.rest {
      bound[place] = index
    }
    return bound
  }

  /// The arguments as an error shows them.
  func places(_ signature: Signature, _ given: [Given]) -> [Fault.Place] {
    var position = 0
    return given.map { argument in
      let operand = operand(argument.expression, argument.known)
      if let name = argument.name {
        return Fault.Place(
          parameter: name, given: .name(name), nameRange: argument.nameRange, operand: operand)
      }
      defer { position += 1 }
      return Fault.Place(
        parameter: signature.place(ofPosition: position).map { signature.parameters[$0].name },
        given: .position(position), operand: operand)
    }
  }

  // MARK: Builtins

  private func call(
    _ builtin: Builtin, _ arguments: [Given], _ calleeRange: SourceRange, _ range: SourceRange
  ) throws -> Known {
    var given = arguments
    guard let bound = try? bind(builtin.signature, given) else { return .anything }
    for (info, place) in zip(builtin.signature.parameters, bound) {
      guard let place else { continue }
      if let problem = refusal(info, given[place].known) {
        report(
          .builtin(problem, callee: builtin.name, places: places(builtin.signature, given)),
          at: calleeRange)
        return .anything
      }
      if given[place].known.isAnything, let kinds = info.kinds, kinds == Matrix.kinds {
        // It has been taken for a matrix, so it is one.
        given[place].known = .matrix(
          Known.MatrixFacts(extent: unknownExtent(), isLogical: nil, isSurely: false))
        refine(given[place].expression, given[place].known)
      }
    }
    if let known = try special(builtin.name, given, range) { return known }
    if let known = foreseen(builtin, given, calleeRange) { return known }
    return shaped(builtin, given, bound, calleeRange)
  }

  /// What is certainly wrong with an argument for a parameter.
  private func refusal(_ info: ParameterInfo, _ known: Known) -> Problem? {
    if info.takesRest { return nil }
    if let value = known.constant { return info.refusal?(value) }
    guard let kinds = info.kinds, let kind = known.kind else { return nil }
    var isWrong = !kinds.contains(kind)
    if kind == .matrix, !known.isSurelyMatrix, kinds.contains(.range) { return nil }
    let numberKinds = Double.kinds ?? []
    if kind == .matrix, kinds.isSubset(of: numberKinds.union([.nothing])), let extent = known.extent
    {
      isWrong = isNotSingle(extent)
    }
    guard isWrong else { return nil }
    var problem = info.refusal?(known.sample)
    let label = known.label(Symbols.letters(known.shownSymbols))
    if let parameter = problem?.arguments.first?.parameter {
      problem?.arguments = [Problem.Mention(parameter: parameter, label: label)]
    }
    return problem
  }

  /// Builtins that know more of their result than a shape.
  private func special(_ name: String, _ given: [Given], _ range: SourceRange) throws -> Known? {
    guard let first = given.first else { return nil }
    switch name {
    case "type": return .text(first.known.typeName)
    case "length":
      switch first.known {
      case .list(let facts): return .number(facts.count)
      case .text(let text): return .number(text.map { Amount($0.count) } ?? symbols.count())
      case .record(let facts) where facts.isComplete: return .number(Amount(facts.keys.count))
      case .record: return .number(symbols.count())
      default: return nil
      }
    case "map":
      guard given.count == 2, case .list(let facts) = first.known else { return nil }
      if case .function(.user(let function)) = given[1].known, symbols.least(facts.count) >= 1 {
        var joiner = Joiner(symbols)
        let element = Given(
          expression: first.expression, known: facts.anyElement(&joiner))
        return .list(
          Known.ListFacts(
            count: facts.count,
            element: try call(function, [element], given[1].expression.range, range)))
      }
      return .list(Known.ListFacts(count: facts.count))
    case "grad", "value_and_grad":
      guard case .function(.user(let function)) = first.known,
        given.dropFirst().allSatisfy({ $0.name == nil })
      else { return .anything }
      _ = try call(function, Array(given.dropFirst()), first.expression.range, range)
      return .anything
    default: return nil
    }
  }
}

extension Known {
  /// The kind of the value, where it is known.
  var kind: ValueKind? {
    switch self {
    case .anything: nil
    case .nothing: .nothing
    case .boolean: .boolean
    case .number: .number
    case .text: .text
    // It may be a number or a range too, which fit where a matrix does, and not only there.
    case .matrix: .matrix
    case .range: .range
    case .list: .list
    case .record: .record
    case .function: .function
    case .object: .object
    }
  }

  /// Some value of the same kind, to ask what is wrong with it.
  fileprivate var sample: Value {
    switch self {
    case .anything, .nothing, .function, .object: .nothing
    case .boolean: .boolean(true)
    case .number: .number(1)
    case .text: .text("")
    case .matrix: .matrix(.zeros(1, 2))
    case .range: .range(NumberRange(from: 1, to: 2))
    case .list: .list([])
    case .record: .record(Record())
    }
  }
}
