import Vocabulary

extension Diagnostic {
  /// The words for a name that does not fit.
  init(_ error: NameError) {
    self = Self.describe(error)
    code = error.kind.code
    if case .unknown(let name, _) = error.kind {
      if Self.foreign(name, at: error.range) != nil || Self.unprefixed(error.range) != nil
        || Self.dotted(error.range) != nil
      {
        code = "E002"
      }
      if Self.isRecordKey(error.range) { code = Habit.recordSign(key: name).code }
    }
    fix = Self.fix(error)
  }

  private static func describe(_ error: NameError) -> Diagnostic {
    let range = error.range
    switch error.kind {
    case .unknown(let name, let nearest):
      if isRecordKey(range) { return recordSign(name, at: range) }
      if let dotted = dotted(range) {
        return Diagnostic(
          "there is no '\(dotted.whole.text)' here", at: dotted.whole, help: "write \(dotted.ours)")
      }
      if let call = unprefixed(range) {
        return Diagnostic(
          "there is no '\(name)' here", at: range,
          help: isProduct(call.name)
            ? "write A * B"
            : foreignNames[call.name] ?? "functions have no prefix: write \(call.name)(…)")
      }
      if let foreign = foreign(name, at: range) {
        return Diagnostic("there is no '\(name)' here", at: range, help: foreign.help)
      } else {
        return Diagnostic(
          "the name '\(name)' is not known", at: range,
          help: nearest.map { "did you mean '\($0)'?" })
      }
    case .protected(let name, let offer):
      return Diagnostic(
        "'\(name)' belongs to the library and keeps its meaning", at: range,
        help: "take another name, such as '\(offer)'")
    case .outside(let keyword):
      let place = keyword == .return ? "a function" : "a loop"
      return Diagnostic("'\(keyword.rawValue)' belongs inside \(place)", at: range)
    case .includeInFunction:
      return Diagnostic(
        "'include' belongs outside functions", at: range,
        help: "include the file at the top, and call its functions here")
    case .missingFile(let path, let reason):
      let folders = SourceFile.searchPath
      return Diagnostic(
        "the file \"\(path)\" cannot be read: \(reason.lowercased())", at: range,
        help: folders.isEmpty || path.hasPrefix("/")
          ? nil : "it is neither here nor in MFS_PATH (\(folders.joined(separator: ", ")))")
    case .cycle(let files):
      return Diagnostic("this file includes itself: \(chain(files))", at: range)
    case .duplicateArgument(let name):
      return Diagnostic("the argument '\(name)' is given twice", at: range)
    case .call(let error, let callee, let arguments):
      return call(error, callee, at: range) { place in
        switch place {
        case .position(let index):
          let open = arguments.filter { $0.name == nil }
          return index < open.count ? open[index].range : nil
        case .name(let name): return arguments.last { $0.name == name }?.range
        }
      }
    case .noAnswer:
      return Diagnostic("there is no last answer yet", at: range)
    case .assertArguments:
      return Diagnostic(
        "'assert' takes a condition and a message", at: range,
        help: "as in assert(x > 0, \"x must be positive\")")
    }
  }

  private static func chain(_ files: [String]) -> String {
    files.map { path in
      path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }.joined(separator: " → ")
  }

  /// The words for a call that does not fit its signature.
  static func call(
    _ error: CallError, _ callee: Signature, at range: SourceRange,
    _ place: (ArgumentPlace) -> SourceRange?
  ) -> Diagnostic {
    let use = "the call is \(callee.text)"
    switch error {
    case .tooMany(let accepted, _, let at, _) where callee.name == "size" && accepted == 1:
      return Diagnostic(
        "'size' takes 1 argument", at: place(at) ?? range, "one too many",
        help: "rows(x) and cols(x) are the sides, size(x)[1] and size(x)[2] too")
    case .tooMany(2, _, let at, _) where callee.name == "min" || callee.name == "max":
      return Diagnostic(
        "'\(callee.name)' compares two values", at: place(at) ?? range, "one too many",
        help: "\(callee.name)([a, b, c]) takes any number of them")
    case .tooMany(let accepted, _, let at, let next):
      let count =
        accepted == 0 ? "no arguments" : accepted == 1 ? "1 argument" : "\(accepted) arguments"
      if let next {
        return Diagnostic(
          "'\(callee.name)' takes \(count) by position", at: place(at) ?? range,
          "one too many",
          help: next == "dim" ? dimensions : "what follows is given by name, as in \(next)=…")
      }
      return Diagnostic(
        "'\(callee.name)' takes \(count)", at: place(at) ?? range, "one too many", help: use)
    case .unknownName(let name, let at, _, _)
    where callee.name == "print" && ["end", "sep"].contains(name):
      return Diagnostic(
        "'print' has no parameter '\(name)'", at: place(at) ?? range,
        help: "it writes a line; a text sets the rest: print(\"{a}, {b}\")")
    case .unknownName(let name, let at, let nearest, let known):
      return Diagnostic(
        "'\(callee.name)' has no parameter '\(name)'", at: place(at) ?? range,
        help: unknownArgument(name, nearest, known, at: place(at)).help)
    case .duplicate(let name, let at):
      return Diagnostic(
        "the argument '\(name)' is given twice", at: place(at) ?? range, help: use)
    case .missing(let name, let takes):
      let what = takes == "value" ? "" : ", \(article(takes))"
      if let layer = layerWithoutInput(callee, name, at: range) {
        return Diagnostic(
          "a layer goes behind a network", at: range, help: "write input(n) |> \(layer)")
      }
      return Diagnostic("'\(callee.name)' needs '\(name)'\(what)", at: range, help: use)
    }
  }

  /// `a, b and c`, at most eight of them.
  static func list(_ names: [String]) -> String {
    let shown = names.prefix(8).map { "'\($0)'" }
    if names.count > 8 { return shown.joined(separator: ", ") + " …" }
    guard shown.count > 1, let last = shown.last else { return shown.joined() }
    return shown.dropLast().joined(separator: ", ") + " and " + last
  }

  /// A noun with its article.
  static func article(_ noun: String) -> String {
    if noun == "text" || noun == "values" || noun.hasPrefix("true") { return noun }
    return "aeiou".contains(noun.prefix(1)) ? "an \(noun)" : "a \(noun)"
  }
}
