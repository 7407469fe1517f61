using AiFactory.Gateway.Authentication;

namespace AiFactory.Gateway.Storage;

/// <param name="Project">The one that the request is about, whose work they see.</param>
internal sealed record WorkCaller(Caller Caller, string Project)
{
    public string Subject => Caller.Identity.Subject;

    /// <summary>Whether work can be done in their name later: only a key can be looked up again, and revoked.</summary>
    public bool HasKey => Caller.KeyId is not null;
}
