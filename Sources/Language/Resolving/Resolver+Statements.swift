import Vocabulary

/// What statements mean.
extension Resolver {
  func statement(_ statement: Statement) -> Node {
    let range = statement.range
    switch statement.kind {
    case .expression(let expression):
      return self.expression(expression, isDirect: isDirect)
    case .assign(let pattern, let value):
      let site = machine.site(range)
      let node: Node
      if case .function(let function) = value.inner.kind, case .name(let name, _) = pattern {
        node = self.function(function, named: name, value.range)
      } else {
        node = self.expression(value)
      }
      if case .name(let name, let nameRange) = pattern {
        return Assignment(target(name, nameRange), node, site: site, range)
      }
      return Destructuring(targets(pattern), node, site: site, range)
    case .place(let root, let rootRange, let steps, let value):
      let target = target(root, rootRange)
      return PartAssignment(
        target, root: read(root, rootRange), self.steps(steps), expression(value), update: nil,
        site: machine.site(range), range)
    case .update(let root, let rootRange, let steps, let operation, let sign, let value):
      let target = target(root, rootRange)
      let current = read(root, rootRange)
      let right = expression(value)
      if steps.isEmpty {
        return Update(
          target, current: current,
          Calculation(operation, sign, current, right, range), site: machine.site(range), range)
      }
      return PartAssignment(
        target, root: current, self.steps(steps), right, update: (operation, sign),
        site: machine.site(range), range)
    case .define(let name, let nameRange, let function):
      let site = machine.site(SourceRange(source, range.lower, nameRange.upper))
      let target = target(name, nameRange)
      return Assignment(
        target, self.function(function, named: name, range), site: site, range)
    case .breakLoop, .continueLoop:
      let isBreak = if case .breakLoop = statement.kind { true } else { false }
      guard let loop = loops.last else {
        note(.outside(isBreak ? .break : .continue), at: range)
        return Constant(.nothing, range)
      }
      if !isDirect { loop.catchesJumps = true }
      return JumpNode(isBreak ? .broke : .continued, nil, throwsJump: !isDirect, range)
    case .returnValue(let value):
      guard let scope else {
        note(.outside(.return), at: range)
        return Constant(.nothing, range)
      }
      let node = value.map { expression($0) }
      if !isDirect { scope.returnsInside = true }
      return JumpNode(.returned, node, throwsJump: !isDirect, range)
    case .include(let path, let pathRange): return include(path, pathRange, range)
    case .importFile(let path, let pathRange, let name, let nameRange):
      let target = target(name, nameRange)
      guard let module = module(path, pathRange) else { return Constant(.nothing, range) }
      return ImportNode(module, target, site: machine.site(range), range)
    }
  }

  func targets(_ pattern: Pattern) -> [(name: String, target: Target)] {
    pattern.names.map { ($0.name, target($0.name, $0.range)) }
  }

  func steps(_ steps: [Statement.Step]) -> [PartAssignment.Step] {
    steps.map { step in
      switch step {
      case .field(let name, let range): .field(name, range)
      case .index(let indices, let usesEnd, let range):
        .index(self.indices(indices, usesEnd: usesEnd), range)
      }
    }
  }

  func indices(_ indices: [Expression], usesEnd: Bool) -> IndexList {
    IndexList(
      nodes: indices.map { index in
        if case .everything = index.kind { nil } else { expression(index) }
      }, ranges: indices.map(\.range), usesEnd: usesEnd)
  }
}
