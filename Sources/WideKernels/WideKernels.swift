import KernelTables

/// The tables of this target: only for processors with AVX-512 (F, BW, CD, DQ, VL).
package enum WideKernels {
  package static let single = KernelTable<Float>.compiledHere()
  package static let double = KernelTable<Double>.compiledHere()
}
