"""From ReLU networks to the p-spin model."""
