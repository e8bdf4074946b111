import Glibc

/// Ends the process with a code. Where a view was open, as every program ends; else at once, since
/// the threads that libraries would wait for have nothing left to do.
package func leave(_ code: Int32) -> Never {
  fflush(nil)
  if TerminalGuard.knowsExit {
    // What ends the process while a decomposition goes on comes before what was registered earlier.
    TerminalGuard.restore()
    exit(code)
  }
  _exit(code)
}
