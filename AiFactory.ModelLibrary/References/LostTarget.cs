namespace AiFactory.ModelLibrary.References;

/// <summary>A deployment, or a model of an upstream, that is not any more, or not as it was, after what is asked for.</summary>
/// <param name="ForOthersOnly">Its own project has it as before: it is no longer shown to the others.</param>
internal sealed record LostTarget(Guid Id, string Name, bool ForOthersOnly = false)
{
    /// <summary>What those who named it lose between the two; null where that is nothing.</summary>
    internal static LostTarget? Between(Guid id, string name, string task, string visibility, string? taskAfter, string? visibilityAfter) =>
        taskAfter != task ? new LostTarget(id, name)
        : visibilityAfter != visibility && visibility == Deployments.DeploymentValidation.FactoryVisibility ? new LostTarget(id, name, ForOthersOnly: true)
        : null;
}
