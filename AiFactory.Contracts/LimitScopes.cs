namespace AiFactory.Contracts;

/// <summary>Whose use a limit bounds.</summary>
public static class LimitScopes
{
    public const string Key = "key";

    /// <summary>Someone who signed in, by the subject that was authenticated; never what a request says of its user.</summary>
    public const string User = "user";

    public const string Project = "project";
    public const string Factory = "factory";

    public static IReadOnlyList<string> All { get; } = [Key, User, Project, Factory];
}
