using System.Collections.Frozen;

namespace AiFactory.Builder.Steps;

/// <summary>The step types, in the order in which a palette shows them.</summary>
internal sealed class StepCatalogue
{
    private static readonly string[] Order = ["input", "retrieve", "prompt", "model", "agent", "condition", "map", "loop", "http", "transform", "output"];

    private readonly FrozenDictionary<string, IStepType> _types;

    public StepCatalogue(IEnumerable<IStepType> types)
    {
        All = [.. types.OrderBy(type => Array.IndexOf(Order, type.Description.Type)).ThenBy(type => type.Description.Type, StringComparer.Ordinal)];
        _types = All.ToFrozenDictionary(type => type.Description.Type, StringComparer.Ordinal);
    }

    internal IReadOnlyList<IStepType> All { get; }

    internal IStepType? Find(string type) => _types.GetValueOrDefault(type);
}
