import Vocabulary

/// A tree as text without places: two programs with the same outline mean the same.
extension Block {
  var outline: String {
    var writer = OutlineWriter()
    writer.write(self)
    return writer.text
  }
}

private struct OutlineWriter {
  var text = ""

  mutating func write(_ block: Block) {
    text += "{"
    for statement in block.statements {
      write(statement)
      text += statement.isSilenced ? ";" : "\n"
    }
    text += "}"
  }

  private mutating func group(_ head: String, _ parts: [Expression]) {
    text += "(\(head)"
    for part in parts {
      text += " "
      write(part)
    }
    text += ")"
  }

  private mutating func write(_ statement: Statement) {
    switch statement.kind {
    case .expression(let value): write(value)
    case .assign(let pattern, let value): group("set \(pattern.names.map(\.name))", [value])
    case .place(let root, _, let steps, let value):
      text += "(put \(root)"
      write(steps)
      group("", [value])
      text += ")"
    case .update(let root, _, let steps, let operation, _, let value):
      text += "(update \(operation.rawValue) \(root)"
      write(steps)
      group("", [value])
      text += ")"
    case .define(let name, _, let function):
      text += "(define \(name) "
      write(function)
      text += ")"
    case .breakLoop: text += "break"
    case .continueLoop: text += "continue"
    case .returnValue(let value): group("return", value.map { [$0] } ?? [])
    case .include(let path, _): text += "(include \(path.debugDescription))"
    case .importFile(let path, _, let name, _):
      text += "(import \(path.debugDescription) \(name))"
    }
  }

  private mutating func write(_ steps: [Statement.Step]) {
    for step in steps {
      switch step {
      case .index(let indices, _, _): group("at", indices)
      case .field(let name, _): text += ".\(name)"
      }
    }
  }

  private mutating func write(_ function: FunctionSyntax) {
    text += "(function \(function.name ?? "")"
    for parameter in function.parameters {
      group(parameter.name, parameter.standard.map { [$0] } ?? [])
    }
    write(function.body)
    text += ")"
  }

  private mutating func write(_ arguments: [CallArgument]) {
    for argument in arguments { group(argument.name.map { "\($0)=" } ?? "", [argument.value]) }
  }

  private mutating func write(_ expression: Expression) {
    switch expression.kind {
    case .number(let number): text += "\(number)"
    case .boolean(let truth): text += "\(truth)"
    case .nothing: text += "nothing"
    case .text(let pieces): write(pieces)
    case .name(let name): text += name
    case .end: text += "end"
    case .everything: text += ":"
    case .wrong: text += "wrong"
    case .matrix(let rows):
      text += "["
      for row in rows { group("", row) }
      text += "]"
    case .list(let elements): group("list", elements)
    case .record(let fields):
      text += "(record"
      for field in fields { group(field.key.debugDescription, [field.value]) }
      text += ")"
    case .spread(let parts):
      text += "(spread"
      for part in parts {
        switch part {
        case .all(let value): group("...", [value])
        case .field(let key, _, let value): group(key.debugDescription, [value])
        case .element(let value): write(value)
        }
      }
      text += ")"
    case .calculation(let operation, _, let a, let b): group(operation.rawValue, [a, b])
    case .negate(let a): group("negate", [a])
    case .not(let a): group("!", [a])
    case .transpose(let a): group("'", [a])
    case .andThen(let a, let b): group("&&", [a, b])
    case .orElse(let a, let b): group("||", [a, b])
    case .range(let start, let step, let end):
      group(step == nil ? "range" : "steps", [start] + (step.map { [$0] } ?? []) + [end])
    case .call(let callee, let arguments):
      group("call", [callee])
      write(arguments)
    case .pipe(let first, let callee, let arguments):
      group("pipe", [first, callee])
      write(arguments)
    case .index(let base, let indices, _): group("at", [base] + indices)
    case .field(let base, let name, _): group(".\(name)", [base])
    case .function(let function): write(function)
    case .conditional(let branches, let otherwise):
      text += "(if"
      for (condition, body) in branches {
        group("", [condition])
        write(body)
      }
      if let otherwise {
        text += "else"
        write(otherwise)
      }
      text += ")"
    case .loop(let pattern, let over, let body):
      group("for \(pattern.names.map(\.name))", [over])
      write(body)
    case .whileLoop(let condition, let body):
      group("while", [condition])
      write(body)
    case .attempt(let body, let name, _, let handler):
      text += "(try"
      write(body)
      text += name ?? ""
      write(handler)
      text += ")"
    case .parenthesized(let inside): group("", [inside])
    }
  }

  private mutating func write(_ pieces: [Expression.Piece]) {
    text += "\""
    for piece in pieces {
      switch piece {
      case .letters(let letters): text += letters.debugDescription
      case .hole(let inside, let format):
        group("hole", [inside])
        if let format { text += "\(format)" }
      }
    }
    text += "\""
  }
}
