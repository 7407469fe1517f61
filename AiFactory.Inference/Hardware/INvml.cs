namespace AiFactory.Inference.Hardware;

/// <summary>NVIDIA's management library, an edge that most machines lack.</summary>
internal interface INvml
{
    /// <summary>The GPUs that this process may use, read now; empty where there are none.</summary>
    IReadOnlyList<GpuReading> Read();
}
