"""What operates the flows: server, worker, deployments, and the demonstration."""
