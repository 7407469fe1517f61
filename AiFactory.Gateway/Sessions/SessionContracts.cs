using System.Text.Json.Serialization;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Sessions;

/// <summary>One of the two: the token of the sign-in link, or an API key.</summary>
internal sealed record SessionRequest(string? Token, string? Key);

internal sealed record SessionResponse(string Subject, string? Project, IReadOnlyList<string> Roles, bool FactoryWide, IReadOnlyList<string> Permissions)
{
    public static SessionResponse From(InternalIdentity identity) =>
        new(identity.Subject, identity.Project, identity.Roles, identity.FactoryWide, identity.Permissions);
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SessionRequest))]
[JsonSerializable(typeof(SessionResponse))]
internal sealed partial class SessionJson : JsonSerializerContext;
