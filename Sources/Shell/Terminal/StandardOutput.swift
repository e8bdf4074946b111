import Glibc
import Matrices
import Synchronization

/// Standard output with a buffer of our own, so that a full disk and a closed pipe are noticed and
/// what goes to standard error keeps its place in the order.
package final class StandardOutput: Sendable {
  package static let shared = StandardOutput(STDOUT_FILENO)

  private struct State {
    var buffer: [UInt8] = []
    var flushed = ContinuousClock.now
    var failure: Int32?
  }

  private let descriptor: Int32
  private let isTerminal: Bool
  private let state = Mutex(State())

  private static let capacity = 1 << 16
  /// Somebody who watches a pipe sees news at least this often.
  private static let patience = Duration.milliseconds(100)

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    isTerminal = Terminal.isTerminal(descriptor)
  }

  /// Why output can no longer be written: an error number, or `nil`. After a failure everything
  /// is dropped, and the running computation is asked to stop.
  package var failure: Int32? { state.withLock { $0.failure } }

  /// Adds text, to be written soon.
  package func write(_ text: String) {
    state.withLock { state in
      guard state.failure == nil else { return }
      state.buffer.append(contentsOf: text.utf8)
      let isDue =
        isTerminal || state.buffer.count >= Self.capacity
        || ContinuousClock.now - state.flushed > Self.patience
      if isDue { flush(&state) }
    }
  }

  /// Writes what is still in the buffer.
  package func flush() { state.withLock { flush(&$0) } }

  private func flush(_ state: inout State) {
    guard !state.buffer.isEmpty, state.failure == nil else { return }
    state.failure = writeAll(state.buffer, to: descriptor)
    state.buffer.removeAll(keepingCapacity: true)
    state.flushed = .now
    if state.failure != nil { Interrupt.request() }
  }
}

/// Writes to standard error, after everything that was said on standard output before.
package func writeError(_ text: String) {
  StandardOutput.shared.flush()
  _ = writeAll(Array(text.utf8), to: STDERR_FILENO)
}

/// Writes all bytes; returns an error number, or `nil` when they are out.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
  bytes.withUnsafeBytes { bytes in
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      if count >= 0 {
        done += count
      } else if errno == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}

/// What the system said no with.
package struct SystemError: Error, CustomStringConvertible {
  package let number: Int32

  package var description: String { String(cString: strerror(number)) }
}

/// Reads everything up to the end. A negative descriptor, from an `open` that failed, tells why.
package func readAll(from descriptor: Int32) throws(SystemError) -> [UInt8] {
  guard descriptor >= 0 else { throw SystemError(number: errno) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    if count == 0 { return bytes }
    if count > 0 {
      bytes += chunk.prefix(count)
    } else if errno != EINTR || Interrupt.isRequested {
      throw SystemError(number: errno)
    }
  }
}
