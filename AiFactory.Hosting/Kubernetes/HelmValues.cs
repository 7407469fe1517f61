namespace AiFactory.Hosting.Kubernetes;

/// <summary>What a resource puts into values.yaml, by section. A secret's place is there, its value never.</summary>
internal sealed class HelmValues
{
    public const string ParametersSection = "parameters";
    public const string ConfigSection = "config";
    public const string SecretsSection = "secrets";

    public Dictionary<string, object> Parameters { get; } = [];

    public Dictionary<string, object> Config { get; } = [];

    public Dictionary<string, object> Secrets { get; } = [];
}
