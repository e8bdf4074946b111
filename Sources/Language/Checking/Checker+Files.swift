import Vocabulary

/// What the files that a program reads hold already before it runs.
extension Checker {
  /// What is known of a call that looks at the world, or that it will fail; `nil` where the program
  /// itself may change what it will find.
  func foreseen(_ builtin: Builtin, _ given: [Given], _ calleeRange: SourceRange) -> Known? {
    guard let foresight = builtin.foresight, let context, attempts == 0 else { return nil }
    var arguments = Arguments()
    for argument in given {
      guard let value = argument.known.constant else { return nil }
      if let name = argument.name {
        arguments.named.append((name, value))
      } else {
        arguments.positional.append(value)
      }
    }
    guard case .text(let path)?? = given.first.map(\.known.constant), !written.mayHold(path),
      let values = try? builtin.signature.bind(arguments)
    else { return nil }
    switch foresight(values, context) {
    case .missing? where !isAboutToRun: return nil
    case .problem(let problem)?, .missing(let problem)?:
      report(
        .builtin(problem, callee: builtin.name, places: places(builtin.signature, given)),
        at: calleeRange)
      return .anything
    case .value(let value)?: return Known(outlineOf: value)
    case .shape(let shape)?: return .matrix(Known.MatrixFacts(extent: Extent(shape)))
    case nil: return nil
    }
  }
}

extension Known {
  /// Kind, names and sizes of a value, without its numbers and texts.
  fileprivate init(outlineOf value: Value) {
    switch value {
    case .matrix(let matrix):
      self = .matrix(MatrixFacts(extent: Extent(matrix.shape), isLogical: matrix.isLogical))
    case .text: self = .text(nil)
    case .list(let list):
      let areTexts = list.allSatisfy { if case .text = $0 { true } else { false } }
      self = .list(
        ListFacts(count: Amount(list.count), element: areTexts ? .text(nil) : .anything))
    case .record(let record):
      self = .record(
        RecordFacts(keys: record.keys, values: record.values.map { Known(outlineOf: $0) }))
    default: self = value.sparse == nil ? .anything : Known(value)
    }
  }
}

/// The files that a program may write: by calls of the library that do, wherever they stand.
struct WrittenFiles: SyntaxVisitor {
  /// What writes: builtins, and parameters that take a file to write.
  private static let writers: Set = ["write", "save"]
  private static let parameters: Set = ["checkpoint"]

  private var names: Set<String> = []
  /// Whether some file is written whose name is calculated.
  private var areUnknown = false

  init(_ blocks: [Block]) { for block in blocks { visit(block) } }

  /// Whether the program may write a file of this name before it reads it.
  func mayHold(_ path: String) -> Bool { areUnknown || names.contains(Self.name(path)) }

  mutating func visit(_ expression: Expression) {
    switch expression.kind {
    case .call(let callee, let arguments): call(callee, arguments)
    case .pipe(let first, let callee, let arguments):
      visit(first)
      call(callee, arguments)
    case .name(let name) where Self.writers.contains(name): areUnknown = true
    default: visitParts(of: expression)
    }
  }

  private mutating func call(_ callee: Expression, _ arguments: [CallArgument]) {
    var isWriter = false
    if case .name(let name) = callee.kind { isWriter = Self.writers.contains(name) }
    if isWriter { note(arguments.map(\.value)) } else { visit(callee) }
    for argument in arguments {
      if let name = argument.name, Self.parameters.contains(name) { note([argument.value]) }
      visit(argument.value)
    }
  }

  /// Notes the texts among what may name a file.
  private mutating func note(_ expressions: [Expression]) {
    var hasName = false
    for case .text(let pieces) in expressions.map(\.inner.kind) {
      guard pieces.count == 1, case .letters(let text) = pieces[0] else { continue }
      hasName = true
      names.insert(Self.name(text))
    }
    if !hasName { areUnknown = true }
  }

  /// The last part of a path: the same file can be named in several ways.
  private static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
