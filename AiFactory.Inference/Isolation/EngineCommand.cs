using System.Text.Json.Serialization;

namespace AiFactory.Inference.Isolation;

/// <summary>A line from the worker to an engine's process.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(Grant), "grant")]
[JsonDerivedType(typeof(Deny), "deny")]
[JsonDerivedType(typeof(Look), "look")]
[JsonDerivedType(typeof(Stop), "stop")]
[JsonDerivedType(typeof(AddAdapter), "add_adapter")]
[JsonDerivedType(typeof(RemoveAdapter), "remove_adapter")]
internal abstract record EngineCommand
{
    private EngineCommand()
    {
    }

    /// <summary>To <see cref="EngineReport.Reserve"/>: the memory is taken.</summary>
    public sealed record Grant(int Id) : EngineCommand;

    /// <summary>To <see cref="EngineReport.Reserve"/>: it is not there.</summary>
    public sealed record Deny(string Message) : EngineCommand;

    /// <summary>Answered by <see cref="EngineReport.State"/>, whatever the engine does.</summary>
    public sealed record Look : EngineCommand;

    /// <summary>End what runs with a word of why, then the process.</summary>
    public sealed record Stop : EngineCommand;

    /// <summary>Answered by <see cref="EngineReport.Done"/>.</summary>
    /// <param name="File">Verified, and held by who sends this.</param>
    public sealed record AddAdapter(int Id, string Name, string Root, EngineFile File, DateTimeOffset LoadedAt) : EngineCommand;

    /// <summary>Answered by <see cref="EngineReport.Done"/>.</summary>
    public sealed record RemoveAdapter(int Id, string Name, double PatienceSeconds) : EngineCommand;
}
