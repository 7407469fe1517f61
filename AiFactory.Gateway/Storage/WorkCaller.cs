using AiFactory.Gateway.Authentication;

namespace AiFactory.Gateway.Storage;

/// <param name="Project">The one that the request is about, whose work they see.</param>
internal sealed record WorkCaller(Caller Caller, string Project)
{
    public string Subject => Caller.Identity.Subject;

    /// <summary>Whose work it is, whichever key of a line of rotations began it.</summary>
    public string Line => Caller.KeyLine ?? Subject;

    /// <summary>Whose work alone they see: a key with a scope is one to give away, and sees what its own line made. Null for who sees all of the project.</summary>
    public string? Only => Caller.Scope is null ? null : Line;

    /// <summary>Whether work can be done in their name later: only a key can be looked up again, and revoked.</summary>
    public bool HasKey => Caller.KeyId is not null;
}
