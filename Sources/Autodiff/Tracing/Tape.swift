import Matrices

/// The record of one evaluation, from which gradients are found backwards: one step an operation,
/// in the order in which they happened.
///
/// Steps name their operands by place and never own each other: there are no cycles, the work
/// back is a loop over the steps, and a tape of a million steps is freed like any array.
///
/// A step is a few whole numbers. Small 64-bit matrices and numbers stand one behind the other in
/// `numbers`, and what is done with them is a code (`SmallStep`): recording one and going back
/// through it counts no references and takes no memory of its own, and the memory of a tape is used
/// again for the next one. Everything else (large matrices, 32 bits, operations without a code) has
/// its values and its rule in `large`. Both may be operands of each other.
///
/// A gradient inside a function whose gradient is taken opens the same tape once more. Its work
/// back is then recorded behind the steps it reads, because every rule is written in traced
/// operations itself; so gradients of gradients need no rules of their own.
package final class Tape: @unchecked Sendable {
  /// One operation.
  struct Step {
    var kind: SmallStep
    var function = ElementwiseFunction.exp
    /// Whether the result is a number rather than a matrix.
    var isNumber: Bool
    /// How many gradients were open around it: those further in do not depend on it.
    var level: Int32
    /// The places of the operands of a small step; -1 for none.
    var left: Int32 = -1
    var right: Int32 = -1
    var rows: Int32
    var columns: Int32
    /// Where the result stands in `numbers`; -1 of one that stands in `large`.
    var numbers = -1
    /// Where the operands and the rule stand in `large`; -1 of a small step.
    var large: Int32 = -1
    /// Which element of the operand it is, of the step that takes one.
    var element: Int32 = 0
  }

  /// An operand as it was: a constant, or the result of an earlier step.
  struct Operand {
    var value: Quantity
    /// The step it is the result of; -1 of a constant.
    var place: Int32
  }

  /// An operation that is not small: its result, what it was made of, and how a slope goes back.
  struct Large {
    var value: Quantity
    var left: Operand
    var right: Operand?
    /// The operands of an operation of many.
    var others: [Operand]?
    var rule: Rule
  }

  /// How many steps there are.
  package private(set) var count = 0
  private(set) var steps: UnsafeMutablePointer<Step>
  private var stepRoom = 64
  private(set) var numbers: UnsafeMutablePointer<Double>
  private(set) var numberCount = 0
  private var numberRoom = 256
  /// Slopes of small results, each where its result stands in `numbers`; made when going back.
  var slopes: UnsafeMutablePointer<Double>
  var slopeRoom = 0
  var large = ContiguousArray<Large>()
  /// How many gradients are being taken inside one another.
  private(set) var depth: Int32 = 0

  /// Memory of more steps, or more numbers, is given back rather than kept for the next tape.
  private static let worthKeeping = 1 << 16

  package init() {
    steps = .allocate(capacity: stepRoom)
    numbers = .allocate(capacity: numberRoom)
    slopes = .allocate(capacity: 0)
  }

  deinit {
    steps.deallocate()
    numbers.deallocate()
    slopes.deallocate()
  }

  /// Whether a gradient is being taken. What is left of a value afterwards is its number.
  package var isOpen: Bool { depth > 0 }

  /// Whether its memory may be used for another evaluation, once nobody else knows it.
  package var isWorthKeeping: Bool {
    stepRoom <= Self.worthKeeping && numberRoom <= Self.worthKeeping
  }

  /// Begins a gradient.
  package func open() { depth += 1 }

  /// Ends the innermost gradient; with the outermost all large results go. Small ones stay for
  /// those who still know the tape.
  package func close() {
    depth -= 1
    if depth == 0 { large.removeAll(keepingCapacity: large.capacity <= Self.worthKeeping) }
  }

  /// Forgets all steps; to be asked of a closed tape that nobody else knows.
  package func reset() { (count, numberCount) = (0, 0) }

  // MARK: Steps

  @inline(__always)
  func append(_ step: Step) -> Int32 {
    if count == stepRoom { growSteps() }
    (steps + count).initialize(to: step)
    count += 1
    return Int32(truncatingIfNeeded: count - 1)
  }

  private func growSteps() {
    let more = UnsafeMutablePointer<Step>.allocate(capacity: 2 * stepRoom)
    more.moveInitialize(from: steps, count: count)
    steps.deallocate()
    (steps, stepRoom) = (more, 2 * stepRoom)
  }

  /// Room for a result in `numbers`: where it begins.
  @inline(__always)
  func take(_ wanted: Int) -> Int {
    if numberCount + wanted > numberRoom { growNumbers(wanted) }
    defer { numberCount += wanted }
    return numberCount
  }

  private func growNumbers(_ wanted: Int) {
    let room = 2 * numberRoom + wanted
    let more = UnsafeMutablePointer<Double>.allocate(capacity: room)
    more.moveInitialize(from: numbers, count: numberCount)
    numbers.deallocate()
    (numbers, numberRoom) = (more, room)
  }

  /// Forgets the last steps.
  func cut(to wanted: Int) {
    while count > wanted {
      count -= 1
      if steps[count].large >= 0 { large.removeLast() }
    }
  }

  /// The numbers of a step whose result is small.
  @inline(__always)
  func block(_ step: Step) -> SmallBlock {
    SmallBlock(numbers + step.numbers, Int(step.rows), Int(step.columns))
  }

  /// The result of a step.
  package func value(at place: Int32) -> Quantity {
    let step = steps[Int(place)]
    guard step.numbers >= 0 else { return large[Int(step.large)].value }
    if step.isNumber { return .number(numbers[step.numbers]) }
    return .matrix(block(step).matrix)
  }

  /// The result of a step as a variable.
  package func trace(at place: Int32) -> Trace { Trace(value(at: place), self, place) }

  // MARK: Recording

  /// What a gradient is taken in: a value that the innermost gradient sees as a beginning, and the
  /// ones around it as what it was.
  package func leaf(_ variable: Trace) -> Int32 {
    let operand = operand(variable)
    if let place = given(variable.value, level: depth) {
      steps[Int(place)].left = operand.place
      return place
    }
    return append(
      Large(value: variable.value, left: operand, right: nil, others: nil, rule: .identity),
      level: depth)
  }

  /// The result of an operation.
  func record(_ value: Quantity, _ a: Trace, _ b: Trace?, _ rule: Rule) -> Trace {
    guard isOpen else { return Trace(value) }
    let left = operand(a)
    let right = b.map(operand)
    let level = max(level(of: left), right.map { self.level(of: $0) } ?? 0)
    guard level > 0 else { return Trace(value) }
    let large = Large(value: value, left: left, right: right, others: nil, rule: rule)
    return Trace(value, self, append(large, level: level))
  }

  /// The result of an operation of many operands.
  func record(_ value: Quantity, _ operands: [Trace], _ rule: Rule) -> Trace {
    let others = operands.map(operand)
    let level = others.reduce(0) { max($0, self.level(of: $1)) }
    guard isOpen, level > 0, let first = others.first else { return Trace(value) }
    let large = Large(value: value, left: first, right: nil, others: others, rule: rule)
    return Trace(value, self, append(large, level: level))
  }

  /// Notes an operation that is not small. A result that is may be an operand of small ones.
  private func append(_ operation: Large, level: Int32) -> Int32 {
    let index = Int32(truncatingIfNeeded: large.count)
    large.append(operation)
    if let place = given(operation.value, level: level) {
      steps[Int(place)].kind = .other
      steps[Int(place)].large = index
      return place
    }
    let shape = operation.value.shape
    return append(
      Step(
        kind: .other, isNumber: false, level: level, rows: Int32(shape.rows),
        columns: Int32(shape.columns), large: index))
  }

  /// A variable as an operand; what comes from another tape, or an earlier run, is a constant.
  private func operand(_ variable: Trace) -> Operand {
    let isOurs = variable.tape === self && variable.place < count
    return Operand(value: variable.value, place: isOurs ? variable.place : -1)
  }

  private func level(of operand: Operand) -> Int32 {
    operand.place < 0 ? 0 : steps[Int(operand.place)].level
  }
}
