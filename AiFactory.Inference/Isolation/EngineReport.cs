using System.Text.Json.Serialization;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Adapters;

namespace AiFactory.Inference.Isolation;

/// <summary>A line from an engine's process to the worker.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "report")]
[JsonDerivedType(typeof(Reserve), "reserve")]
[JsonDerivedType(typeof(Release), "release")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Dying), "dying")]
[JsonDerivedType(typeof(State), "state")]
[JsonDerivedType(typeof(Done), "done")]
internal abstract record EngineReport
{
    private EngineReport()
    {
    }

    /// <summary>Asks for memory of the worker's budget; nothing else is said until it is answered.</summary>
    /// <param name="What">What it is for, in numbers.</param>
    public sealed record Reserve(long Bytes, string What) : EngineReport;

    /// <summary>Gives memory back that was granted under this number.</summary>
    public sealed record Release(int Id) : EngineReport;

    /// <summary>The model is loaded and the socket answers.</summary>
    /// <param name="TakesAdapters">It generates.</param>
    public sealed record Ready(int ContextLength, long MemoryBytes, bool TakesAdapters) : EngineReport;

    /// <summary>The model cannot be loaded; the process ends.</summary>
    public sealed record Refused(string Message) : EngineReport;

    /// <summary>The process is about to end; what is asked of it from now on is not answered.</summary>
    public sealed record Dying(string Reason) : EngineReport;

    /// <param name="StepSeconds">How long the step has taken that is computed now.</param>
    /// <param name="Measured">Since the last state.</param>
    public sealed record State(double StepSeconds, EngineLoad Load, EngineUsage Usage, AdapterLoad? Adapters, IReadOnlyList<Measured> Measured) : EngineReport;

    /// <summary>To what was asked under this number.</summary>
    /// <param name="IsDone">False when it could not be, and nothing is wrong.</param>
    /// <param name="Refusal">Why not.</param>
    public sealed record Done(int Id, bool IsDone, string? Refusal) : EngineReport;
}
