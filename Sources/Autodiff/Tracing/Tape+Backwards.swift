import Matrices

/// Going back through the steps.
extension Tape {
  /// The gradients of a single number in the leaves, which lie behind each other in `leaves`; zeros
  /// where it does not depend on one. Costs a small multiple of the work forward; the outermost
  /// gradient gives back every large result as it goes.
  package func gradients(of end: Trace, in leaves: Range<Int>) throws -> [Trace] {
    let last = end.tape === self ? Int(end.place) : -1
    if depth > 1 { return try recordedGradients(from: last, in: leaves) }
    cut(to: max(last + 1, leaves.upperBound))
    return try withUnsafeTemporaryAllocation(
      of: Bool.self, capacity: count - leaves.lowerBound
    ) { marks in
      guard let marks = marks.baseAddress else { return [] }
      marks.initialize(repeating: false, count: count - leaves.lowerBound)
      var way = Way(start: leaves.lowerBound, marks: marks)
      clearSlopes()
      if last >= leaves.lowerBound {
        marks[last - way.start] = true
        if steps[last].numbers >= 0 {
          slopes[steps[last].numbers] = 1
        } else {
          way.slopes[last] = Trace(.number(1))
        }
      }
      var place = last
      while place >= leaves.upperBound {
        if Interrupt.isRequested { throw Interrupted() }
        let step = steps[place]
        let operation = step.large >= 0 ? large.removeLast() : nil
        if marks[place - way.start], step.level >= depth {
          if let operation {
            let slope =
              step.numbers >= 0 ? slopeTrace(step) : way.slopes.removeValue(forKey: place)
            if let slope { try pass(slope, back: operation, &way) }
          } else {
            pass(step, way)
          }
        }
        place -= 1
      }
      return leaves.map { leaf in
        let step = steps[leaf]
        if step.numbers >= 0 { return slopeTrace(step) }
        let slope = way.slopes[leaf] ?? Trace(.number(0))
        return slope.filling(value(at: Int32(truncatingIfNeeded: leaf)))
      }
    }
  }

  /// The way back of an outermost gradient.
  private struct Way {
    /// The first leaf.
    let start: Int
    /// The results from there on that something has been handed to.
    let marks: UnsafeMutablePointer<Bool>
    /// Slopes of large results.
    var slopes: [Int: Trace] = [:]
  }

  private func clearSlopes() {
    if slopeRoom < numberCount {
      slopes.deallocate()
      slopeRoom = max(256, numberCount + numberCount / 2)
      slopes = .allocate(capacity: slopeRoom)
    }
    slopes.initialize(repeating: 0, count: numberCount)
  }

  /// The slope of a small result.
  @inline(__always)
  private func slope(_ step: Step) -> SmallBlock {
    SmallBlock(slopes + step.numbers, Int(step.rows), Int(step.columns))
  }

  private func slopeTrace(_ step: Step) -> Trace {
    step.isNumber ? Trace(slopes[step.numbers]) : Trace(slope(step).matrix)
  }

  @inline(__always)
  private func isWanted(_ place: Int32, _ way: Way) -> Bool {
    place >= way.start && steps[Int(place)].level >= depth
  }

  // MARK: Small steps

  /// Hands the slope of a small step on to what it was made of.
  private func pass(_ step: Step, _ way: Way) {
    @inline(__always)
    func target(_ place: Int32) -> UnsafeMutablePointer<Double>? {
      guard isWanted(place, way) else { return nil }
      way.marks[Int(place) - way.start] = true
      return slopes + steps[Int(place)].numbers
    }
    let slope = slope(step)
    switch step.kind {
    case .given:
      guard let target = target(step.left) else { return }
      for i in 0..<slope.count { target[i] += slope.address[i] }
    case .add, .subtract, .multiply, .divide, .power:
      slope.pass(
        step.kind, block(steps[Int(step.left)]), block(steps[Int(step.right)]), block(step),
        toLeft: target(step.left), toRight: target(step.right))
    case .product:
      slope.pass(
        product: block(steps[Int(step.left)]), block(steps[Int(step.right)]),
        toLeft: target(step.left), toRight: target(step.right))
    case .transposition:
      if let target = target(step.left) { slope.pass(transposing: target) }
    case .total, .mean:
      guard let target = target(step.left) else { return }
      let operand = steps[Int(step.left)]
      let count = Int(operand.rows * operand.columns)
      let whole = slope.address[0]
      SmallBlock(target, Int(operand.rows), Int(operand.columns))
        .add(step.kind == .mean ? whole / Double(count) : whole)
    case .element:
      if let target = target(step.left) { target[Int(step.element)] += slope.address[0] }
    case .function:
      guard let target = target(step.left) else { return }
      slope.pass(step.function, block(steps[Int(step.left)]), block(step), to: target)
    case .other: break
    }
  }

  // MARK: Operations with a rule

