namespace AiFactory.AppHost.Kubernetes;

/// <summary>Where a secret parameter of the model lies in a cluster.</summary>
/// <param name="Secret">The Secret's name, and its section of values.yaml.</param>
/// <param name="Prefix">What a generated value begins with.</param>
/// <param name="Generated">Whether the chart can make it; otherwise it must be there.</param>
/// <param name="IsLogin">Whether it is a database's, whose operator reads it too.</param>
internal sealed record SecretKey(string Secret, string Key, string Prefix = "", bool Generated = true, bool IsLogin = false)
{
    /// <summary>The secret of the console's client at the identity provider: no parameter of the published model, for most installations have none.</summary>
    public const string IdentityProvider = "oidc_client_secret";

    private const string Password = "_password";

    private static readonly Dictionary<string, SecretKey> Known = new(StringComparer.Ordinal)
    {
        // Earlier charts named it identity-key and put it in projects' namespaces too: by another name an upgrade makes another key.
        ["identity_key"] = new("identity", "signing-key"),
        ["admin_key"] = new("admin", "admin-key", Prefix: "aif_"),
        ["console_token"] = new("console", "console-token"),
        ["objects_access_key"] = new("objects", "access-key", Generated: false),
        [IdentityProvider] = new("oidc", "client-secret", Generated: false),
        ["objects_secret_key"] = new("objects", "secret-key", Generated: false),
    };

    /// <summary>The key in values.yaml under the secret's section that holds the key's name.</summary>
    public string KeyValue => Secret == "objects" ? (Key == "access-key" ? "accessKeyKey" : "secretKeyKey") : "key";

    public static SecretKey Of(string parameter) => parameter.EndsWith(Password, StringComparison.Ordinal)
        ? new SecretKey(parameter[..^Password.Length], "password", IsLogin: true)
        : Known.GetValueOrDefault(parameter) ?? new SecretKey(parameter.Replace('_', '-'), "value");
}
