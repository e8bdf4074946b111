import Builtins
import Glibc
import Language
import Matrices
import Vocabulary

/// Feeds programs that libFuzzer makes up to everything that reads and runs programs. What must not
/// happen is a trap, a hang or an exhausted stack; what a program means is not of interest, except
/// that formatting keeps it.
@main
enum Fuzz {
  static func main() {
    // As deep as the stack that programs run on.
    let code = Session.withLargeStack { () -> Int32 in
      var count = CommandLine.argc
      var words = CommandLine.unsafeArgv
      return runDriver(&count, &words) { bytes, count in
        Fuzz.feed(UnsafeBufferPointer(start: bytes, count: count))
        return 0
      }
    }
    exit(code)
  }

  /// One program: read as a prompt and as a file, formatted, checked, run.
  static func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
    let text = String(decoding: bytes, as: UTF8.self)
    _ = Session.completeness(of: text)
    checkFormatting(text)
    Watch.shared.start()
    defer { Watch.shared.stop() }
    Memory.limit = Memory.resident + memory
    let session = Session(library: library, context: Context(output: { _ in }, directory: "/none"))
    let source = SourceText(name: "input", text: text)
    do throws(Failure) { try session.check(source) } catch { show(error) }
    do throws(Failure) { try session.run(source, echo: true) } catch { show(error) }
    for (_, value) in session.variables { _ = value.echo(width: 40, height: 10) }
  }

  /// What a program may take at once, and for how long it may run.
  private static let memory = 64 << 20
  static let milliseconds: UInt32 = 100

  private static func show(_ failure: Failure) {
    _ = failure.rendered(style: .plain, width: 60)
    _ = failure.json
  }

  private static func checkFormatting(_ text: String) {
    let source = SourceText(name: "input", text: text)
    guard let first = try? Formatter.format(source) else { return }
    guard let again = try? Formatter.format(SourceText(name: "input", text: first)), again == first
    else {
      fatalError("formatting twice is not formatting once")
    }
    precondition(Formatter.keepsMeaning(source), "formatting changes what the program means")
  }

  /// Everything but what reads or writes files, asks, or waits.
  private static let library: Library = {
    let left: Set = ["write", "save", "read", "load", "data", "ask", "image", "env"]
    return Library(
      StandardLibrary.library.all.filter { !left.contains($0.name) },
      constants: StandardLibrary.library.constants)
  }()
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<Int8>?>>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// What libFuzzer's own entry would call; `main` is ours, because it needs a deep stack.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  Fuzz.feed(UnsafeBufferPointer(start: bytes, count: count))
  return 0
}
