import Synchronization

/// The one flag that stops a computation. A signal handler or another thread sets it; kernels and
/// loops look at it at least every few milliseconds of work and return early, with results that
/// are void. Whoever started the computation asks `isRequested` before it uses a result.
package enum Interrupt {
  /// Who or what stops a computation.
  package enum Reason: UInt8, Sendable {
    /// Ctrl-C, or nobody who reads what is written.
    case user
    /// The computation took longer than it may (`--max-seconds`).
    case time
    /// The process uses more memory than it may (`--max-memory`).
    case memory
  }

  private static let flag = Atomic<Bool>(false)
  private static let why = Atomic<UInt8>(Reason.user.rawValue)
  private static let shields = Atomic<Int>(0)

  /// Whether the running computation is to stop.
  package static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Why the computation is to stop; only of interest while `isRequested`.
  package static var reason: Reason { Reason(rawValue: why.load(ordering: .acquiring)) ?? .user }

  /// Asks the running computation to stop. Safe in a signal handler.
  package static func request() { flag.store(true, ordering: .releasing) }

  /// Asks the running computation to stop because a limit is reached.
  package static func request(because reason: Reason) {
    why.store(reason.rawValue, ordering: .releasing)
    flag.store(true, ordering: .releasing)
  }

  /// Forgets an earlier request: done when a prompt appears and when a computation starts.
  package static func clear() {
    flag.store(false, ordering: .relaxed)
    why.store(Reason.user.rawValue, ordering: .relaxed)
  }

  /// Forgets a stop that the user asked for; a limit stays reached.
  package static func forgetUser() { if reason == .user { clear() } }

  /// Whether kernels may return early: a stop is asked for and nobody needs their numbers. Those of
  /// a long call go on: it works on what they leave behind even when nobody waits for it any more.
  package static var abandonsKernels: Bool {
    isRequested && shields.load(ordering: .relaxed) <= 0 && !LongCall.isServedHere
  }

  /// Runs a step whose numbers must be whole even when a stop is asked for.
  package static func shieldingKernels<R>(_ body: () throws -> R) rethrows -> R {
    shields.wrappingAdd(1, ordering: .relaxed)
    defer { shields.wrappingSubtract(1, ordering: .relaxed) }
    return try body()
  }

  /// Runs a part of a shielded step whose numbers nobody needs once a stop is asked for.
  package static func exposingKernels<R>(_ body: () throws -> R) rethrows -> R {
    shields.wrappingSubtract(1, ordering: .relaxed)
    defer { shields.wrappingAdd(1, ordering: .relaxed) }
    return try body()
  }

  /// Throws `Interrupted` when a stop is asked for.
  package static func check() throws {
    if isRequested { throw Interrupted() }
  }
}

/// The computation was stopped by the user.
package struct Interrupted: Error, Equatable {
  package init() {}
}
