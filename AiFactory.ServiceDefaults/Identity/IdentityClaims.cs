using System.Text.Json.Serialization;

namespace AiFactory.ServiceDefaults.Identity;

/// <summary>The payload of a token. Times are seconds since 1970.</summary>
internal sealed record IdentityClaims(
    [property: JsonPropertyName("iss"), JsonRequired] string Issuer,
    [property: JsonPropertyName("aud"), JsonRequired] string Audience,
    [property: JsonPropertyName("sub"), JsonRequired] string Subject,
    [property: JsonPropertyName("project")] string? Project,
    [property: JsonPropertyName("fw"), JsonRequired] bool FactoryWide,
    [property: JsonPropertyName("roles"), JsonRequired] string[] Roles,
    [property: JsonPropertyName("perms"), JsonRequired] string[] Permissions,
    [property: JsonPropertyName("dep")] Guid? Deployment,
    [property: JsonPropertyName("link")] string? Link,
    [property: JsonPropertyName("projects")] string[]? Projects,
    [property: JsonPropertyName("iat"), JsonRequired] long IssuedAt,
    [property: JsonPropertyName("exp"), JsonRequired] long ExpiresAt);

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IdentityClaims))]
internal sealed partial class IdentityJson : JsonSerializerContext;
