import Foundation
import Testing

extension ProductTests {
  /// The linker keeps one of several weak symbols of the same name: none that another target may
  /// have, too, must hold instructions of AVX-512 (whose first byte, 62, starts no other).
  @Suite struct WideKernelsTests {
    @Test func nothingThatIsSharedNeedsWideVectors() throws {
      let folder = URL(filePath: Product.binary).deletingLastPathComponent()
        .appending(path: "WideKernels.build")
      let script = """
        cd '\(folder.path)' 2>/dev/null && command -v objdump nm >/dev/null || exit 0
        for file in *.o; do
          nm "$file" | awk '$2 ~ /[WVu]/ && $3 !~ /WideKernels/ { print $3 }' > "$TMPDIR/weak"
          objdump -d -j .text -j '.text.*' "$file" 2>/dev/null | awk -v weak="$TMPDIR/weak" '
            BEGIN { while ((getline name < weak) > 0) shared[name] = 1 }
            /^[0-9a-f]+ </ { name = $2; gsub(/[<>:]/, "", name) }
            /:\\t62 / && shared[name] { print name; }' | sort -u
        done
        """
      let temporary = FileManager.default.temporaryDirectory
        .appending(path: "mfs-weak-\(getpid())")
      try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: temporary) }
      let run = try Product.shell(script, environment: ["TMPDIR": temporary.path])
      #expect(run.output == "")
      #expect(run.status == 0)
    }

    @Test func narrowKernelsGiveTheSameResults() throws {
      let program = """
        seed(3); X = rand(40, 37); print("{sum(exp(X)):.15e} {sum(tanh(X)):.15e}")
        print("{sum(softmax(X, dim=2) .^ 2):.15e}")
        """
      let wide = try Product.run("-e", program)
      #expect(wide.errors == "")
      let narrow = try Product.run("-e", program, environment: ["MFS_KERNELS": "narrow"])
      #expect(narrow.output == wide.output)
    }
  }
}
