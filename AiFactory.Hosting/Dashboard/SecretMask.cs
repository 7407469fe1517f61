using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Dashboard;

/// <summary>
/// Hides secrets before they leave this process, because the dashboard shows every variable that it is given. A value is a secret when the
/// model says so (a secret parameter or a connection string is in it), and wherever the text of a secret parameter turns up.
/// </summary>
internal sealed class SecretMask(IEnumerable<IResource> resources)
{
    public const string Masked = "********";

    // Shorter ones would blot out words that merely contain them.
    private const int ShortestSecret = 6;

    private readonly Lazy<string[]> _secrets = new(() => [.. Secrets(resources).OrderByDescending(secret => secret.Length)]);

    public string Hide(string value, bool isSecret) => isSecret && value.Length > 0 ? Masked : HideKnown(value);

    public string HideKnown(string value)
    {
        foreach (var secret in _secrets.Value)
        {
            value = value.Replace(secret, Masked, StringComparison.Ordinal);
        }

        return value;
    }

    private static IEnumerable<string> Secrets(IEnumerable<IResource> resources)
    {
        foreach (var parameter in resources.OfType<ParameterResource>().Where(parameter => parameter.Secret))
        {
            string? value = null;
            try
            {
                value = parameter.Value;
            }
            catch (Aspire.Hosting.DistributedApplicationException)
            {
                // It has no value, and the start says so.
            }

            if (value?.Length >= ShortestSecret)
            {
                yield return value;
            }
        }
    }
}
