using AiFactory.Hosting.Orchestration;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A default that is made once and then kept in user secrets.</summary>
internal sealed class PersistedParameterDefault(UserSecretsStore secrets, string key, ParameterDefault inner) : ParameterDefault
{
    public override string GetDefaultValue()
    {
        if (secrets.Get(key) is { Length: > 0 } kept)
        {
            return kept;
        }

        var value = inner.GetDefaultValue();
        if (!secrets.TrySet(key, value) && secrets.FilePath is { } path)
        {
            throw new DistributedApplicationException($"The generated value of '{key}' cannot be kept: '{path}' cannot be written.");
        }

        return value;
    }

    public override void WriteToManifest(ManifestPublishingContext context) => inner.WriteToManifest(context);
}
