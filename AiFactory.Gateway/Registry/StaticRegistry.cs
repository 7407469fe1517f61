namespace AiFactory.Gateway.Registry;

/// <summary>The models of <c>models.yaml</c> in force, swapped whole.</summary>
internal sealed class StaticRegistry
{
    private volatile IReadOnlyList<StaticModel> _models = [];

    public IReadOnlyList<StaticModel> Models { get => _models; set => _models = value; }

    /// <summary>Where the service of this model takes the envelope.</summary>
    public string? InferPath(string name) => _models.FirstOrDefault(model => model.Name == name)?.InferPath;
}
