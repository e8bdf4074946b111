// swift-tools-version: 6.2
import PackageDescription

// One target a floor. A floor imports lower floors only; the compiler refuses the rest
// because the build runs with `--explicit-target-dependency-import-check error`.

/// The processor that the kernels are compiled for. `MFS_BASELINE=1 swift build` selects a build
/// for any x86-64 processor instead of one with AVX2 and FMA.
let baseline = Context.environment["MFS_BASELINE"] != nil
let processor: [SwiftSetting] =
  baseline ? [.define("BASELINE")] : [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])]

/// The processor that `WideKernels` is compiled for: chosen at run time, where there is one.
let wide: [SwiftSetting] = [
  .define("WIDE"), .unsafeFlags(["-Xcc", "-march=x86-64-v4"]),
]

/// Without `errno` a square root is one instruction, on vectors too; nobody here reads `errno`
/// after arithmetic.
let arithmetic: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-fno-math-errno"])]

/// The loops of kernels and of the evaluator reach their memory by pointers; asking at run time
/// whether accesses to a field overlap would cost them a tenth. Tests in debug builds still ask.
let unchecked: [SwiftSetting] = [
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

/// Settings that every floor shares.
let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]

/// A library target: one floor of the house.
func floor(
  _ name: String, imports dependencies: [Target.Dependency], settings: [SwiftSetting] = [],
  resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(name)", exclude: ["README.md"],
    resources: resources, swiftSettings: strict + settings)
}

/// The tests of one floor.
func tests(of name: String, imports dependencies: [Target.Dependency], exclude: [String] = [])
  -> Target
{
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests",
    exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "mfs",
  products: [.executable(name: "mfs", targets: ["mfs"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // Floor 0: C libraries, behind headers without logic.
    .systemLibrary(
      name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    .systemLibrary(
      name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CNcurses", path: "Sources/CNcurses",
      providers: [.apt(["libncurses-dev"])]),
    .systemLibrary(
      name: "CLibedit", path: "Sources/CLibedit", pkgConfig: "libedit",
      providers: [.apt(["libedit-dev"])]),

    .systemLibrary(name: "CProcessor", path: "Sources/CProcessor"),
    .systemLibrary(name: "CMalloc", path: "Sources/CMalloc"),
    .systemLibrary(name: "CFormat", path: "Sources/CFormat"),

    // Floor 1: numbers. The only floor that loops over elements; the loops that gain by it exist
    // once more for wider vectors, from the same sources.
    floor("KernelTables", imports: []),
    floor(
      "WideKernels", imports: ["CProcessor", "KernelTables"],
      settings: wide + arithmetic + unchecked),
    floor(
      "Matrices",
      imports: [
        "COpenBLAS", "CZlib", "CProcessor", "CMalloc", "CFormat", "KernelTables", "WideKernels",
      ],
      settings: processor + arithmetic + unchecked),

    // Floor 2: what every engine learns with.
    floor("Autodiff", imports: ["Matrices"], settings: unchecked),
    floor("Training", imports: ["Matrices"]),

    // Floor 3: what values are, how callable things describe themselves.
    floor("Vocabulary", imports: ["Matrices", "Autodiff", "Training"], settings: unchecked),

    // Floor 4: the engines, the language, the pictures. Siblings.
    floor("Factorization", imports: ["Matrices", "Training", "Vocabulary"]),
    floor("Networks", imports: ["Matrices", "Autodiff", "Training", "Vocabulary"]),
    floor(
      "Language", imports: ["Matrices", "Autodiff", "Training", "Vocabulary", "CProcessor"],
      settings: unchecked),
    floor("Figures", imports: ["Matrices", "Training", "Vocabulary"]),

    // Floor 5: everything a user can call that no engine declares.
    floor(
      "Builtins",
      imports: [
        "Matrices", "Autodiff", "Training", "Vocabulary", "Factorization", "Networks", "Language",
        "Figures",
      ]),

    // Floor 6: who talks to the person. Siblings.
    floor(
      "Shell",
      imports: [
        "Matrices", "Training", "Vocabulary", "Language", "Figures", "Builtins", "CLibedit",
      ]),
    floor("LiveView", imports: ["Matrices", "Training", "Vocabulary", "Figures", "CNcurses"]),

    // Floor 7: options, and who is connected to whom.
    .executableTarget(
      name: "mfs",
      dependencies: [
        "Matrices", "Training", "Vocabulary", "Language", "Builtins", "Shell", "LiveView",
        "CProcessor", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Sources/mfs", exclude: ["README.md"],
      swiftSettings: strict + (baseline ? [.define("BASELINE")] : []),
      // The program brings its runtime along: it starts sooner, and runs where there is no Swift.
      linkerSettings: [
        .unsafeFlags(["-static-stdlib", "-use-ld=lld"]), .linkedLibrary("_FoundationCollections"),
        .linkedLibrary("_FoundationCShims"),
      ]),

    tests(
      of: "Matrices", imports: ["KernelTables", "Matrices"],
      exclude: ["Reference/safetensors_fixtures.py"]),
    tests(of: "Autodiff", imports: ["Autodiff", "Matrices"]),
    tests(of: "Training", imports: ["Training", "Matrices"]),
    tests(of: "Vocabulary", imports: ["Vocabulary", "Matrices", "Training"]),
    tests(
      of: "Factorization", imports: ["Factorization", "Matrices", "Training", "Vocabulary"],
      exclude: ["Reference/scikit-learn.py"]),
    tests(
      of: "Networks",
      imports: ["Networks", "Autodiff", "Matrices", "Training", "Vocabulary", "CAllocations"],
      exclude: [
        "Reference/torch_reference.py", "Reference/torch_layers.py",
        "Reference/torch_layers.json", "Reference/sklearn_metrics.py",
      ]),
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    tests(of: "Language", imports: ["Language", "Matrices", "Vocabulary"]),
    tests(of: "Figures", imports: ["Figures", "Matrices", "Training", "Vocabulary"]),
    tests(
      of: "Builtins",
      imports: ["Builtins", "Language", "Matrices", "Training", "Vocabulary"]),
    tests(of: "Shell", imports: ["Shell", "Builtins", "Language", "Matrices", "Vocabulary"]),
    tests(of: "LiveView", imports: ["LiveView", "Figures", "Matrices", "Training", "Vocabulary"]),
    tests(of: "Product", imports: [], exclude: ["Snapshots"]),
  ]
)

// `Fuzzing/run` feeds made-up programs to the language; an ordinary build knows nothing of it.
if Context.environment["MFS_FUZZ"] != nil {
  let coverage = [SwiftSetting.unsafeFlags(["-sanitize=fuzzer"])]
  for target in package.targets where ["Language", "Builtins"].contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + coverage
  }
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["Builtins", "Language", "Matrices", "Vocabulary"],
      path: "Fuzzing/Sources", swiftSettings: strict + coverage,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
}
