import Vocabulary

/// Included and imported files.
extension Resolver {
  func include(_ path: String, _ pathRange: SourceRange, _ range: SourceRange) -> Node {
    guard scope == nil else {
      note(.includeInFunction, at: range)
      return Constant(.nothing, range)
    }
    guard let (block, inner) = load(path, pathRange, into: namespace) else {
      return Constant(.nothing, range)
    }
    let node = inner.program(block)
    take(inner)
    return node
  }

  func module(_ path: String, _ pathRange: SourceRange) -> Module? {
    let full = SourceFile.canonical(SourceFile.path(path, from: source, machine.context))
    if let known = modules.byPath[full] { return known }
    let module = Module(path)
    guard let (block, inner) = load(path, pathRange, into: module.namespace) else { return nil }
    module.program = inner.program(block)
    take(inner)
    modules.byPath[full] = module
    return module
  }

  func take(_ inner: Resolver) {
    errors += inner.errors
    syntaxErrors += inner.syntaxErrors
    if inner.namespace === namespace {
      for (name, range) in inner.topNames where topNames[name] == nil { topNames[name] = range }
    }
  }

  /// Reads and parses a file; what is wrong with it is noted.
  func load(_ path: String, _ pathRange: SourceRange, into namespace: Namespace) -> (
    Block, Resolver
  )? {
    let place = SourceFile.path(path, from: source, machine.context)
    let full = SourceFile.canonical(place)
    if files.contains(full) {
      note(.cycle(files + [full]), at: pathRange)
      return nil
    }
    let (text, reason) = SourceFile.read(place)
    guard let text else {
      note(.missingFile(path, reason: reason), at: pathRange)
      return nil
    }
    let directory = place.lastIndex(of: "/").map { String(place[..<$0]) }
    let file = SourceText(name: path, text: text, directory: directory ?? machine.context.directory)
    let parsed = Parser.parse(file)
    guard parsed.errors.isEmpty else {
      syntaxErrors += parsed.errors
      return nil
    }
    let resolver = Resolver(
      file, library: library, machine: machine, namespace: namespace, modules: modules,
      isPrompt: false, files: files + [full], blocks: blocks)
    blocks.keep(parsed.block, at: pathRange)
    return (parsed.block, resolver)
  }
}
