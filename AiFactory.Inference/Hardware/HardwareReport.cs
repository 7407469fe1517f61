using System.Text.Json.Serialization;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Hardware;

/// <summary>What the worker computes on, and why on nothing better.</summary>
/// <param name="Build">Of llama.cpp: cuda, vulkan or cpu.</param>
/// <param name="Reasons">Against builds that would have been better.</param>
/// <param name="Gpus">What NVIDIA's driver says.</param>
internal sealed record HardwareReport(string Hardware, string Build, IReadOnlyList<string> Reasons, IReadOnlyList<LlamaDevice> Devices, IReadOnlyList<GpuReading> Gpus, int Threads, long MemoryBytes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HardwareReport))]
internal sealed partial class HardwareJson : JsonSerializerContext;
