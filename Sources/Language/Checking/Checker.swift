import Glibc
import Matrices
import Vocabulary

/// Looks for mistakes in a program without running it: kinds of values, fields, arguments, and the
/// shapes of matrices, whose sizes are numbers where they are known and letters where they are not.
///
/// It goes through the program as the evaluator does, with what is known of each value in its place
/// (abstract interpretation): both branches where a condition is not known, loops until nothing new
/// is learnt, functions at every call with what is known of the arguments. What has not failed has
/// taught something: behind `X * w` the columns of X are the rows of w.
///
/// It only says what is certain to fail when the line is reached: never in the body of a `try`, nor
/// in a function where that depends on a condition that is not known, since functions are written
/// for more than one kind of argument. A program that is not understood is not complained about.
final class Checker {
  let library: Library
  let symbols = Symbols()
  var state = CheckState()
  /// What was found so far, in the order of finding.
  var findings: [Finding] = []
  /// The variables that functions of an imported file see.
  var home: ModuleFacts?
  /// What the function that is being called captured.
  var captured: [String: Known] = [:]
  /// The open calls, outermost first.
  var calls: [OpenCall] = []
  /// How many `try` blocks are open.
  var attempts = 0
  /// How many conditions that are not known the place stands under, in this function and in all.
  var guards = 0
  var allGuards = 0
  /// Where `break` and `continue` of the open loops lead.
  var loops: [LoopExits] = []
  /// The lengths that `end` means in the open indices.
  var ends: [Amount?] = []
  /// The variables of open loops outside functions, which functions capture.
  var loopNames: [String] = []
  /// The shape that the expression beside the present one has, for choosing a fix.
  var wanted: (code: String, extent: Extent)?
  /// Blocks of the files that the program includes and imports, by the place of the statement.
  let files: ProgramFiles
  /// What the program may write; files of other names are as they are when it reads them.
  private(set) lazy var written = WrittenFiles(program.map { [$0] + files.all } ?? files.all)
  private var program: Block?
  /// Where files are looked for; `nil` where none are looked at.
  let context: Context?
  /// Whether the program runs right after the check: what is not there by then will not be.
  let isAboutToRun: Bool
  /// What has been read of the shapes that builtins declare.
  var rulesOfBuiltins: [String: [ShapeRule]] = [:]
  /// Numbers that served as sizes, as counts.
  var countsOfNumbers: [Amount.Symbol: Amount] = [:]
  /// Where the program first assigns its variables.
  private var assigned: [String: SourceRange] = [:]
  private var steps = 0
  private let lowestAddress: UInt

  /// A mistake, and whether every run reaches it.
  struct Finding {
    var fault: Fault
    var isCertain: Bool
  }

  struct OpenCall {
    var function: CheckedFunction
    var range: SourceRange
    var returns: (state: CheckState, value: Known)?
  }

  struct LoopExits {
    var breaks: CheckState?
    var continues: CheckState?
  }

  /// Thrown when a program is too large to be looked at.
  struct Exhausted: Error {}

  /// Expressions looked at: some tens of milliseconds.
  private static let mostSteps = 100_000
  /// Calls inside one another; beyond, nothing is known of a result.
  static let deepestCalls = 8
  /// What must be left of the thread's stack.
  private static let reserve: UInt = 128 << 10

  init(library: Library, files: ProgramFiles, context: Context? = nil, isAboutToRun: Bool = false) {
    self.library = library
    self.files = files
    self.context = context
    self.isAboutToRun = isAboutToRun
    var marker: UInt8 = 0
    let here = withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
    let lowest = LargeStack.lowestAddress ?? here - (256 << 10)
    lowestAddress = lowest + min(Self.reserve, (here - lowest) / 2)
  }

  /// Looks at a program; the mistakes in the order of their places.
  func check(_ block: Block) -> [Finding] {
    assigned = NameSurvey(block).assigned
    program = block
    do { _ = try self.block(block) } catch {}
    return findings
  }

  /// What is known of the value of a program.
  func forecast(_ block: Block) -> Forecast {
    let known = (try? self.block(block)) ?? .anything
    return Forecast(state.isReachable ? reduced(known) : .anything)
  }

