"""Four points, 2–10–2, relu, softmax, SGD 0.1, 1000 steps in TensorFlow."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf

X = tf.constant([[0.0, 0], [0, 1], [1, 0], [1, 1]])
y = tf.constant([0, 1, 1, 0])
tf.keras.utils.set_random_seed(1)
net = tf.keras.Sequential([
    tf.keras.layers.Input((2,)), tf.keras.layers.Dense(10, "relu"), tf.keras.layers.Dense(2, "softmax")])
net.compile(tf.keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
net.fit(X, y, epochs=1000, batch_size=4, verbose=0)
print(net.predict(X, verbose=0), net.evaluate(X, y, verbose=0))
