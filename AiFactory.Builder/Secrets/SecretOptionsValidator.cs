using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Secrets;

internal sealed class SecretOptionsValidator : IValidateOptions<SecretOptions>
{
    public ValidateOptionsResult Validate(string? name, SecretOptions options)
    {
        var complaints = options.Secrets.SelectMany(secret => Complaints($"Builder:Secrets:{secret.Key}", secret.Key, secret.Value)).ToList();
        return complaints.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(complaints);
    }

    private static IEnumerable<string> Complaints(string setting, string name, SecretOptions.Secret secret)
    {
        if (!SecretReferences.IsName(name))
        {
            yield return $"{setting}: a secret's name is 1 to 64 letters, digits, '_' and '-'.";
        }

        if (secret.Value.Length == 0 || secret.Value.Any(char.IsControl))
        {
            yield return $"{setting}:Value must not be empty, and has no line breaks.";
        }

        if (secret.Hosts.Count == 0 || secret.Hosts.Any(string.IsNullOrWhiteSpace))
        {
            yield return $"{setting}:Hosts must name the hosts that the secret is sent to.";
        }

        if (secret.Projects.Count == 0 || secret.Projects.Any(string.IsNullOrWhiteSpace))
        {
            yield return $"{setting}:Projects must name the projects whose flows may use the secret.";
        }
    }
}
