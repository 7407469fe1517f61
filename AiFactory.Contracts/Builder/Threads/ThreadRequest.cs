namespace AiFactory.Contracts.Builder.Threads;

/// <param name="Title">At most 200 characters; when null, the beginning of the first message.</param>
/// <param name="Target">Who answers: <c>flow:(name)</c>, <c>agent:(name)</c> or <c>model:(name)</c>.</param>
public sealed record ThreadRequest(string? Title, string? Target);
