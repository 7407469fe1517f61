using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Sessions;

/// <summary>How a sign-in at the identity provider, or the renewal of one, ended.</summary>
internal abstract record SignInOutcome
{
    private SignInOutcome()
    {
    }

    /// <param name="RefreshToken">Null where the provider gives none.</param>
    public sealed record Done(UserSession Session, InternalIdentity Identity, string? RefreshToken) : SignInOutcome;

    /// <param name="Who">Where it is known who it was that may not.</param>
    public sealed record Refused(SignInFault Fault, InternalIdentity? Who = null) : SignInOutcome;
}

/// <summary>Why; the console has a sentence for each (signIn.ts), by its name in lower case.</summary>
internal enum SignInFault
{
    /// <summary>The provider does not answer, or not in words that can be understood.</summary>
    Away,

    /// <summary>The provider knows the person, and says nothing of groups.</summary>
    Claim,

    /// <summary>The person did not want to, or the provider did not let them.</summary>
    Denied,

    /// <summary>It took too long, began in another browser, or was forged.</summary>
    Expired,

    /// <summary>The provider knows the person, and none of their groups may do anything here.</summary>
    Group,

    /// <summary>What the provider gave cannot be trusted, or it refuses this factory's client.</summary>
    Invalid,
}
