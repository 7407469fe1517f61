using System.Text.Json;
using System.Text.RegularExpressions;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.ModelLibrary.Keys;

/// <summary>What a key may call: what of it is allowed, and how it is kept.</summary>
internal static partial class KeyScopes
{
    private const int MostPatterns = 50;

    /// <summary>Null for one that limits nothing, so that there is one way to say it.</summary>
    internal static string? ToJson(KeyScope? scope)
    {
        var whole = new KeyScope(Distinct(scope?.Models), Distinct(scope?.Operations));
        return whole is { Models.Count: 0, Operations.Count: 0 } ? null : JsonSerializer.Serialize(whole, JsonSerializerOptions.Web);
    }

    internal static KeyScope? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<KeyScope>(json, JsonSerializerOptions.Web);

    internal static void Check(KeyScope? scope, string[] roles, FieldErrors errors)
    {
        if (scope is null || (scope.Models is null or { Count: 0 } && scope.Operations is null or { Count: 0 }))
        {
            return;
        }

        errors.Require(scope.Models is null || scope.Models.Count <= MostPatterns, "scope.models", $"Name at most {MostPatterns} patterns.");
        foreach (var pattern in (scope.Models ?? []).Where(pattern => !Pattern().IsMatch(pattern ?? "")).Take(MostPatterns))
        {
            errors.Add("scope.models", $"'{pattern}' is no pattern of model names: 1 to 128 letters, digits and . _ - / : @ +, and * for any of them.");
        }

        foreach (var operation in (scope.Operations ?? []).Where(operation => !ModelOperations.All.Contains(operation, StringComparer.Ordinal)).Take(MostPatterns))
        {
            errors.Add("scope.operations", $"There is no operation '{operation}'; use {string.Join(", ", ModelOperations.All)}.");
        }

        errors.Require(
            RolePermissions.For(roles).Contains(Permissions.InferenceInvoke, StringComparer.Ordinal),
            "scope",
            $"A scope says which models a key may call, and the roles {string.Join(", ", roles)} may call none: give {Roles.Developer}, or no scope.");
    }

    private static string[] Distinct(IReadOnlyList<string>? texts) => [.. (texts ?? []).Distinct(StringComparer.Ordinal)];

    [GeneratedRegex(@"\A[A-Za-z0-9._/:@+*-]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