  /// Hands the slope of a result on to what it was made of.
  private func pass(_ slope: Trace, back operation: Large, _ way: inout Way) throws {
    var pull = Pull(
      slope: slope, a: Trace(operation.left.value),
      b: operation.right.map { Trace($0.value) }, y: Trace(operation.value))
    if let others = operation.others {
      for (position, operand) in others.enumerated() where isWanted(operand.place, way) {
        pull.position = position
        pull.a = Trace(operand.value)
        add(try operation.rule.left(pull), to: operand, &way)
      }
      return
    }
    if isWanted(operation.left.place, way) {
      if let part = operation.rule.part, steps[Int(operation.left.place)].numbers < 0 {
        add(pull.full, at: part, of: operation.left, &way)
      } else {
        add(try operation.rule.left(pull), to: operation.left, &way)
      }
    }
    if let right = operation.right, isWanted(right.place, way), let rule = operation.rule.right {
      add(try rule(pull), to: right, &way)
    }
  }

  /// Adds the slope of a part of a large result.
  private func add(
    _ slope: Trace, at part: (rows: [Int], columns: [Int]), of operand: Operand, _ way: inout Way
  ) {
    let place = Int(operand.place)
    way.marks[place - way.start] = true
    var known = (way.slopes.removeValue(forKey: place) ?? Trace(0)).filling(operand.value)
    known.accumulate(slope.value.matrix, rows: part.rows, columns: part.columns)
    way.slopes[place] = known
  }

  private func add(_ slope: Trace, to operand: Operand, _ way: inout Way) {
    let place = Int(operand.place)
    way.marks[place - way.start] = true
    let step = steps[place]
    let part = operand.value.isNumber && !slope.value.isNumber ? slope.total : slope
    if step.numbers >= 0 {
      let target = self.slope(step)
      switch part.value {
      case .number(let number): target.add(number)
      case .matrix(let matrix): target.add(matrix)
      }
      return
    }
    if var known = way.slopes.removeValue(forKey: place) {
      known.accumulate(part)
      way.slopes[place] = known
    } else {
      way.slopes[place] = part
    }
  }

  // MARK: Gradients inside of gradients

  /// The same where the work back is recorded for the gradient around it: every step by its rule.
  private func recordedGradients(from last: Int, in leaves: Range<Int>) throws -> [Trace] {
    let start = leaves.lowerBound
    var slopes = ContiguousArray<Trace?>(
      repeating: nil, count: max(last + 1 - start, leaves.count))
    if last >= start { slopes[last - start] = Trace(.number(1)) }
    var place = last
    while place >= leaves.upperBound {
      if Interrupt.isRequested { throw Interrupted() }
      let step = steps[place]
      if step.level >= depth, let slope = slopes[place - start].take() {
        try recordPass(slope, back: place, step, start, &slopes)
      }
      place -= 1
    }
    return leaves.map { leaf in
      let value = value(at: Int32(truncatingIfNeeded: leaf))
      return (slopes[leaf - start] ?? Trace(.number(0))).filling(value)
    }
  }

  private func recordPass(
    _ slope: Trace, back place: Int, _ step: Step, _ start: Int,
    _ slopes: inout ContiguousArray<Trace?>
  ) throws {
    let operation = operation(of: step)
    func variable(_ operand: Operand) -> Trace {
      operand.place >= 0 ? Trace(operand.value, self, operand.place) : Trace(operand.value)
    }
    func isWanted(_ operand: Operand) -> Bool {
      operand.place >= start && steps[Int(operand.place)].level >= depth
    }
    func add(_ slope: Trace, to operand: Operand) {
      let part = operand.value.isNumber && !slope.value.isNumber ? slope.total : slope
      let index = Int(operand.place) - start
      if var known = slopes[index].take() {
        known.accumulate(part)
        slopes[index] = known
      } else {
        slopes[index] = part
      }
    }
    var pull = Pull(
      slope: slope, a: variable(operation.left), b: operation.right.map(variable),
      y: Trace(operation.value, self, Int32(truncatingIfNeeded: place)))
    if let others = operation.others {
      for (position, operand) in others.enumerated() where isWanted(operand) {
        pull.position = position
        pull.a = variable(operand)
        add(try operation.rule.left(pull), to: operand)
      }
      return
    }
    if isWanted(operation.left) { add(try operation.rule.left(pull), to: operation.left) }
    if let right = operation.right, isWanted(right), let rule = operation.rule.right {
      add(try rule(pull), to: right)
    }
  }

  /// A step with its operands and its rule.
  private func operation(of step: Step) -> Large {
    if step.large >= 0 { return large[Int(step.large)] }
    let right = step.right >= 0 ? operand(at: step.right) : nil
    return Large(
      value: step.isNumber ? .number(numbers[step.numbers]) : .matrix(block(step).matrix),
      left: operand(at: step.left), right: right, others: nil, rule: rule(of: step))
  }

  private func operand(at place: Int32) -> Operand {
    place >= 0
      ? Operand(value: value(at: place), place: place)
      : Operand(value: .number(0), place: -1)
  }

  /// The rule in traced operations of a small step.
  private func rule(of step: Step) -> Rule {
    switch step.kind {
    case .given, .other: return .identity
    case .add: return .plus
    case .subtract: return .minus
    case .multiply: return .times
    case .divide: return .over
    case .power: return .power
    case .product: return .product
    case .transposition: return .transposition
    case .total: return .total
    case .mean:
      let operand = steps[Int(step.left)]
      return .mean(of: Int(operand.rows * operand.columns))
    case .element:
      let columns = Int(steps[Int(step.left)].columns)
      return .picking([Int(step.element) / columns], [Int(step.element) % columns])
    case .function: return .map(step.function)
    }
  }
}
