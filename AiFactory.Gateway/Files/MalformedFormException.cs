namespace AiFactory.Gateway.Files;

/// <summary>The form ends in the middle.</summary>
internal sealed class MalformedFormException(string message, Exception inner) : Exception(message, inner);
