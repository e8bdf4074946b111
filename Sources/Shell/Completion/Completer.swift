import Glibc
import Matrices
import Vocabulary

/// Finds what could stand at the cursor. It looks names up and reads folders; it never runs what
/// the user wrote.
package struct Completer {
  /// What can be called.
  package var library: Library
  /// What the session has defined.
  package var variables: [(name: String, value: Value)]
  /// The words of the grammar.
  package var keywords: [String]
  /// Names after a colon at the beginning of a line.
  package var commands: [String]
  /// The folder against which relative paths are read.
  package var directory: String

  /// A completer for what a session knows now.
  package init(
    library: Library, variables: [(name: String, value: Value)] = [], keywords: [String] = [],
    commands: [String] = [], directory: String = "."
  ) {
    self.library = library
    self.variables = variables
    self.keywords = keywords
    self.commands = commands
    self.directory = directory
  }

  /// What could follow `before`, the text from the beginning of the input to the cursor.
  package func complete(_ before: String) -> Completions {
    if before.hasPrefix(":") { return completeCommand(before) }
    if before.hasPrefix("?") {
      let typed = String(before.drop { $0 == "?" || $0 == " " })
      return Completions(typed: typed, candidates: library.names.sorted().map { .init($0) })
    }
    let place = CursorPlace(before)
    switch place.kind {
    case .nothing: return .none
    case .field(let chain): return fields(of: chain, typed: place.word)
    case .text: return texts(at: place)
    case .name: return names(at: place)
    }
  }

  // MARK: Commands

  private func completeCommand(_ before: String) -> Completions {
    guard let space = before.firstIndex(of: " ") else {
      return Completions(
        typed: before, candidates: commands.sorted().map { .init(":\($0)") })
    }
    guard before[..<space] == ":help" else {
      return complete(String(before[before.index(after: space)...]))
    }
    let typed = String(before[before.index(after: space)...].drop { $0 == " " })
    return Completions(typed: typed, candidates: library.names.sorted().map { .init($0) })
  }

  // MARK: Names

  private func names(at place: CursorPlace) -> Completions {
    var candidates: [Completions.Candidate] = []
    if let call = place.call, call.keyword == nil, let signature = signature(of: call.function) {
      candidates += keywordArguments(of: signature, given: call.given)
    }
    // A bare list of everything is no help; a call is not bare.
    guard !place.word.isEmpty || !candidates.isEmpty else { return .none }
    if !place.word.isEmpty {
      let known =
        variables.map(\.name) + library.names + library.constants.keys + keywords
      candidates += Set(known).sorted().map { .init($0) }
    }
    return Completions(typed: place.word, candidates: candidates)
  }

  private func signature(of name: String) -> Signature? {
    if let value = variables.first(where: { $0.name == name })?.value {
      if case .function(let function) = value { return function.signature }
      return nil
    }
    return library[name]?.signature
  }

  private func keywordArguments(
    of signature: Signature, given: [String]
  ) -> [Completions.Candidate] {
    signature.parameters
      .filter { ($0.isOptional || !$0.isPositional) && !given.contains($0.name) && !$0.takesRest }
      .map { parameter in
        Completions.Candidate(
          parameter.name + "=", shown: parameter.written,
          suffix: parameter.choices.isEmpty ? "" : "\"")
      }
  }

  // MARK: Fields

  private func fields(of chain: [String], typed: String) -> Completions {
    guard var value = variables.first(where: { $0.name == chain[0] })?.value else { return .none }
    for name in chain.dropFirst() {
      guard let inner = value.field(named: name) else { return .none }
      value = inner
    }
    return Completions(typed: typed, candidates: value.fieldNames.map { .init($0) })
  }

  // MARK: Texts

  private func texts(at place: CursorPlace) -> Completions {
    if let call = place.call, let parameter = parameter(of: call), !parameter.choices.isEmpty {
      return Completions(
        typed: place.word, candidates: parameter.choices.map { .init($0, suffix: "\"") })
    }
    guard takesFile(place) else { return .none }
    return files(place.word)
  }

  private func parameter(of call: CursorPlace.Call) -> ParameterInfo? {
    guard let parameters = signature(of: call.function)?.parameters else { return nil }
    if let keyword = call.keyword { return parameters.first { $0.name == keyword } }
    let positional = parameters.filter(\.isPositional)
    return call.index < positional.count ? positional[call.index] : nil
  }

  private static let fileParameters: Set = ["path", "file", "folder", "filename"]

  private func takesFile(_ place: CursorPlace) -> Bool {
    guard let call = place.call else { return place.leader == "import" }
    if call.function == "include" || call.function == "import" { return true }
    guard let parameter = parameter(of: call) else { return false }
    return Self.fileParameters.contains(parameter.name)
  }

  private func files(_ typed: String) -> Completions {
    let slash = typed.lastIndex(of: "/")
    let folder = slash.map { String(typed[...$0]) } ?? ""
    let start = folder.hasPrefix("/") ? folder : "\(directory)/\(folder)"
    guard let stream = opendir(start) else { return .none }
    defer { closedir(stream) }
    let wantsHidden = typed.dropFirst(folder.count).hasPrefix(".")
    var candidates: [Completions.Candidate] = []
    while let entry = readdir(stream), candidates.count < 10_000 {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name != ".", name != "..", name.hasPrefix(".") == wantsHidden else { continue }
      let isFolder = entry.pointee.d_type == UInt8(DT_DIR)
      candidates.append(
        Completions.Candidate(
          folder + name + (isFolder ? "/" : ""), shown: name + (isFolder ? "/" : ""),
          suffix: isFolder ? "" : "\""))
    }
    return Completions(typed: typed, candidates: candidates.sorted { $0.word < $1.word })
  }
}

extension Value {
  /// The names that `.` knows.
  var fieldNames: [String] {
    switch self {
    case .record(let record): record.keys
    case .object(let object): object.fieldNames
    case .nothing, .boolean, .number, .text, .matrix, .range, .list, .function: []
    }
  }

  func field(named name: String) -> Value? {
    switch self {
    case .record(let record): record[name]
    case .object(let object): object.field(name)
    case .nothing, .boolean, .number, .text, .matrix, .range, .list, .function: nil
    }
  }
}

extension ParameterInfo {
  /// The parameter as a signature shows it: `rank`, `iterations=200`, `loss="kl"`.
  var written: String {
    if takesRest { return "\(name)…" }
    guard let standard else { return isOptional || !isPositional ? "\(name)=" : name }
    return "\(name)=\(standard.written)"
  }
}

extension Value {
  /// A default as it would be typed.
  var written: String {
    switch self {
    case .nothing: "nothing"
    case .boolean(let truth): truth ? "true" : "false"
    case .number(let number): NumberFormat.short(number)
    case .text(let text): "\"\(text)\""
    case .matrix, .range, .list, .record, .function, .object: label
    }
  }
}
