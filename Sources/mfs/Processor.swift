import CProcessor
import Glibc
import Shell

/// The kernels of an ordinary build need a processor with AVX2 and FMA (2013 and later). This file
/// is compiled without them, so that it can say so.
enum Processor {
  static func check() {
    #if !BASELINE && arch(x86_64)
      guard mfs_processor_has_avx2_and_fma() else {
        writeError(
          """
          mfs: this build needs a processor with AVX2 and FMA, which this one has not
          build it for any processor with: MFS_BASELINE=1 swift build -c release

          """)
        exit(1)
      }
    #endif
  }
}
