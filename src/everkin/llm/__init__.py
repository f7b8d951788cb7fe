"""Language models: the gateway and its policies, the registry, providers, and the local model."""
