namespace AiFactory.Builder.Secrets;

/// <summary>
/// The settings under <c>Builder:Secrets</c>, which only who runs the factory can give:
/// <code>
/// Builder__Secrets__github__Value=ghp_...
/// Builder__Secrets__github__Hosts__0=api.github.com
/// Builder__Secrets__github__Projects__0=default
/// </code>
/// </summary>
internal sealed class SecretOptions
{
    internal const string Section = "Builder";

    public IDictionary<string, Secret> Secrets { get; } = new Dictionary<string, Secret>(StringComparer.OrdinalIgnoreCase);

    internal sealed class Secret
    {
        private SecretForms? _forms;

        public string Value { get; set; } = "";

        /// <summary>The only ones that it is sent to: <c>host</c> by https, or <c>host:port</c>. An author chooses the address, so without this the secret would be theirs.</summary>
        public IList<string> Hosts { get; } = [];

        /// <summary>The only ones whose flows and tools may name it.</summary>
        public IList<string> Projects { get; } = [];

        /// <summary>Finds it in what comes back.</summary>
        internal SecretForms Forms => _forms ??= SecretForms.Of(Value);

        internal bool IsFor(string project) => Projects.Contains(project, StringComparer.Ordinal);

        internal bool MayGoTo(Uri url) =>
            Hosts.Any(host => host.Equals(url.Authority, StringComparison.OrdinalIgnoreCase) && (url.Scheme == Uri.UriSchemeHttps || host.Contains(':', StringComparison.Ordinal)));
    }
}
