"""Training of the networks that resnet20-fhe evaluates under encryption."""
