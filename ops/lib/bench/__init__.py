"""What ops/bench/send and ops/bench/latency stand on."""
