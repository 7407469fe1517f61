using System.Text.Json;

namespace AiFactory.Inference.Isolation;

/// <summary>What one instrument measured with one set of tags.</summary>
/// <param name="Sum">Of a counter.</param>
/// <param name="Values">Of a histogram, each.</param>
internal sealed record Measured(string Instrument, Dictionary<string, JsonElement> Tags, double Sum, List<double>? Values);
