using AiFactory.ModelLibrary.Kubernetes;

namespace AiFactory.ModelLibrary.ApprovedModels;

internal sealed record ApprovedModelStatus(string State, long ObservedGeneration, IReadOnlyList<ObjectCondition>? Conditions)
{
    /// <summary>Whether all of the other is said here. Conditions of other writers are none of ours.</summary>
    internal bool Says(ApprovedModelStatus other) =>
        State == other.State && ObservedGeneration == other.ObservedGeneration && (other.Conditions ?? []).All(condition => (Conditions ?? []).Contains(condition));
}
