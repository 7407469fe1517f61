using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where a parameter's value comes from: <c>Parameters:{name}</c>, then its default, else it is missing.</summary>
internal static class ParameterValues
{
    public static string Key(string name) => $"Parameters:{name}";

    // A shell cannot set a variable with a hyphen in its name, so Parameters__admin_key stands for admin-key. It is asked first: only a person
    // sets it, while Parameters:admin-key may be what a former start generated and kept in the user secrets.
    public static string? Find(IConfiguration configuration, string name)
        => configuration[Key(name.Replace('-', '_'))] is { Length: > 0 } given ? given
            : configuration[Key(name)] is { Length: > 0 } value ? value
            : null;

    public static string Get(IConfiguration configuration, string name, ParameterDefault? otherwise)
        => Find(configuration, name) ?? otherwise?.GetDefaultValue() ?? throw Missing(name, Key(name));

    public static MissingParameterValueException Missing(string name, string key)
        => new($"Parameter '{name}' has no value: set the environment variable {Variable(key)}, or the setting {key} (for example by 'dotnet user-secrets set {key} VALUE').");

    public static MissingParameterValueException MissingConnectionString(string name)
        => new($"Connection string '{name}' has no value: set the environment variable {Variable($"ConnectionStrings:{name}")}, or the setting ConnectionStrings:{name}.");

    private static string Variable(string key) => key.Replace(":", "__", StringComparison.Ordinal).Replace('-', '_');
}
