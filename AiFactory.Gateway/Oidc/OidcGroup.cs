namespace AiFactory.Gateway.Oidc;

/// <summary>One entry of <c>Oidc:Groups</c>: what a group of the identity provider may do, and where.</summary>
internal sealed class OidcGroup
{
    /// <summary>Stands for every project.</summary>
    public const string Everywhere = "*";

    /// <summary>As the provider names it in its claim.</summary>
    public string? Group { get; set; }

    /// <summary>A project's name, or <c>*</c> for the whole factory.</summary>
    public string? Project { get; set; }

    /// <summary>viewer, developer, approver, operator, admin.</summary>
    public IList<string> Roles { get; set; } = [];
}
