"""HTTP to a tracking server. A request is retried only where repeating it does no harm."""
