using System.Text.Json.Serialization;
using AiFactory.Gateway.Oidc;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Sessions;

/// <summary>One of the two: the token of the sign-in link, or an API key.</summary>
internal sealed record SessionRequest(string? Token, string? Key);

internal sealed record SessionResponse(string Subject, string? Project, IReadOnlyList<string> Roles, bool FactoryWide, IReadOnlyList<string> Permissions)
{
    /// <summary>What a person is called, where the identity provider says it.</summary>
    public string? Name { get; init; }

    /// <summary>When it ends unless it is renewed; null for one that ends with its cookie.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether <c>POST /api/session/renewal</c> may put its end off.</summary>
    public bool Renewable { get; init; }

    /// <summary>The projects in which the person may do other things than in the factory as a whole.</summary>
    public IReadOnlyList<SessionProject>? Projects { get; init; }

    public static SessionResponse From(InternalIdentity identity) =>
        new(identity.Subject, identity.Project, identity.Roles, identity.FactoryWide, identity.Permissions);

    public static SessionResponse Of(InternalIdentity identity, OidcUser? user, bool renewable) => user is null ? From(identity) : From(identity) with
    {
        Name = user.Name,
        ExpiresAt = user.ExpiresAt,
        Renewable = renewable,
        Projects = [.. user.Grants.Projects.Select(project => SessionProject.From(project.Key, user.IdentityIn(project.Key)))],
    };
}

internal sealed record SessionProject(string Name, IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions)
{
    public static SessionProject From(string name, InternalIdentity identity) => new(name, identity.Roles, identity.Permissions);
}

/// <param name="Name">What the button says behind "Sign in with"; null where there is no identity provider to sign in at.</param>
internal sealed record ProviderResponse(string? Name);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SessionRequest))]
[JsonSerializable(typeof(SessionResponse))]
[JsonSerializable(typeof(ProviderResponse))]
[JsonSerializable(typeof(UserSession))]
[JsonSerializable(typeof(RenewalTicket))]
[JsonSerializable(typeof(SignInTicket))]
internal sealed partial class SessionJson : JsonSerializerContext;
