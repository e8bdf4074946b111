import Matrices

/// The record of one evaluation, from which gradients are found backwards: one entry an operation,
/// in the order in which they happened.
///
/// Entries name their operands by place and never own each other: there are no cycles, the work
/// back is a loop over the entries, and a tape of a million entries is freed like any array.
///
/// A gradient inside a function whose gradient is taken opens the same tape once more. Its work
/// back is then recorded behind the entries it reads, because every rule is written in traced
/// operations itself; so gradients of gradients need no rules of their own.
package final class Tape: @unchecked Sendable {
  /// An operand as it was: a constant, or the result of an earlier entry.
  struct Operand {
    var value: Quantity
    /// The entry it is the result of; -1 of a constant.
    var place: Int32
  }

  /// One operation: its result, what it was made of, and how a slope goes back through it.
  struct Entry {
    var value: Quantity
    /// How many gradients were open around it: those further in do not depend on it.
    var level: Int32
    var left: Operand
    var right: Operand?
    /// The operands of an operation of many.
    var others: [Operand]?
    var rule: Rule
  }

  private(set) var entries = ContiguousArray<Entry>()
  /// How many gradients are being taken inside one another.
  private var depth: Int32 = 0

  package init() {}

  /// Whether a gradient is being taken. What is left of a value afterwards is its number.
  package var isOpen: Bool { depth > 0 }

  /// How many entries there are.
  package var count: Int { entries.count }

  /// Begins a gradient.
  package func open() { depth += 1 }

  /// Ends the innermost gradient; with the outermost all entries go.
  package func close() {
    depth -= 1
    if depth == 0 { entries = [] }
  }

  /// What a gradient is taken in: a value that the innermost gradient sees as a beginning, and the
  /// ones around it as what it was.
  package func leaf(_ variable: Trace) -> Trace {
    append(
      variable.value,
      Entry(
        value: variable.value, level: depth, left: operand(variable), right: nil, others: nil,
        rule: .identity))
  }

  /// The result of an operation.
  @inline(__always)
  func record(_ value: Quantity, _ a: Trace, _ b: Trace?, _ rule: Rule) -> Trace {
    guard isOpen else { return Trace(value) }
    let left = operand(a)
    let right = b.map(operand)
    let level = max(level(of: left), right.map { self.level(of: $0) } ?? 0)
    guard level > 0 else { return Trace(value) }
    return append(
      value,
      Entry(value: value, level: level, left: left, right: right, others: nil, rule: rule))
  }

  /// The result of an operation of many operands.
  func record(_ value: Quantity, _ operands: [Trace], _ rule: Rule) -> Trace {
    let others = operands.map(operand)
    let level = others.reduce(0) { max($0, self.level(of: $1)) }
    guard isOpen, level > 0, let first = others.first else { return Trace(value) }
    return append(
      value,
      Entry(value: value, level: level, left: first, right: nil, others: others, rule: rule))
  }

  private func append(_ value: Quantity, _ entry: Entry) -> Trace {
    entries.append(entry)
    return Trace(value, self, Int32(truncatingIfNeeded: entries.count - 1))
  }

  /// A variable as an operand; what comes from another tape, or an earlier run, is a constant.
  @inline(__always)
  private func operand(_ variable: Trace) -> Operand {
    let isOurs = variable.tape === self && variable.place < entries.count
    return Operand(value: variable.value, place: isOurs ? variable.place : -1)
  }

  @inline(__always)
  private func level(of operand: Operand) -> Int32 {
    operand.place < 0 ? 0 : entries[Int(operand.place)].level
  }

  // MARK: Backwards

  /// The gradients of a single number in the leaves, which lie behind each other in `leaves`; zeros
  /// where it does not depend on one. Costs a small multiple of the work forward; the outermost
  /// gradient gives back every entry as it goes.
  package func gradients(of end: Trace, in leaves: Range<Int>) throws -> [Trace] {
    let start = leaves.lowerBound
    let isRecording = depth > 1
    let last = end.tape === self ? Int(end.place) : -1
    var slopes = ContiguousArray<Trace?>(
      repeating: nil, count: max(last + 1 - start, leaves.count))
    if last >= start { slopes[last - start] = Trace(.number(1)) }
    if !isRecording, entries.count > max(last + 1, leaves.upperBound) {
      entries.removeSubrange(max(last + 1, leaves.upperBound)...)
    }
    var place = last
    while place >= leaves.upperBound {
      if Interrupt.isRequested { throw Interrupted() }
      let entry = isRecording ? entries[place] : entries.removeLast()
      if entry.level >= depth, let slope = slopes[place - start].take() {
        try pass(slope, back: entry, place, from: start, isRecording, &slopes)
      }
      place -= 1
    }
    return leaves.map { leaf in
      let value = entries[leaf].value
      return (slopes[leaf - start] ?? Trace(.number(0))).filling(value)
    }
  }

  /// Hands the slope of a result on to what it was made of.
  @inline(__always)
  private func pass(
    _ slope: Trace, back entry: Entry, _ place: Int, from start: Int, _ isRecording: Bool,
    _ slopes: inout ContiguousArray<Trace?>
  ) throws {
    func variable(_ operand: Operand) -> Trace {
      isRecording && operand.place >= 0
        ? Trace(operand.value, self, operand.place) : Trace(operand.value)
    }
    func isWanted(_ operand: Operand) -> Bool {
      operand.place >= start && entries[Int(operand.place)].level >= depth
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
    let result =
      isRecording
      ? Trace(entry.value, self, Int32(truncatingIfNeeded: place)) : Trace(entry.value)
    var pull = Pull(
      slope: slope, a: variable(entry.left), b: entry.right.map(variable), y: result)
    if let others = entry.others {
      for (position, operand) in others.enumerated() where isWanted(operand) {
        pull.position = position
        pull.a = variable(operand)
        add(try entry.rule.left(pull), to: operand)
      }
      return
    }
    if isWanted(entry.left) { add(try entry.rule.left(pull), to: entry.left) }
    if let right = entry.right, isWanted(right), let rule = entry.rule.right {
      add(try rule(pull), to: right)
    }
  }
}
