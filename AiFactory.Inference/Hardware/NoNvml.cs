namespace AiFactory.Inference.Hardware;

/// <summary>A machine without NVIDIA's driver.</summary>
internal sealed class NoNvml : INvml
{
    public IReadOnlyList<GpuReading> Read() => [];
}
