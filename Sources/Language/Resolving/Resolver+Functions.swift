import Vocabulary

/// Functions: their variables, and what they capture.
extension Resolver {
  func survey(_ function: FunctionSyntax) -> NameSurvey {
    let key = ObjectIdentifier(function)
    if let known = surveys[key] { return known }
    let survey = NameSurvey(function)
    surveys[key] = survey
    return survey
  }

  /// The names that a function reads but does not assign, those of functions in it included.
  func free(_ function: FunctionSyntax) -> Set<String> {
    let key = ObjectIdentifier(function)
    if let known = freeNames[key] { return known }
    let survey = survey(function)
    var names = survey.used
    for inner in survey.functions { names.formUnion(free(inner)) }
    names.subtract(survey.assigned.keys)
    freeNames[key] = names
    return names
  }

  func function(_ syntax: FunctionSyntax, named name: String?, _ range: SourceRange) -> Node {
    let survey = survey(syntax)
    let inner = FunctionScope(survey, parent: scope)
    let captured = survey.functions.reduce(into: Set<String>()) { $0.formUnion(free($1)) }
    let shared = survey.order.filter { captured.contains($0) && !survey.loopNames.contains($0) }
    for (index, name) in shared.enumerated() { inner.cells[name] = index }
    inner.ownCells = shared.count
    var slots = syntax.parameters.count
    var cellOfParameter: [Int?] = []
    for (index, parameter) in syntax.parameters.enumerated() {
      inner.parameters.insert(parameter.name)
      cellOfParameter.append(inner.cells[parameter.name])
      if inner.cells[parameter.name] == nil { inner.locals[parameter.name] = index }
    }
    for name in survey.order where inner.locals[name] == nil && inner.cells[name] == nil {
      inner.locals[name] = slots
      slots += 1
    }
    let before = (scope, loops, isDirect, reportsQuiet)
    (scope, loops, isDirect, reportsQuiet) = (inner, [], true, false)
    defer { (scope, loops, isDirect, reportsQuiet) = before }
    let standards = syntax.parameters.map { parameter in
      parameter.standard.map { expression($0) }
    }
    let signature = Signature(
      name ?? syntax.name ?? "anonymous",
      zip(syntax.parameters, standards).map { parameter, standard in
        ParameterInfo(
          parameter.name, standard: (standard as? Constant)?.value,
          isOptional: standard != nil)
      })
    let body = block(syntax.body)
    let code = FunctionCode(
      name: signature.name, range: range, signature: signature, standards: standards,
      slots: slots, ownCells: inner.ownCells, cellOfParameter: cellOfParameter,
      body: inner.returnsInside ? ReturnCatcher(body) : body)
    return FunctionNode(code, captures: inner.captures, range)
  }
}