  /// Counts a step; ends the check of a program that is too large or too deep.
  func step() throws {
    steps += 1
    var marker: UInt8 = 0
    let hasRoom = withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) > lowestAddress }
    guard steps < Self.mostSteps, hasRoom else { throw Exhausted() }
  }

  // MARK: Reporting

  /// Notes what is certain to fail here.
  func report(_ kind: Fault.Kind, at range: SourceRange) {
    guard attempts == 0, state.isReachable, calls.isEmpty || guards == 0 else { return }
    guard !findings.contains(where: { $0.fault.range == range }) else { return }
    var fault = Fault(kind, at: range)
    for call in calls.reversed() { fault.pass(through: call.function.name, at: call.range) }
    findings.append(Finding(fault: fault, isCertain: allGuards == 0))
  }

  /// A value with the expression it comes from, as errors show it.
  func operand(_ expression: Expression, _ known: Known) -> Fault.Operand {
    let inner = expression.inner
    var (name, origin): (String?, SourceRange?)
    if case .name(let word) = inner.kind {
      name = word
      origin = variable(word)?.origin
    }
    return operand(known, at: inner.range, name: name, origin: origin)
  }

  func operand(
    _ known: Known, at range: SourceRange, name: String? = nil, origin: SourceRange? = nil
  )
    -> Fault.Operand
  {
    let known = reduced(known)
    let letters = Symbols.letters(known.shownSymbols)
    var operand = Fault.Operand(
      range: range, label: "", value: .nothing, name: name, origin: origin)
    operand.label = known.label(letters)
    operand.known = known
    operand.short =
      if case .matrix(let facts) = known { facts.extent.text(letters) } else { operand.label }
    return operand
  }

  /// With sizes that turned out to be others replaced.
  func reduced(_ known: Known) -> Known {
    switch known {
    case .matrix(var facts):
      facts.extent = state.reduced(facts.extent)
      facts.elements = facts.elements?.map { state.reduced($0) }
      return .matrix(facts)
    case .number(let amount): return .number(state.reduced(amount))
    case .range(let start, let step, let count):
      return .range(
        start: state.reduced(start), step: state.reduced(step), count: state.reduced(count))
    default: return known
    }
  }

  // MARK: Variables

  /// A variable where the check is now.
  func variable(_ name: String) -> CheckState.Variable? {
    if let locals = state.locals {
      if let own = locals[name] { return own }
      if let known = captured[name] { return CheckState.Variable(known: known) }
      if let home { return home.variables[name].map { CheckState.Variable(known: $0) } }
    }
    return state.globals[name]
  }

  /// Gives a variable a value.
  func assign(_ name: String, _ known: Known, at origin: SourceRange?) {
    guard name != "_" else { return }
    let variable = CheckState.Variable(known: known, origin: origin)
    if state.locals != nil {
      state.locals?[name] = variable
    } else {
      state.globals[name] = variable
    }
  }

  /// Says more of a variable whose value has just been used in a way that only some values allow.
  func refine(_ expression: Expression, _ known: Known) {
    guard case .name(let name) = expression.inner.kind else { return }
    if state.locals?[name] != nil {
      state.locals?[name]?.known = known
    } else if state.locals == nil || home == nil && captured[name] == nil,
      state.globals[name] != nil
    {
      state.globals[name]?.known = known
    }
  }

  /// The value of a name.
  func read(_ name: String, _ range: SourceRange) -> Known {
    if let variable = variable(name) { return variable.known }
    if let value = library.constants[name] { return Known(value) }
    if let builtin = library[name] { return .function(.callable(builtin)) }
    if state.locals == nil, allGuards == 0, let later = assigned[name],
      later.source === range.source, later.lower >= range.lower
    {
      report(
        .unset(name, later: later.lower > range.lower ? later : nil, isInFunction: false), at: range
      )
    }
    return .anything
  }

  /// Whether a name is a variable here, rather than one of the library.
  func isVariable(_ name: String) -> Bool { variable(name) != nil }
}

/// The blocks of the files that a program includes and imports, as the resolver read them.
final class ProgramFiles {
  private var blocks: [String: Block] = [:]

  private static func key(_ place: SourceRange) -> String {
    "\(ObjectIdentifier(place.source).hashValue):\(place.lower)"
  }

  /// Keeps what a statement read; `place` is the path in it.
  func keep(_ block: Block, at place: SourceRange) { blocks[Self.key(place)] = block }

  var all: [Block] { Array(blocks.values) }

  subscript(place: SourceRange) -> Block? { blocks[Self.key(place)] }
}
