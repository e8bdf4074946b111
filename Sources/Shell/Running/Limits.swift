import Matrices

/// What a computation may use: how long it may take, and how much memory the process may have.
package struct Limits: Sendable {
  /// How long one program, or one input of a prompt, may take.
  package var seconds: Double?
  /// The most bytes of the process.
  package var memory: Int?

  package init(seconds: Double? = nil, memory: Int? = nil) {
    self.seconds = seconds
    self.memory = memory
  }

  /// The bytes that a size spells: `2G`, `512MB`, `1.5GiB`, `4096`. Units are powers of 1024.
  package static func bytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    var unit = text.dropFirst(digits.count).lowercased()[...]
    if unit.hasSuffix("b") { unit = unit.dropLast() }
    if unit.hasSuffix("i"), unit.count > 1 { unit = unit.dropLast() }
    let units = ["", "k", "m", "g", "t"]
    guard let amount = Double(digits), let power = units.firstIndex(of: String(unit)) else {
      return nil
    }
    let bytes = amount * Double(1 << (10 * power))
    return bytes >= 1 && bytes < 1e15 ? Int(bytes) : nil
  }
}

/// Looks after one computation: asks it to stop when a limit is reached.
struct LimitWatch {
  private let limits: Limits
  private let start = ContinuousClock.now
  /// When the computation was asked to stop.
  private(set) var asked: ContinuousClock.Instant?

  /// How often memory is looked at when somebody has set a limit, and when only the machine has.
  private static let pause = (limited: 20, unlimited: 200)
  /// What has to stay free when nobody has set a limit: less, and the system ends processes.
  private static let reserve = 256 << 20
  /// A process this small is not what fills the machine.
  private static let innocent = 1 << 30
  /// After so long a computation that was asked to stop does not listen.
  private static let patience = Duration.seconds(2)

  init(_ limits: Limits) {
    self.limits = limits
    Memory.limit = limits.memory ?? Int.max
  }

  /// How long the main thread may sleep before it has to look again.
  var milliseconds: Int32 {
    let pause = limits.memory == nil ? Self.pause.unlimited : Self.pause.limited
    guard asked == nil, let seconds = limits.seconds else { return Int32(pause) }
    let left = Duration.seconds(seconds) - (ContinuousClock.now - start)
    return Int32(max(1, min(Double(pause), (left / .milliseconds(1)).rounded(.up))))
  }

  /// Asks the computation to stop if a limit is reached.
  mutating func look() {
    guard asked == nil else { return }
    if let seconds = limits.seconds, ContinuousClock.now - start >= .seconds(seconds) {
      stop(because: .time)
    } else if isOutOfMemory {
      stop(because: .memory)
    }
  }

  /// Whether the computation goes on long after it was asked to stop.
  var isIgnored: Bool { asked.map { ContinuousClock.now - $0 > Self.patience } ?? false }

  private mutating func stop(because reason: Interrupt.Reason) {
    Interrupt.request(because: reason)
    asked = .now
  }

  private var isOutOfMemory: Bool {
    let resident = Memory.resident
    if let limit = limits.memory { return resident > limit }
    return resident > Self.innocent && Memory.available < Self.reserve
  }
}
