namespace AiFactory.Gateway.Oidc;

/// <summary>Why a token was not accepted.</summary>
internal enum TokenFault
{
    Malformed,
    Encrypted,
    TooLong,
    Algorithm,
    UnknownKey,
    Signature,
    Claims,
    Issuer,
    Audience,
    Expired,
    NotYetValid,
}
