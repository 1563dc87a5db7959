"""Services that use several ports: artifact access by run or model, sources of model versions, and gc."""
