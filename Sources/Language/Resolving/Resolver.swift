import Matrices
import Vocabulary

/// Turns a tree into a program in which every name is a place.
///
/// A name means, in this order: a variable of the function it stands in; a variable of a function
/// around it, which the inner function captures; a variable of the program; a constant or builtin
/// of the library. Assigning makes a variable of the function at hand: functions see the
/// variables around them but do not change them. Captured variables are seen as they are when the
/// function runs, except variables of loops, which keep the value of their turn.
final class Resolver {
  let library: Library
  let machine: Machine
  let namespace: Namespace
  let source: SourceText
  let isPrompt: Bool
  /// The files being read, outermost first, so that a cycle is seen.
  let files: [String]
  /// What is shared by all sources of a session.
  let modules: Modules
  /// What the files that the program mentions say, for those who look at it again.
  let blocks: ProgramFiles
  var errors: [NameError] = []
  var syntaxErrors: [SyntaxError] = []
  /// The names that the program assigns at its top, and where first.
  var topNames: [String: SourceRange] = [:]
  /// Variables of the loops at the top that are open here.
  var openLoopNames: [String] = []
  /// Variables of the loops at the top that are open here and have a name of the library, which
  /// they hide until the loop ends.
  var hidingVariables: [String: Variable] = [:]
  var scope: FunctionScope?
  var surveys: [ObjectIdentifier: NameSurvey] = [:]
  var freeNames: [ObjectIdentifier: Set<String>] = [:]
  /// The loops that are open here: whether something jumps out of an expression in them.
  var loops: [LoopScope] = []
  /// Whether a jump here stands in a statement, not in the middle of an expression.
  var isDirect = true
  /// Whether the block at hand is the last thing a top statement of the prompt does.
  var reportsQuiet = false
  /// Names of the library that the program tried to overwrite.
  var refused: Set<String> = []

  /// Names that are neither builtins nor variables.
  static let intrinsics = ["error", "assert"]

  final class LoopScope {
    var catchesJumps = false
  }

  /// What is known of a function while its body is resolved.
  final class FunctionScope {
    let parent: FunctionScope?
    let survey: NameSurvey
    var locals: [String: Int] = [:]
    var cells: [String: Int] = [:]
    var captures: [FunctionNode.Capture] = []
    var ownCells = 0
    var returnsInside = false
    var parameters: Set<String> = []

    init(_ survey: NameSurvey, parent: FunctionScope?) {
      self.survey = survey
      self.parent = parent
    }
  }

  init(
    _ source: SourceText, library: Library, machine: Machine, namespace: Namespace,
    modules: Modules, isPrompt: Bool, files: [String] = [], blocks: ProgramFiles = ProgramFiles()
  ) {
    self.source = source
    self.library = library
    self.machine = machine
    self.namespace = namespace
    self.modules = modules
    self.isPrompt = isPrompt
    self.files = files
    self.blocks = blocks
  }

  // MARK: Programs

  /// The program of a whole source.
  func program(_ block: Block) -> Node {
    let survey = NameSurvey(block)
    for (name, range) in survey.assigned { topNames[name] = range }
    if isPrompt { _ = namespace.declare("ans") }
    var nodes: [Node] = []
    for statement in block.statements {
      // An included file declares its names where it stands.
      reportsQuiet = isPrompt
      let node = self.statement(statement)
      reportsQuiet = false
      nodes.append(isPrompt ? echo(node, statement) : node)
    }
    return BlockNode(nodes, isQuiet: nil, block.range)
  }

  func echo(_ node: Node, _ statement: Statement) -> Node {
    let ans = namespace.declare("ans")
    switch statement.kind {
    case .expression(let expression):
      switch expression.kind {
      case .conditional, .loop, .whileLoop, .attempt:
        return EchoNode(node, statement.isSilenced ? .silent(ans: ans) : .block(ans: ans))
      default:
        return EchoNode(node, statement.isSilenced ? .silent(ans: ans) : .expression(ans: ans))
      }
    case .assign(let pattern, _):
      return assigned(node, pattern.names.map(\.name), statement)
    case .place(let root, _, _, _), .update(let root, _, _, _, _, _):
      return assigned(node, [root], statement)
    case .define(let name, _, _), .importFile(_, _, let name, _):
      return assigned(node, [name], statement)
    case .breakLoop, .continueLoop, .returnValue, .include: return node
    }
  }

  func assigned(_ node: Node, _ names: [String], _ statement: Statement) -> Node {
    if statement.isSilenced { return node }
    return EchoNode(
      node,
      .assignment(
        names.compactMap { name in namespace[name].map { (name, .global($0)) } }))
  }

  /// Takes down what is wrong at a place, unless there are more mistakes already than are shown.
  func note(_ kind: @autoclosure () -> NameError.Kind, at range: SourceRange) {
    guard errors.count < Parser.mostErrors, !errors.contains(where: { $0.range == range }) else {
      return
    }
    errors.append(NameError(kind(), at: range))
  }

