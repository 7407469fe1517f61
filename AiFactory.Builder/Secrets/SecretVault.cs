using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Secrets;

/// <summary>Opens the secrets for one call that is about to be made.</summary>
internal sealed class SecretVault(IOptions<SecretOptions> options)
{
    /// <param name="url">Where the call goes, with anything in the places of secrets.</param>
    internal SecretCall Open(string project, Uri url) => new(options.Value, project, url);
}
