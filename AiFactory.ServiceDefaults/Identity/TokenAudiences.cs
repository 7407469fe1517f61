namespace AiFactory.ServiceDefaults.Identity;

/// <summary>Whom a token is for. Each side accepts its own alone: a stolen cookie opens no service, and a service's token is no session.</summary>
public static class TokenAudiences
{
    /// <summary>Our services, in <c>Authorization</c>.</summary>
    public const string Service = "service";

    /// <summary>The gateway, in the console's cookie.</summary>
    public const string Console = "console";

    /// <summary>The gateway's model routes, from the builder in a project's name.</summary>
    public const string Builder = "builder";
}
