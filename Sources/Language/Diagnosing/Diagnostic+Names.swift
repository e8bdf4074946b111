import Vocabulary

extension Diagnostic {
  /// The words for a name that does not fit.
  init(_ error: NameError) {
    self = Self.describe(error)
    code = error.kind.code
    fix = Self.fix(error)
  }

  private static func describe(_ error: NameError) -> Diagnostic {
    let range = error.range
    switch error.kind {
    case .unknown(let name, let nearest):
      if let foreign = foreignNames[name] ?? renamed[name].map({ "write \($0)" }) {
        return Diagnostic("there is no '\(name)' here", at: range, help: foreign)
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
    case .tooMany(let accepted, _, let at, let next):
      let count =
        accepted == 0 ? "no arguments" : accepted == 1 ? "1 argument" : "\(accepted) arguments"
      if let next {
        return Diagnostic(
          "'\(callee.name)' takes \(count) by position", at: place(at) ?? range,
          "one too many", help: "what follows is given by name, as in \(next)=…")
      }
      return Diagnostic(
        "'\(callee.name)' takes \(count)", at: place(at) ?? range, "one too many", help: use)
    case .unknownName(let name, let at, let nearest, let known):
      let help =
        name == "axis" && known.contains("dim")
        ? "dim=1 goes down the rows, dim=2 along them"
        : nearest.map { "did you mean '\($0)'?" }
          ?? (known.isEmpty ? nil : "it has \(list(known))")
      return Diagnostic(
        "'\(callee.name)' has no parameter '\(name)'", at: place(at) ?? range, help: help)
    case .duplicate(let name, let at):
      return Diagnostic(
        "the argument '\(name)' is given twice", at: place(at) ?? range, help: use)
    case .missing(let name, let takes):
      let what = takes == "value" ? "" : ", \(article(takes))"
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

  /// Names of other languages, with what is written here.
  static let foreignNames: [String: String] = [
    "True": "write true", "False": "write false", "TRUE": "write true", "FALSE": "write false",
    "None": "write nothing", "null": "write nothing", "NULL": "write nothing",
    "nil": "write nothing",
    "len": "write length(x), or rows(x) and cols(x)", "numel": "write length(x)",
    "shape": "write size(x)", "disp": "write print(x)", "println": "write print(x)",
    "printf": "write print with a hole: print(\"loss {x:.4}\")",
    "fprintf": "write print with a hole: print(\"loss {x:.4}\")",
    "sprintf": "write a text with a hole: \"loss {x:.4}\"",
    "str": "write a text with a hole: \"{x}\"", "num2str": "write a text with a hole: \"{x}\"",
    "string": "write a text with a hole: \"{x}\"", "strcat": "write a + b",
    "range": "write 1:n, or 1:2:n with a step", "arange": "write 1:n, or 1:2:n with a step",
    "matmul": "write A * B", "transpose": "write A'", "append": "write xs += {x}",
    "push": "write xs += {x}", "isempty": "write length(x) == 0",
    "float": "numbers need no conversion", "c": "write [1, 2, 3]",
    "int": "write floor(x) or round(x)", "array": "write [1, 2; 3, 4]",
    "matrix": "write [1, 2; 3, 4]", "vector": "write [1; 2; 3]",
    "np": "functions have no prefix: write zeros(3, 3)",
    "numpy": "functions have no prefix: write zeros(3, 3)",
    "torch": "functions have no prefix: write zeros(3, 3)",
    "math": "functions have no prefix: write sqrt(2)",
    "self": "functions belong to no object: write f(x)",
    "this": "functions belong to no object: write f(x)",
    "exit": "write :quit at the prompt", "quit": "write :quit at the prompt",
    "whos": "write :vars at the prompt", "who": "write :vars at the prompt",
    "and": "write a && b", "or": "write a || b", "not": "write !a", "xor": "write a != b",
    "raise": "write error(\"…\")", "throw": "write error(\"…\")",
    "argsort": "write sort(x, order=true).order", "sortperm": "write sort(x, order=true).order",
    "zeros_like": "write zeros(size(x))", "ones_like": "write ones(size(x))",
    "randperm": "write shuffle(1:n)", "fliplr": "write reverse(x, dim=2)",
    "arrayfun": "write map(x, f)", "cellfun": "write map(x, f)",
    "assertEqual": "write assert(a == b)",
    "Inf": "write inf", "NaN": "write nan", "NA": "write nan", "Infinity": "write inf",
    "PI": "write pi",
  ]
}
