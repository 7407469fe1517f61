namespace AiFactory.Gateway.Oidc;

/// <summary>What the provider's token endpoint answered (RFC 6749, section 5).</summary>
internal abstract record TokenAnswer
{
    private TokenAnswer()
    {
    }

    public sealed record Given(string? IdToken, string? AccessToken, string? RefreshToken, TimeSpan? ExpiresIn) : TokenAnswer;

    /// <summary>It does not want to.</summary>
    /// <param name="Error">Its code, as <c>invalid_grant</c>.</param>
    public sealed record Refused(string Error) : TokenAnswer;

    /// <summary>It did not answer, or not in words that can be understood.</summary>
    public sealed record Away(string Reason) : TokenAnswer;
}
