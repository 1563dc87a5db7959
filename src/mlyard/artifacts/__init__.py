"""Where artifacts lie: local folders, or a server that proxies them."""
