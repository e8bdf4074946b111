import CProcessor
import Glibc
import KernelTables
import WideKernels

/// Which of the two instances of the kernels runs: the one for AVX-512 where the processor and the
/// system have it, unless `MFS_KERNELS=narrow` asks for the other. Asked once.
enum Chosen {
  static let isWide: Bool = {
    if let wish = getenv("MFS_KERNELS"), strcmp(wish, "narrow") == 0 { return false }
    return mfs_processor_has_avx512()
  }()
}

extension Float {
  package static let narrowKernels = KernelTable<Float>.compiledHere()
  package static let chosenKernels = Chosen.isWide ? WideKernels.single : narrowKernels
}

extension Double {
  package static let narrowKernels = KernelTable<Double>.compiledHere()
  package static let chosenKernels = Chosen.isWide ? WideKernels.double : narrowKernels
}
