namespace AiFactory.Inference.Hardware;

/// <summary>What a GPU, or a part of one (MIG), says of itself; null where it does not say.</summary>
/// <param name="Id">Its UUID: <c>GPU-...</c> or <c>MIG-...</c>.</param>
/// <param name="Utilization">0 to 1.</param>
/// <param name="Temperature">Degrees Celsius.</param>
/// <param name="Power">Watts.</param>
internal sealed record GpuReading(string Id, string Name, double? Utilization, long? MemoryUsed, long? MemoryTotal, int? Temperature, double? Power);
