import Glibc

/// Opening and reading what may keep one waiting: pipes, terminals. A stop ends every wait.
package enum Waiting {
  /// How often somebody who waits looks whether a stop was asked for, in milliseconds. A signal
  /// comes to another thread and ends no wait here.
  private static let pause: Int32 = 20

  /// A descriptor of a file for reading. A pipe is open when somebody has written into it.
  package static func open(_ path: String) throws -> Int32 {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError.from(errno) }
    do { try wait(for: descriptor) } catch {
      close(descriptor)
      throw error
    }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    return descriptor
  }

  /// Reads what is there, at most as much as there is room for; 0 at the end.
  package static func read(_ descriptor: Int32, into target: UnsafeMutableRawBufferPointer) throws
    -> Int
  {
    while true {
      try wait(for: descriptor)
      // Blocks of at most 4 MiB, so that a stop is seen soon.
      let got = Glibc.read(descriptor, target.baseAddress, min(target.count, 1 << 22))
      if got >= 0 { return got }
      if errno != EINTR { throw FileError.from(errno) }
    }
  }

  /// Waits until a read does not have to wait.
  private static func wait(for descriptor: Int32) throws {
    try Interrupt.check()
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&watched, 1, pause) == 0 { try Interrupt.check() }
  }
}
