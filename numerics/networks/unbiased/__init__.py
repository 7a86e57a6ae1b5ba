"""Networks without biases: losses that are sums of homogeneous functions of the weights, on spheres."""
