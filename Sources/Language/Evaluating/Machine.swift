import CProcessor
import Glibc
import Matrices
import Vocabulary

/// A place for a value: a variable of a function or of a program.
struct Slot {
  // Spelled out: a `Value?` would be made empty before it is given its value.
  var value: Optional<Value> { didSet { view = nil } }
  /// Where it was last assigned: an index into `Machine.sites`, -1 for nowhere.
  var site: Int32
  /// The small matrix that the value is, once somebody has looked at it where it lies: a look again
  /// need not count references.
  fileprivate(set) var view: Optional<SmallMatrix>

  /// A variable that nothing was assigned to.
  static var empty: Slot { Slot(value: nil, site: -1) }

  init(value: Value?, site: Int32) {
    self.value = value
    self.site = site
    view = nil
  }
}

extension UnsafeMutablePointer<Slot> {
  /// The small matrix in a variable; good until something else is assigned.
  @inline(__always)
  var view: SmallMatrix? {
    if let known = pointee.view { return known }
    guard case .matrix(let matrix)? = pointee.value else { return nil }
    pointee.view = .seeing(matrix)
    return pointee.view
  }
}

/// A variable that lives longer than a call: one of a program, or one that a function captured.
final class Variable {
  let name: String
  /// Its memory. A pointer, because every access to a field of a class is checked for overlaps.
  let slot: UnsafeMutablePointer<Slot>

  init(_ name: String, _ value: Value? = nil, site: Int32 = -1) {
    self.name = name
    slot = .allocate(capacity: 1)
    slot.initialize(to: Slot(value: value, site: site))
  }

  deinit {
    slot.deinitialize(count: 1)
    slot.deallocate()
  }
}

/// The variables that one running function sees. Passed by value, in registers.
struct Frame {
  /// Its own variables that nobody captures.
  let locals: UnsafeMutablePointer<Slot>
  /// Its own variables that others capture, then what it captured.
  let cells: UnsafeMutablePointer<Variable>
  let machine: Machine
}

/// How a statement ended.
enum Signal: UInt8 {
  case none, broke, continued, returned
}

/// A jump out of the middle of an expression. Statements use `Signal`, which is cheaper.
struct Jump: Error {
  var signal: Signal
  var value: Value
}

/// The state of evaluation that is not in variables: the stack, the depth, the jump on its way.
final class Machine: @unchecked Sendable {
  let context: Context
  /// The local variables of all open calls.
  let stack: UnsafeMutablePointer<Slot>
  private(set) var top = 0
  let signal: UnsafeMutablePointer<Signal>
  /// The cells of what captures nothing.
  let noCells = UnsafeMutablePointer<Variable>.allocate(capacity: 1)
  /// The calls that are open.
  private(set) var depth = 0
  /// All places where something is assigned.
  private(set) var sites: [SourceRange] = []
  /// What `end` means in the indices that are open.
  var ends: [Int] = []
  /// Whether the block that gave the last value at the top ended in something silent.
  var isQuiet = false
  /// Functions that calls remember: one at most for every call in the text of the programs.
  private var kept: [UserFunction] = []
  private var thread: pthread_t?
  private var lowestAddress: UInt = 0

  /// Slots for local variables: 32 MB of addresses, of which a program touches what it needs.
  private static let stackSize = 1 << 20
  /// Open calls of functions written in the language.
  static let deepestCalls = 10_000
  /// What must be left of the thread's stack for builtins, which do not ask.
  private static let reserve: UInt = 4 << 20
  /// What may be used of a thread's stack whose size nobody knows.
  private static let smallStack: UInt = 2 << 20

  init(context: Context) {
    self.context = context
    stack = .allocate(capacity: Self.stackSize)
    signal = .allocate(capacity: 1)
    signal.initialize(to: .none)
  }

  deinit {
    stack.deallocate()
    signal.deallocate()
    noCells.deallocate()
  }

  /// Keeps a function as long as there are programs that call it.
  func keep(_ function: UserFunction) { kept.append(function) }

  /// Lets go of those functions, which hold the machine, when no program can run any more.
  func letGo() { kept = [] }

  /// A number for a place where something is assigned.
  func site(_ range: SourceRange) -> Int32 {
    sites.append(range)
    return Int32(truncatingIfNeeded: sites.count - 1)
  }

  /// Where the value of a slot comes from.
  func origin(_ site: Int32) -> SourceRange? {
    site >= 0 && site < sites.count ? sites[Int(site)] : nil
  }

  /// Learns where the stack of this thread ends.
  func enterThread() {
    let current = pthread_self()
    guard thread != current else { return }
    thread = current
    var marker: UInt8 = 0
    let here = withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
    let lowest = LargeStack.lowestAddress ?? here - Self.smallStack
    // A small stack keeps half for builtins.
    lowestAddress = lowest + min(Self.reserve, (here - lowest) / 2)
  }

  /// Opens a call with room for its variables, which whoever opens it makes; `nil` when too many
  /// calls are open.
  @inline(__always)
  func open(slots: Int) -> UnsafeMutablePointer<Slot>? {
    guard depth < Self.deepestCalls, top &+ slots <= Self.stackSize,
      UInt(bitPattern: mfs_stack_address()) > lowestAddress
    else { return nil }
    let locals = stack + top
    top &+= slots
    depth &+= 1
    return locals
  }

  /// Closes the call that was opened last, of whose variables the first `made` were made.
  @inline(__always)
  func close(_ locals: UnsafeMutablePointer<Slot>, slots: Int, made: Int) {
    top &-= slots
    depth &-= 1
    for index in 0..<made {
      switch locals[index].value {
      case nil, .number, .boolean, .nothing: break
      default: (locals + index).deinitialize(count: 1)
      }
    }
  }

  /// Runs a body without variables of its own: a whole program.
  func withFrame<R>(_ body: (Frame) throws -> R) throws -> R {
    guard let locals = open(slots: 0) else { throw TooDeep() }
    defer { close(locals, slots: 0, made: 0) }
    return try body(Frame(locals: locals, cells: noCells, machine: self))
  }

  /// Forgets everything that an error may have left half done.
  func reset() {
    signal.pointee = .none
    ends.removeAll()
    isQuiet = false
  }
}

/// Too many calls are open.
struct TooDeep: Error {}
