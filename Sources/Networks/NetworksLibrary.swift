import Vocabulary

/// Everything that this floor adds to the language.
package enum NetworksLibrary {
  /// All builtins: layers, optimizers, training, and what prepares data for it.
  package static let builtins: [Builtin] = [
    // Layers
    inputBuiltin, denseBuiltin, flattenBuiltin, conv2dBuiltin, maxpool2dBuiltin, avgpool2dBuiltin,
    rnnBuiltin, gruBuiltin, lstmBuiltin, embeddingBuiltin, nmfLayerBuiltin, mfLayerBuiltin,
    batchnormBuiltin,
    layernormBuiltin, dropoutBuiltin, activationBuiltin, addBuiltin, concatBuiltin,
    uptoBuiltin,
    // Optimizers
    sgdBuiltin, adamBuiltin, adamwBuiltin, rmspropBuiltin, adagradBuiltin,
    stepBuiltin, cosineBuiltin, warmupBuiltin, plateauBuiltin,
    // Training
    trainBuiltin, evaluateBuiltin, accuracyBuiltin,
    // Data
    oneHotBuiltin, splitBuiltin, standardizeBuiltin,
  ]
}