  func block(_ block: Block, reports: Bool = false) -> Node {
    let nodes = block.statements.map { statement in self.statement(statement) }
    if nodes.count == 1, !reports { return nodes[0] }
    var isQuiet: Bool?
    if reports {
      isQuiet = true
      if let last = block.statements.last, case .expression = last.kind {
        isQuiet = last.isSilenced
      }
    }
    return BlockNode(nodes, isQuiet: isQuiet, block.range)
  }

  // MARK: Names

  /// What a name is where it stands.
  enum Meaning {
    case local(Int)
    case cell(Int)
    case global(Variable)
    case constant(Value)
    case unknown
  }

  func meaning(_ name: String) -> Meaning {
    if let scope, let found = lookUp(name, in: scope) { return found }
    if let variable = hidingVariables[name] ?? namespace[name] { return .global(variable) }
    if let value = library.constants[name] { return .constant(value) }
    if let builtin = library[name] { return .constant(.function(builtin)) }
    if topNames[name] != nil { return .global(namespace.declare(name)) }
    return .unknown
  }

  /// A name inside a function: its own, or captured from around it; `nil` for the program's.
  func lookUp(_ name: String, in scope: FunctionScope) -> Meaning? {
    if let index = scope.locals[name] { return .local(index) }
    if let index = scope.cells[name] { return .cell(index) }
    let capture: FunctionNode.Capture
    if let parent = scope.parent {
      switch lookUp(name, in: parent) {
      case .local(let index):
        let node = LocalRead(
          index, name, hidesOuter: false, SourceRange(source, 0, 0))
        capture = .value(of: node, name)
      case .cell(let index): capture = .cell(index, name)
      default: return nil
      }
    } else if openLoopNames.contains(name),
      let variable = hidingVariables[name] ?? namespace[name]
    {
      capture = .value(
        of: GlobalRead(variable, later: nil, SourceRange(source, 0, 0)), name)
    } else {
      return nil
    }
    let index = scope.ownCells + scope.captures.count
    scope.captures.append(capture)
    scope.cells[name] = index
    return .cell(index)
  }

  func read(_ name: String, _ range: SourceRange) -> Node {
    switch meaning(name) {
    case .local(let index):
      return LocalRead(index, name, hidesOuter: namespace[name] != nil, range)
    case .cell(let index): return CellRead(index, name, range)
    case .global(let variable):
      let first = topNames[name]
      let later = first.flatMap { $0.lower > range.lower ? $0 : nil }
      return GlobalRead(variable, later: later, range)
    case .constant(let value): return Constant(value, range)
    case .unknown:
      if name == "ans" {
        note(.noAnswer, at: range)
      } else if Self.intrinsics.contains(name) {
        note(.unknown(name, nearest: nil), at: range)
      } else {
        note(.unknown(name, nearest: Spelling.nearest(name, among: knownNames)), at: range)
      }
      return Constant(.nothing, range)
    }
  }

  /// All names that could have been meant.
  var knownNames: [String] {
    var names = namespace.order.filter { namespace[$0]?.slot.pointee.value != nil }
    names += topNames.keys
    var scope = scope
    while let current = scope {
      names += current.survey.assigned.keys
      scope = current.parent
    }
    return names + library.names + Array(library.constants.keys) + Self.intrinsics
      + [Keyword.true, .false, .nothing].map(\.rawValue)
  }

  /// Where an assignment to a name goes.
  func target(_ name: String, _ range: SourceRange) -> Target {
    if name == "_" { return .nowhere }
    if let scope {
      if let index = scope.locals[name] { return protected(name, range, .local(index)) }
      if let index = scope.cells[name] { return protected(name, range, .cell(index)) }
    }
    if let variable = hidingVariables[name] { return .global(variable) }
    return protected(name, range, .global(namespace.declare(name)))
  }

  /// Whether a name has a meaning before anything is assigned.
  func isOfLibrary(_ name: String) -> Bool {
    library[name] != nil || library.constants[name] != nil || Self.intrinsics.contains(name)
  }

  /// Refuses names of the library, except as parameters, which say what they are, and as variables
  /// of a function that does not call what they would hide.
  func protected(_ name: String, _ range: SourceRange, _ target: Target) -> Target {
    guard isOfLibrary(name) else { return target }
    if let scope, scope.parameters.contains(name) || !scope.survey.called.contains(name) {
      return target
    }
    // Once a name is refused, its other uses say nothing new.
    guard refused.insert(name).inserted else { return target }
    var offer = "my_\(name)"
    var number = 2
    while namespace[offer] != nil || library[offer] != nil {
      offer = "my_\(name)\(number)"
      number += 1
    }
    note(.protected(name, offer: offer), at: range)
    return target
  }

}

/// The files that a session has imported.
final class Modules {
  var byPath: [String: Module] = [:]
}
