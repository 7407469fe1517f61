using System.Text.RegularExpressions;

namespace AiFactory.AppHost;

internal static partial class AdminKeyExtensions
{
    /// <summary>Adds the parameter that is the first administrator's API key, and refuses one that no key can be.</summary>
    public static IResourceBuilder<ParameterResource> AddAdminKey(this IDistributedApplicationBuilder builder, string name)
    {
        var parameter = builder.AddParameter(name, new ApiKeyDefault(), secret: true, persist: true);
        builder.Eventing.Subscribe<BeforeStartEvent>(async (_, cancellationToken) =>
        {
            if (!ApiKey().IsMatch(await parameter.Resource.GetValueAsync(cancellationToken) ?? ""))
            {
                throw new DistributedApplicationException(
                    $"The parameter '{name}' is not an API key: it must be 'aif_' and then at least 8 letters, digits, '-' or '_'. "
                    + $"Set Parameters__{name.Replace('-', '_')} to one, or leave it out and one is generated.");
            }
        });
        return parameter;
    }

    [GeneratedRegex("^aif_[A-Za-z0-9_-]{8,200}$")]
    private static partial Regex ApiKey();
}
