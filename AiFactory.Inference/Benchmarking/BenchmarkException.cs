namespace AiFactory.Inference.Benchmarking;

/// <summary>Nothing can be measured; the message says why, for the person at the terminal.</summary>
internal sealed class BenchmarkException(string message, Exception? inner = null) : Exception(message, inner);
